"""Studies that really train: tiny trials on the built-in digits, in this process or as one of their own."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from core.data.catalogue import known_datasets
from core.places import PROJECT
from core.races.turns import take_place
from core.runs import records
from core.tuning import studies
from core.tuning.asked import arguments, from_texts
from core.tuning.folder import add_mark
from core.tuning.search import Flight, Search, Watcher, work_on
from core.tuning.study import Study, StudySpec
from core.tuning.workers import LocalWorkers

TINY = {
    "frameworks": "numpy_scratch", "dataset": "digits", "architecture": "tiny-mlp", "epochs": "2",
    "threads": "1", "strategy": "grid", "search-learning-rate": "0.001,0.01", "search-batch-size": "32,64",
}  # fmt: skip


def tiny_spec(name: str = "tiny", **changes: str) -> StudySpec:
    """A grid of four trials of a few milliseconds, or something else; an empty text leaves an option out."""
    texts = {key: text for key, text in {**TINY, "name": name, **changes}.items() if text}
    spec, problems = from_texts(texts, known_datasets())
    assert spec, problems
    return spec


def work(artifacts: Path, name: str, watcher: Watcher | None = None, workers: int = 1) -> Study:
    """Works on a study that is there, in this process."""
    studies.begin(artifacts, name)
    with take_place(name, artifacts) as place:
        return work_on(artifacts, name, place, lambda spec: LocalWorkers(artifacts, None, workers), watcher)


def run_study(artifacts: Path, spec: StudySpec, watcher: Watcher | None = None) -> Study:
    """Makes a study and works on it."""
    studies.create(artifacts, spec)
    return work(artifacts, spec.name, watcher, spec.workers)


def search_only(artifacts: Path, spec: StudySpec) -> Study:
    """Makes a study and searches, without the fresh runs, each of which takes seconds to start."""
    studies.create(artifacts, spec)
    return search(artifacts, spec.name)


def search(artifacts: Path, name: str) -> Study:
    """Searches on in a study that is there."""
    add_mark(artifacts, name, "working")
    reader = studies.StudyReader(artifacts, name)
    executor = LocalWorkers(artifacts, None, reader.spec.workers)
    try:
        Search(Flight(reader, executor, Watcher())).run()
    finally:
        executor.close()
    return reader.look()


def start(artifacts: Path, *options: str) -> subprocess.Popen[str]:
    """Starts `python -m core tune …`."""
    command = [sys.executable, "-m", "core", "tune", *options, "--artifacts", str(artifacts)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=PROJECT, stdout=pipe, stderr=pipe, text=True)


def start_study(artifacts: Path, spec: StudySpec, *options: str) -> subprocess.Popen[str]:
    """Starts the command that makes this study."""
    return start(artifacts, *arguments(spec), *options)


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes that train for a study's process."""
    try:
        children = psutil.Process(process.pid).children(recursive=True)
        return [one for one in children if "core.tuning.worker" in one.cmdline()]
    except psutil.NoSuchProcess:
        return []


def found(study: Study) -> dict[str, Any]:
    """What a search found, without times: the same for one that was disturbed."""
    return {
        "trials": [(one.number, one.name, one.status, one.score) for one in study.trials],
        "fits": sorted((fit.run, fit.status, fit.score) for one in study.trials for fit in one.fits),
        "best": study.best,
    }


def check_each_once(artifacts: Path, study: Study) -> None:
    """Every trial has one event, and every fit of a finished study one record, which is its own."""
    lines = (artifacts / ".studies" / study.spec.name / "events.jsonl").read_bytes().splitlines()
    begun = Counter()
    for line in lines:
        event = _event(line)
        if event.get("event") == "trial":
            begun[event["number"], event["epochs"]] += 1
    assert set(begun.values()) == {1}, begun
    assert sorted({number for number, _ in begun}) == list(range(1, len(study.trials) + 1))
    finished = [fit.run for trial in study.trials for fit in trial.fits if fit.status == "finished"]
    assert len(finished) == len(set(finished))
    on_disk = {path.name for path in artifacts.glob(f"{records.FIT}{study.spec.name}-*_metrics.json")}
    assert on_disk == {f"{run}_metrics.json" for run in finished}


def _event(line: bytes) -> dict[str, Any]:
    try:
        return json.loads(line)
    except ValueError:  # half of a line, of a process that was killed
        return {}
