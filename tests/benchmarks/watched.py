"""Whether a race that somebody watches on the Train page is called busy: the page's own cost to it.

    python tests/benchmarks/watched.py [--threads 2] [--epochs 2]

All frameworks train `small-cnn` on MNIST (DIGIT_DERBY_DATA) in a race that is started with a click in a real
Chromium on the same machine, which shows it to its end. Printed for each run: what others had of the machine
(the server, the browser, everybody else), how long its threads waited, and whether the run says that the
machine was busy. Nobody may have anything else to do meanwhile.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from playwright.sync_api import sync_playwright  # noqa: E402

from core import frameworks, places  # noqa: E402
from core.races.race_list import RaceList  # noqa: E402
from support.browser import CHROMIUM_FLAGS, AppServer, find_chromium  # noqa: E402
from support.made_runs import copy_reference_runs  # noqa: E402

LOOK = 2000  # milliseconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as control:
        server = AppServer(copy_reference_runs(Path(folder) / "artifacts"), places.data_dir())
        browser = control.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        try:
            measure(server, browser.new_page(viewport={"width": 1440, "height": 900}), options)
        finally:
            browser.close()
            server.close()


def measure(server: AppServer, page, options: argparse.Namespace) -> None:
    """Starts the race, watches it to its end, prints a line for each run."""
    page.goto(f"{server.url}/train?dataset=mnist&epochs={options.epochs}&threads={options.threads}")
    page.get_by_role("button", name="Start race").click()
    page.wait_for_url("**race=*")
    (name,) = parse_qs(urlsplit(page.url).query)["race"]
    races = RaceList(server.artifacts)
    while (race := races.find(name)) is None or race.active:
        page.wait_for_timeout(LOOK)  # the browser draws only while Playwright listens to it
    print(f"{'':<14}{'train':>9}{'processor':>11}{'others':>9}{'stolen':>9}{'waited':>9}  busy")
    for path in sorted(server.artifacts.glob("*_metrics.json")):
        run = json.loads(path.read_text(encoding="utf-8"))
        if run["race"] == name:
            load, wall = run["load"], run["train_time_sec"]
            shares = [load[key] / wall for key in ("others_s", "stolen_s", "waited_s")]
            figures = "".join(f"{share:>9.1%}" for share in shares)
            title = frameworks.title(run["framework"])
            print(f"{title:<14}{wall:>7.1f} s{run['timing']['cpu_s']:>9.1f} s{figures}  {run['busy']}")


if __name__ == "__main__":
    main()
