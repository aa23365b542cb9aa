"""How soon the app shows its first page, and what the Streamlit process weighs after every page.

    python tests/benchmarks/app.py [--repeat 3]

Bounds: 3 s from the server's first answer, 400 MB.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from playwright.sync_api import sync_playwright  # noqa: E402

from support.browser import CHROMIUM_FLAGS, AppServer, find_chromium  # noqa: E402
from support.made_runs import copy_reference_runs  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    shown, weights = [], []
    with sync_playwright() as control:
        browser = control.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        for _ in range(options.repeat):
            with tempfile.TemporaryDirectory() as folder:
                server = AppServer(copy_reference_runs(Path(folder) / "artifacts"))
                try:
                    shown.append(first_page(browser, server))
                    weights.append(weight_after_every_page(browser, server))
                finally:
                    server.close()
        browser.close()
    for part, seconds in zip(("its heading", "canvas and track"), zip(*shown, strict=True), strict=True):
        each = ", ".join(f"{value:.2f}" for value in seconds)
        print(f"first page, {part}: after {median(seconds):.2f} s (each: {each})")
    print(f"Streamlit process {median(weights):.0f} MB after every page was visited")


def first_page(browser, server: AppServer) -> tuple[float, float]:
    """Seconds from the server's first answer until the page's heading is there, and its canvas and track."""
    began = time.perf_counter()
    page = browser.new_page()
    page.goto(server.url)
    page.get_by_role("heading", level=1).first.wait_for()
    heading = time.perf_counter() - began
    page.locator("canvas.pad-canvas").wait_for()
    page.locator(".replay-track circle").first.wait_for()
    seconds = time.perf_counter() - began
    page.close()
    return heading, seconds


def weight_after_every_page(browser, server: AppServer) -> float:
    """Resident memory of the server process in MB (2²⁰ bytes)."""
    page = browser.new_page()
    for path in sorted((PROJECT / "pages").glob("[!_]*.py")):
        page.goto(f"{server.url}/{path.stem}")
        page.get_by_role("heading", level=1).first.wait_for()
        page.locator("[data-testid=stStatusWidget]").wait_for(state="detached")
    page.close()
    return psutil.Process(server.process.pid).memory_info().rss / 2**20


if __name__ == "__main__":
    main()
