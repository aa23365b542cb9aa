"""Whether a race that somebody watches on the Train page is called busy: the page's own cost to it.

    python tests/benchmarks/watched.py [--threads 2] [--epochs 2]

All frameworks train `small-cnn` on MNIST (DIGIT_DERBY_DATA) while a real Chromium on the same machine shows
the race. Printed for each run: what others had of the machine (the server, the browser, everybody else),
how long its threads waited, and whether the run says that the machine was busy. Nobody may have anything
else to do meanwhile.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from playwright.sync_api import sync_playwright  # noqa: E402

from core import frameworks, places  # noqa: E402
from core.runs import records  # noqa: E402
from support.browser import CHROMIUM_FLAGS, AppServer, find_chromium, wait_for  # noqa: E402
from support.made_runs import copy_reference_runs  # noqa: E402


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
    arguments = ["--dataset", "mnist", "--epochs", str(options.epochs), "--threads", str(options.threads)]
    command = [sys.executable, "-m", "core", "race", *arguments, "--artifacts", str(server.artifacts)]
    race = subprocess.Popen(command, cwd=PROJECT, env=server.env, stdout=subprocess.DEVNULL)
    own = wait_for(
        lambda: [run for run in records.run_names(server.artifacts) if not records.is_reference(run)]
    )
    _, name = records.read_config(server.artifacts, own[0])
    page.goto(f"{server.url}/train?race={urllib.parse.quote(name)}")
    while race.poll() is None:
        page.wait_for_timeout(1000)  # the browser draws only while Playwright listens to it
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
