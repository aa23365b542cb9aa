"""How long the Compare page takes with 1,000 and 10,000 runs, and what it holds in memory.

    python tests/benchmarks/compare.py [1000 10000]

Makes the folders, then opens the page in a fresh process for each (Streamlit's own test runner, which
executes the page as the server does) and prints a line: first view, second view, choosing one run
(seconds, in brackets those of the processor, which another load on the machine leaves alone), files
read in each, memory.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]
VIEWS = ("first", "second", "choose")
LIMITS = {1000: "first 1.5 s, second 0.3 s", 10_000: "first 10 s, memory 600 MB"}


def make_folder(folder: Path, runs: int) -> None:
    """Writes `runs` finished runs of five epochs; every tenth race has predictions."""
    from made_runs import FRAMEWORKS, made_labels, make_run

    labels = made_labels(1000)
    for number in range(runs):
        race, place = divmod(number, len(FRAMEWORKS))
        framework = FRAMEWORKS[place]
        make_run(
            folder, f"2026{race:05d}-100000-{framework}-small-cnn-s{race % 10}", framework, seed=race % 10,
            labels=labels, predictions=race % 10 == 0, batch_size=(32, 64, 128)[race // 10 % 3],
        )  # fmt: skip


def measure(folder: Path) -> dict[str, float]:
    """Opens the page in this process: import of the app is not counted, everything else is."""
    import psutil
    from streamlit.testing.v1 import AppTest

    os.environ["DIGIT_DERBY_ARTIFACTS"] = str(folder)
    reads = [0]

    def watch(event, arguments):
        if event == "open" and str(arguments[0]).endswith("_metrics.json"):
            reads[0] += 1

    sys.addaudithook(watch)
    page = AppTest.from_file(str(PROJECT / "pages" / "compare.py"), default_timeout=120)
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
    found["memory_mb"] = psutil.Process().memory_info().rss / 2**20
    return found


def main() -> None:
    """Measures each size in a process of its own."""
    print(
        f"{'runs':>7} {'first':>12} {'second':>12} {'choose':>12} {'files read':>16} {'memory':>9}   limits"
    )
    for runs in [int(size) for size in sys.argv[1:]] or [1000, 10_000]:
        with tempfile.TemporaryDirectory() as folder:
            make_folder(Path(folder), runs)
            command = [sys.executable, __file__, "--measure", folder]
            done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        files = "/".join(str(found[f"{view}_files"]) for view in VIEWS)
        seconds = " ".join(f"{found[f'{view}_s']:5.2f} ({found[f'{view}_cpu']:.2f})" for view in VIEWS)
        print(f"{runs:7} {seconds} {files:>16} {found['memory_mb']:6.0f} MB   {LIMITS.get(runs, '')}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
    else:
        main()
