"""The README's pictures, taken anew: `python tests/benchmarks/screenshots.py` (MNIST in DIGIT_DERBY_DATA).

A server over the reference runs, a real race of the sprint, a drawn digit; each page light and dark, written
as .github/<name>-<light|dark>.webp. `--study FOLDER NAME` takes the picture of Tune alone, of a finished
study in an artifacts folder: nobody waits for a search here. `--shrink` takes that of the tab Shrink alone.
"""

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from PIL import Image  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from core import places  # noqa: E402
from core.runs import records  # noqa: E402
from support.axe import AT_REST  # noqa: E402
from support.browser import CHROMIUM_FLAGS, AppServer, find_chromium, wait_for, wait_in  # noqa: E402
from support.drawing import draw_digit  # noqa: E402
from support.made_runs import copy_reference_runs  # noqa: E402

FOLDER = PROJECT / ".github"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SHRUNK_RUN = "reference-keras_fit-small-cnn"  # has a variant of every kind
BELOW_THE_HEADER = "(part) => { part.style.scrollMarginTop = '64px'; part.scrollIntoView(); }"
ANSWERS = 'document.querySelectorAll("{}").length >= 5'
# Of the third framework: two have left the line, and the one that trains is past 40 %.
HALFWAY = """() => document.querySelectorAll('.lane[data-state=finished]').length === 2
    && document.querySelector('.lane[data-state=running] .lane-bar')?.ariaValueNow > 40"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--study", nargs=2, metavar=("FOLDER", "NAME"), help="only the picture of this study")
    parser.add_argument("--shrink", action="store_true", help="only the picture of the tab Shrink")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as control:
        artifacts = copy_reference_runs(Path(folder) / "artifacts")
        if options.study:
            shutil.copytree(options.study[0], artifacts, dirs_exist_ok=True)
        server = AppServer(artifacts, places.data_dir())
        browser = control.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        try:
            for scheme in ("light", "dark"):
                pages = {
                    size: browser.new_page(viewport=viewport, color_scheme=scheme)
                    for size, viewport in (("wide", WIDE), ("phone", PHONE))
                }
                if options.study:
                    take_study(server, pages["wide"], options.study[1], scheme)
                elif options.shrink:
                    take_shrink(server, pages["wide"], scheme)
                else:
                    take_all(server, pages["wide"], pages["phone"], scheme)
        finally:
            browser.close()
            server.close()


def take_all(server: AppServer, wide: Page, phone: Page, scheme: str) -> None:
    """Every picture in one colour scheme."""
    for page, name in ((wide, "start"), (phone, "phone")):
        page.goto(server.url)
        draw_until_answered(page, 7, ".rows .row[data-state=ready]")
        save(page, f"{name}-{scheme}")
    take_replay(server, wide, scheme)
    wide.goto(f"{server.url}/compare")
    wide.locator(".js-plotly-plot .main-svg").first.wait_for()
    save(wide, f"compare-{scheme}")
    wide.goto(f"{server.url}/draw")
    draw_until_answered(wide, 2, ".guess[data-state=ready][data-reading]:not([data-reading=''])")
    save(wide, f"draw-{scheme}")
    take_shrink(server, wide, scheme)
    take_race(server, wide, scheme)


def take_replay(server: AppServer, page: Page, scheme: str) -> None:
    """The reference runs on one clock, at the finish."""
    page.goto(f"{server.url}/train?view=replay")
    page.locator(".replay-podium h2").wait_for(timeout=60_000)
    save(page, f"replay-{scheme}")


def take_shrink(server: AppServer, page: Page, scheme: str) -> None:
    """The variants of Keras's reference run, made where they are not there yet."""
    command = [sys.executable, "-m", "core", "shrink", SHRUNK_RUN, "--artifacts", str(server.artifacts)]
    subprocess.run(command, cwd=PROJECT, env=server.env, check=True, stdout=subprocess.DEVNULL)
    page.goto(f"{server.url}/compare?tab=Shrink&runs={SHRUNK_RUN}")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.get_by_role("tablist").evaluate(BELOW_THE_HEADER)
    save(page, f"shrink-{scheme}")


def take_study(server: AppServer, page: Page, study: str, scheme: str) -> None:
    """What came of a search."""
    page.goto(f"{server.url}/tune?study={urllib.parse.quote(study)}")
    page.get_by_role("heading", name="Is the winner real?").wait_for()
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    save(page, f"tune-{scheme}")


def draw_until_answered(page: Page, digit: int, answers: str) -> None:
    """Draws and waits for five answers."""
    page.locator("canvas.pad-canvas").wait_for()
    draw_digit(page, digit)
    page.wait_for_function(ANSWERS.format(answers), timeout=120_000)


def take_race(server: AppServer, page: Page, scheme: str) -> None:
    """A race of the sprint while its third framework trains."""
    command = [sys.executable, "-m", "core", "race", "--architecture", "sprint"]
    race = subprocess.Popen(
        [*command, "--artifacts", str(server.artifacts)],
        cwd=PROJECT, env=server.env, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    known = set(records.run_names(server.artifacts))
    run = wait_for(lambda: next(iter(set(records.run_names(server.artifacts)) - known), None))
    _, name = records.read_config(server.artifacts, run)
    page.goto(f"{server.url}/train?race={urllib.parse.quote(name)}")
    page.locator('.lane[data-state="finished"]').nth(1).wait_for(timeout=120_000)
    page.wait_for_function(HALFWAY, timeout=60_000)
    save(page, f"race-{scheme}")
    race.terminate()
    race.wait()
    for left in set(records.run_names(server.artifacts)) - known:  # or the other scheme would show them
        records.delete_run(server.artifacts, left)


def save(page: Page, name: str) -> None:
    """What the page shows, as it is known under this name."""
    page.evaluate("document.fonts.ready")
    wait_in(page, AT_REST)
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    picture.save(FOLDER / f"{name}.webp", quality=82, method=6)


if __name__ == "__main__":
    main()
