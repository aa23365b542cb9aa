"""What warm workers save, what a trial costs beside its training, how soon a large study is open again.

    python tests/benchmarks/tuning.py [--trials 40] [--workers 2] [--only workers,reopen]

workers   a search of 40 trials of tiny-mlp on the built-in digits, three epochs each, in PyTorch and in
          Keras, beside as many training processes of the same trials one after another; at most 0.35 of it.
          Overhead of a trial: what a worker spends on it beyond its steps and its validation. Memory: of a
          worker, resident, after its last trial
reopen    reading a study of 1,000 trials, whose results are made up, from its files in a fresh process;
          at most 2 seconds

A search is measured whole: the workers' start, their imports, the study's own records; not the fresh runs
after it. Wants a quiet machine; the training processes take minutes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean

import psutil

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from core.frameworks import title  # noqa: E402
from core.runs import records  # noqa: E402
from core.tuning import studies  # noqa: E402
from core.tuning.executors import Done, Executor  # noqa: E402
from core.tuning.fits import Fit  # noqa: E402
from core.tuning.search import Flight, Search, Watcher  # noqa: E402
from core.tuning.study import Study, StudySpec  # noqa: E402
from core.tuning.workers import LocalWorkers  # noqa: E402
from support.made_runs import made_metrics  # noqa: E402
from support.real_studies import tiny_spec  # noqa: E402

MEASURED = ("pytorch", "keras_fit")
MOST_OF_PROCESSES, MOST_SECONDS = 0.35, 2.0
REOPENED = 1000  # trials
PARTS = ("workers", "reopen")


def main() -> None:
    options = parse()
    for part in options.only.split(","):
        {"workers": workers, "reopen": reopen}[part](options)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time and memory of a study.")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--frameworks", default=",".join(MEASURED))
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between them")
    options = parser.parse_args()
    if unknown := set(options.only.split(",")) - set(PARTS):
        parser.error(f"no part is called {', '.join(unknown)}; choose from {', '.join(PARTS)}")
    return options


def random_spec(framework: str, trials: int, workers: int, epochs: int) -> StudySpec:
    """Learning rates at random, all else as the preset says."""
    return tiny_spec(
        "measured", frameworks=framework, trials=str(trials), workers=str(workers), epochs=str(epochs),
        strategy="random", **{"search-learning-rate": "log:1e-4..1e-1", "search-batch-size": ""},
    )  # fmt: skip


def search(artifacts: Path, spec: StudySpec, executor: Executor) -> Study:
    """Searches, without the fresh runs at the end."""
    studies.create(artifacts, spec)
    reader = studies.StudyReader(artifacts, spec.name)
    Search(Flight(reader, executor, Watcher())).run()
    return reader.look()


# ── workers ─────────────────────────────────────────────────────────────────────────


def workers(options: argparse.Namespace) -> None:
    print(f"\n| {options.trials} trials, {options.workers} workers | processes, s | search, s | of it |")
    print("|---|---:|---:|---:|")
    beside = []
    for name in options.frameworks.split(","):
        spec = random_spec(name, options.trials, options.workers, options.epochs)
        with tempfile.TemporaryDirectory() as folder:
            seconds, held = timed_search(Path(folder), spec)
            fits = [fit for trial in studies.read(Path(folder), spec.name).trials for fit in trial.fits]
            assert [fit.status for fit in fits] == ["finished"] * options.trials
            own = [training_seconds(Path(folder), fit.run) for fit in fits]
            alone = in_processes(Path(folder), [fit.run for fit in fits])
        share = seconds / alone
        verdict = "" if share <= MOST_OF_PROCESSES else " TOO MUCH"
        print(f"| {title(name)} | {alone:.1f} | {seconds:.1f} | {share:.2f}{verdict} |", flush=True)
        beside.append((title(name), seconds * options.workers / len(fits) - mean(own), max(held)))
    print("\n| a trial's overhead, imports shared out | s | memory of a worker, MB |")
    print("|---|---:|---:|")
    for name, overhead, memory in beside:
        print(f"| {name} | {overhead:.2f} | {memory:.0f} |")


def timed_search(artifacts: Path, spec: StudySpec) -> tuple[float, list[float]]:
    """Seconds of the search, and what each worker holds at its end, in MB (2²⁰ bytes)."""
    began = time.perf_counter()
    executor = LocalWorkers(artifacts, None, spec.workers)
    try:
        search(artifacts, spec, executor)
        seconds = time.perf_counter() - began
        held = [psutil.Process(pid).memory_info().rss / 2**20 for pid in executor.pids()]
    finally:
        executor.close()
    return seconds, held


def training_seconds(artifacts: Path, run: str) -> float:
    """Steps and validation of a trial."""
    result = records.read_object(records.metrics_path(artifacts, run))
    timing = result["timing"]
    return result["train_time_sec"] + timing["first_step_s"] + timing["validation_s"]


def in_processes(artifacts: Path, runs: list[str]) -> float:
    """Seconds of the same trials, each in a process of its own, one after another."""
    fits = [
        Fit("apart", number, records.read_config(artifacts, run)[0]) for number, run in enumerate(runs, 1)
    ]
    began = time.perf_counter()
    for fit in fits:
        fit.prepare(artifacts)
        config = records.run_dir(artifacts, fit.run) / "config.json"
        command = [sys.executable, "-m", "core", "train", str(config)]
        subprocess.run(command, cwd=PROJECT, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


# ── a large study ───────────────────────────────────────────────────────────────────


class MadeUp:
    """An executor that trains nothing: results are made up at once."""

    width = 1

    def __init__(self, artifacts: Path) -> None:
        self._artifacts = artifacts
        self._done: list[Done] = []

    def submit(self, fit: Fit) -> None:
        fit.prepare(self._artifacts)
        records.write_json(records.metrics_path(self._artifacts, fit.run), made_result(fit))
        self._done.append(Done(fit, "finished"))

    def wait(self, timeout: float) -> list[Done]:
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        self._done = []


def made_result(fit: Fit) -> dict:
    """What a fit's metrics file holds, as large as a real one's."""
    accuracy = 0.9 + 0.05 * (fit.config.learning_rate * 1e6 % 1)
    tested = {"test_accuracy": accuracy, "test_loss": 1 - accuracy, "confusion": []}
    metrics = made_metrics(fit.config, fit.run, tested)
    kept = {
        key: metrics[key] for key in metrics if key not in (*tested, "curve", "model_bytes", "predict_ms")
    }
    return kept | fit.mark() | {"val_accuracy": accuracy, "val_loss": 1 - accuracy}


READ = """
import json, sys, time
from pathlib import Path
began = time.perf_counter()
from core.tuning import studies
study = studies.read(Path(sys.argv[1]), "measured")
seconds = time.perf_counter() - began
print(json.dumps([seconds, len(study.trials), study.best]))
"""


def reopen(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder)
        search(artifacts, random_spec("pytorch", REOPENED, 1, options.epochs), MadeUp(artifacts))
        asked = [sys.executable, "-c", READ, folder]
        said = [
            json.loads(subprocess.run(asked, cwd=PROJECT, capture_output=True, check=True).stdout)
            for _ in range(3)
        ]
    assert all(trials == REOPENED and best for _, trials, best in said)
    seconds = sorted(one[0] for one in said)[1]
    verdict = "" if seconds <= MOST_SECONDS else " TOO SLOW"
    print(f"\na study of {REOPENED:,} trials is read in {seconds:.2f} s, imports included{verdict}")


if __name__ == "__main__":
    main()
