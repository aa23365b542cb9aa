"""How long the Compare page takes with 1,000 and 10,000 runs, and what it holds in memory.

    python tests/benchmarks/compare.py [1000 10000]

Makes the folders, then opens the page in a fresh process for each (Streamlit's own test runner, which
executes the page as the server does) and prints a line: the first view until its table is there and
until its end, second view, choosing one run, files read in each, memory. "cold": the page is the first
thing that a fresh server shows.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]
VIEWS = ("first", "second", "choose")
LIMITS = {1000: "table 1.5 s, second 0.3 s", 10_000: "first 10 s, memory 600 MB"}


def make_folder(folder: Path, runs: int) -> None:
    """Writes `runs` finished runs of five epochs; every tenth race has predictions."""
    from support.made_runs import FRAMEWORKS, made_labels, make_finished_run

    labels = made_labels(1000)
    for number in range(runs):
        race, place = divmod(number, len(FRAMEWORKS))
        framework = FRAMEWORKS[place]
        make_finished_run(
            folder, f"2026{race:05d}-100000-{framework}-small-cnn-s{race % 10}", framework, seed=race % 10,
            labels=labels, predictions=race % 10 == 0, batch_size=(32, 64, 128)[race // 10 % 3],
        )  # fmt: skip


def measure(folder: Path, cold: bool) -> dict[str, float]:
    """Opens the page in this process.

    Args:
        folder: the results.
        cold: the page is the first thing that the server does, with all its imports; otherwise the
            visitor comes from the start page, which loads them in the background.
    """
    import psutil
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    os.environ["DIGIT_DERBY_ARTIFACTS"] = str(folder)
    reads = [0]

    def watch(event, arguments):
        if event == "open" and str(arguments[0]).endswith("_metrics.json"):
            reads[0] += 1

    page = AppTest.from_file(str(PROJECT / ("pages/compare.py" if cold else "app.py")), default_timeout=120)
    if not cold:
        page.run()
        next(thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)).join()
        page.switch_page("pages/compare.py")
    sys.addaudithook(watch)
    show_table, shown_at = st.dataframe, []

    def note_table(*args, **kwargs):
        chosen = show_table(*args, **kwargs)
        shown_at.append(time.perf_counter())
        return chosen

    st.dataframe = note_table
    found = {}
    for view in VIEWS:
        if view == "choose":
            page.query_params["runs"] = sorted(os.listdir(folder))[-1].removesuffix("_metrics.json")
        reads[0] = 0
        began, processor = time.perf_counter(), time.process_time()
        page.run()
        found[f"{view}_s"] = time.perf_counter() - began
        found[f"{view}_cpu"] = time.process_time() - processor
        found[f"{view}_files"] = reads[0]
        assert not page.exception, page.exception
        assert len(page.dataframe[0].value) == len(list(folder.glob("*_metrics.json")))
        found.setdefault("table_s", shown_at[0] - began)
    found["memory_mb"] = psutil.Process().memory_info().rss / 2**20
    return found


def main() -> None:
    """Measures each size in processes of its own."""
    print("seconds (of the processor alone in brackets)")
    heads = " ".join(f"{view:>12}" for view in VIEWS)
    print(f"{'runs':>6} {'':<6} {'table':>6} {heads} {'files read':>15} {'memory':>8}   limits")
    for runs in [int(size) for size in sys.argv[1:]] or [1000, 10_000]:
        with tempfile.TemporaryDirectory() as folder:
            make_folder(Path(folder), runs)
            for start in ("", "cold"):
                command = [sys.executable, __file__, "--measure", folder, start]
                done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
                if done.returncode:
                    sys.exit(done.stderr)
                found = json.loads(done.stdout.splitlines()[-1])
                files = "/".join(str(found[f"{view}_files"]) for view in VIEWS)
                seconds = " ".join(
                    f"{found[f'{view}_s']:5.2f} ({found[f'{view}_cpu']:.2f})" for view in VIEWS
                )
                memory = f"{found['memory_mb']:5.0f} MB   {LIMITS.get(runs, '')}"
                print(f"{runs:6} {start:<6} {found['table_s']:6.2f} {seconds} {files:>15} {memory}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3] == "cold")))
    else:
        main()
