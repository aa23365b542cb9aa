"""The first step of a run, taken once in every framework: real shapes and values for the code's steps.

`python -m core.lessons.one_batch RUN` measures in processes of their own, one for each runtime, and
keeps what was measured in `artifacts/.one-batch/`; RUN is "-" where no run is there to take it from.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from core import frameworks
from core.architectures import initial_weights
from core.charts.colours import order
from core.config import RunConfig
from core.data.catalogue import DatasetError, find_dataset
from core.lessons import one_batch_process, watching
from core.machine import processes
from core.machine.environment import thread_environment
from core.places import artifacts_dir
from core.runs import records
from core.runs.writing import alone_with

SCHEMA = 1
FOLDER = ".one-batch"  # hidden: no reader of runs looks into it
NO_RUN = "-"
KEPT = 20  # records, some 30 kB each
PATIENCE = 600  # seconds for the exhibits of one runtime, on a machine that is busy with others' work


@dataclass(frozen=True)
class Subject:
    """Whose first step it is: a run's, or the plain recipe's, with the data that are there."""

    run: str | None
    config: RunConfig

    @property
    def built_in(self) -> bool:
        """Whether the built-in digits stand in for the run's own data."""
        return self.config.dataset == "digits"


def subject(artifacts: Path, run: str | None = None) -> Subject:
    """The run that is asked for, else the newest own one that finished, else a reference run.

    A run that went on from another's weights, or with the visitor's own digits, is passed over: its
    first step cannot be taken again in every framework.
    """
    for name in [run] if run else _candidates(artifacts):
        try:
            config, _ = records.read_config(artifacts, name)
        except records.RecordError:
            continue
        if config.start_from is None and not config.own_digits:
            return Subject(name, _with_data_there(config))
    return Subject(None, _with_data_there(RunConfig.from_preset("pytorch")))


def _candidates(artifacts: Path) -> list[str]:
    names = [name for name in records.run_names(artifacts) if records.metrics_path(artifacts, name).is_file()]
    own = [name for name in names if not records.is_reference(name)]
    newest = sorted(own, key=lambda name: records.metrics_path(artifacts, name).stat().st_mtime, reverse=True)
    return newest + [name for name in names if name == "reference-pytorch-small-cnn"]


def _with_data_there(config: RunConfig) -> RunConfig:
    """The same, on the built-in digits where the run's own data are not on this machine."""
    changes: dict[str, Any] = {"device": "cpu"}
    try:
        there = all(path.exists() for path in find_dataset(config.dataset).paths())
    except DatasetError:
        there = False
    if not there:
        changes |= {
            "dataset": "digits", "dataset_content": None, "classes": 10, "validation_size": 0,
            "train_size": None, "folds": None, "fold": None,
        }  # fmt: skip
    return config.model_copy(update=changes)


# ── what is kept ────────────────────────────────────────────────────────────────────


def record_path(artifacts: Path, about: Subject) -> Path:
    """Where the record of this first step lies: another for other code, versions or settings."""
    sources = {name: frameworks.source(name) for name in frameworks.names()}
    watcher = [Path(str(module.__file__)).read_text("utf-8") for module in (one_batch_process, watching)]
    config = about.config.model_dump(mode="json", exclude={"framework", "threads"})
    text = json.dumps([SCHEMA, config, _versions(), sources, watcher], sort_keys=True)
    return artifacts / FOLDER / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"


@cache
def _versions() -> dict[str, str]:
    return {package: _version(package) for package in frameworks.packages().values()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def read(path: Path) -> dict[str, dict[str, Any]]:
    """What was measured, by framework; empty where nothing was, or where the file cannot be read.

    A framework that failed has {"error": …} alone.
    """
    try:
        return records.read_object(path)["frameworks"]
    except (records.RecordError, KeyError):
        return {}


def is_whole(measured: Collection[str]) -> bool:
    """Whether every framework was measured, or was tried."""
    return set(measured) >= set(frameworks.names())


def _keep(path: Path, measured: dict[str, dict[str, Any]]) -> None:
    with records.writing(path.parent):
        records.write_json(path, {"schema": SCHEMA, "frameworks": measured})
        others = sorted(path.parent.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in others[KEPT:]:
            old.unlink(missing_ok=True)


# ── measuring ───────────────────────────────────────────────────────────────────────


def start(artifacts: Path, about: Subject) -> subprocess.Popen[bytes]:
    """Starts measuring in the background; what is done can be read from `record_path` bit by bit.

    Raises:
        OSError: the system cannot start a process.
    """
    return processes.start(
        __name__,
        about.run or NO_RUN,
        variables={"DIGIT_DERBY_ARTIFACTS": str(artifacts), **thread_environment(1, "cpu", "numpy")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def measure(artifacts: Path, about: Subject) -> dict[str, dict[str, Any]]:
    """Lets every exhibit take the step, unless that was done before; waits for who measures already.

    An exhibit that failed before tries again.

    Raises:
        core.data.catalogue.DatasetError: the data cannot be used.
        core.runs.records.RecordError: the record cannot be kept.
    """
    path = record_path(artifacts, about)
    with records.writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    with alone_with(path.parent / ".lock"):
        measured = {name: told for name, told in read(path).items() if "error" not in told}
        if is_whole(measured):
            return measured
        images, labels = first_batch(about.config)
        missing = [name for name in order(frameworks.names()) if name not in measured]
        names = sorted(missing, key=frameworks.runtime)
        groups = [list(group) for _, group in groupby(names, frameworks.runtime)]
        for group in sorted(groups, key=len):  # the quickest first
            measured |= _measure_together(group, about.config, images, labels)
            _keep(path, measured)
    return measured


def first_batch(config: RunConfig) -> tuple[np.ndarray, np.ndarray]:
    """Images (B, 28, 28, 1) float32 and labels (B,) int64: the first that a run of this config meets.

    Raises:
        core.data.catalogue.DatasetError: the data cannot be used.
    """
    from core.data.datasets import prepare_data

    return next(iter(prepare_data(config, with_test=False).train.batches(0)))


def _measure_together(
    names: Sequence[str], config: RunConfig, images: np.ndarray, labels: np.ndarray
) -> dict[str, dict[str, Any]]:
    """What each exhibit of one runtime did, or why there is nothing."""
    shared = initial_weights(config.network, config.seed) if config.protocol == "controlled" else []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        task = {"names": list(names), "config": config.model_dump(mode="json"), "weights": len(shared)}
        (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
        arrays = {f"weight_{number}": array for number, array in enumerate(shared)}
        np.savez(folder / "batch.npz", images=images, labels=labels, **arrays)  # type: ignore[arg-type]
        variables = thread_environment(1, "cpu", frameworks.runtime(names[0]))
        try:
            ended = processes.run(one_batch_process.__name__, place, variables=variables, timeout=PATIENCE)
            reason = _last_words(ended.stderr, ended.returncode)
        except subprocess.TimeoutExpired:
            reason = f"no answer within {PATIENCE} seconds"
        return {name: _told(folder / f"{name}.json", reason) for name in names}


def _last_words(said: str, code: int) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return (lines[-1] if lines else f"exit code {code}")[:200]


def _told(path: Path, reason: str) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"error": reason}


def main(run: str) -> int:
    """What the process of `start` does; why it failed is the last line of its errors."""
    processes.give_way()
    artifacts = artifacts_dir()
    try:
        measure(artifacts, subject(artifacts, None if run == NO_RUN else run))
    except (DatasetError, records.RecordError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
