"""Every metrics file in `artifacts/` as one table; a file that cannot be used is named, the rest shown.

The table keeps one flat row a run. History, confusion matrix and predictions stay on disk and are
read only for the runs that somebody chose, so 10,000 runs fit in memory. A file is read again only
when its time or size changed.
"""

import math
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from core import records
from core.evaluation import wilson_interval
from core.records import RecordError

MAX_FILE_BYTES = 10 * 2**20  # a metrics file of 200 epochs has some 60 kB

# What a metrics file may hold, by type. The first row of each is what every notebook writes.
NUMBERS = (
    "test_accuracy", "test_loss", "train_time_sec", "params", "epochs", "effective_loc",
    "seed", "images_per_second", "peak_memory_mb", "model_bytes", "predict_ms",
)  # fmt: skip
TEXTS = ("framework", "device", "dataset", "architecture", "protocol", "status", "race", "created")
FLAT = NUMBERS[:6] + TEXTS[:2]
TIMING = ("import_s", "data_s", "build_s", "first_step_s", "validation_s", "test_s")
CONFIG = (
    "batch_size", "optimizer", "learning_rate", "momentum", "schedule", "decay", "augment", "scaling",
    "validation_size", "train_size", "start_from", "own_digits",
)  # fmt: skip
CONFIG_NUMBERS = ("batch_size", "learning_rate", "momentum", "decay", "validation_size", "train_size")
ENVIRONMENT = ("machine", "cpu", "threads")
COLUMNS = (
    "run", "title", "remark", "origin", "framework", "architecture", "dataset", "protocol", "seed", "device",
    "test_accuracy", "accuracy_low", "accuracy_high", "train_time_sec", "images_per_second", "params",
    "effective_loc", "model_bytes", "predict_ms", "peak_memory_mb", "status", "test_loss", "epochs",
    *CONFIG, *ENVIRONMENT, *TIMING, "test_images", "race", "created",
)  # fmt: skip
_COUNTS = ("params", "epochs", "effective_loc", "seed", "model_bytes", *CONFIG_NUMBERS[:1], "threads")


# ── one file ────────────────────────────────────────────────────────────────────────


def read_row(path: Path) -> dict[str, Any]:
    """The flat row of one metrics file; what the file lacks is NaN (numbers) or None (text).

    Raises:
        RecordError: not a readable JSON object, a value of the wrong kind, or no result in it.
    """
    metrics = read_metrics(path)
    row: dict[str, Any] = {key: _number(metrics, key) for key in NUMBERS}
    row |= {key: _text(metrics, key) for key in TEXTS}
    if all(_missing(row[key]) for key in FLAT):
        raise RecordError(f"holds none of the keys of a result ({', '.join(FLAT[:3])}, …)")
    if row["test_accuracy"] > 1:
        raise RecordError(f"test_accuracy is {row['test_accuracy']:g}; a fraction from 0 to 1 belongs there")
    config, environment = _object(metrics, "config"), _object(metrics, "environment")
    timing = _object(metrics, "timing")
    row |= {key: _scalar(config, key) for key in CONFIG}
    row |= {key: _number(config, key) for key in CONFIG_NUMBERS}
    row |= {"machine": _text(environment, "machine"), "cpu": _text(environment, "cpu")}
    row["threads"] = _number(config if config.get("threads") is not None else environment, "threads")
    row |= {key: _number(timing, key) for key in TIMING}
    row["test_images"] = _test_images(metrics.get("confusion"))
    return row


def read_metrics(path: Path) -> dict[str, Any]:
    """The whole object of one metrics file.

    Raises:
        RecordError: not a file, too large, not JSON or not an object.
    """
    if not path.is_file():
        raise RecordError("is not a file" if path.exists() else "is gone")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise RecordError(f"is larger than {MAX_FILE_BYTES // 2**20} MB")
    return records.read_object(path)


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _number(source: dict[str, Any], key: str) -> float:
    value = source.get(key)
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecordError(f"{key} holds {_shown(value)} where a number belongs")
    if value < 0:
        raise RecordError(f"{key} is {_shown(value)}; it cannot be negative")
    try:
        return float(value) if math.isfinite(value) else math.nan
    except OverflowError:
        raise RecordError(f"{key} is too large a number") from None


def _text(source: dict[str, Any], key: str) -> str | None:
    value = source.get(key)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and math.isnan(value):
        return None
    raise RecordError(f"{key} holds {_shown(value)} where text belongs")


def _scalar(source: dict[str, Any], key: str) -> str | float | bool | None:
    value = source.get(key)
    if isinstance(value, dict | list):
        raise RecordError(f"{key} holds {_shown(value)} where a single value belongs")
    return value


def _object(source: dict[str, Any], key: str) -> dict[str, Any]:
    value = source.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RecordError(f"{key} holds {_shown(value)} where an object belongs")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}…"


def confusion_matrix(value: Any) -> list[list[int]]:
    """A run's confusion matrix as it was read, checked.

    Raises:
        RecordError: missing, not square, or not counts.
    """
    if value is None:
        raise RecordError("the file holds no confusion matrix")
    square = isinstance(value, list) and all(
        isinstance(row, list) and len(row) == len(value) for row in value
    )
    if (
        not square
        or not value
        or not all(type(count) is int and count >= 0 for row in value for count in row)
    ):
        raise RecordError("the confusion matrix is not a square of counts")
    return value


def _test_images(confusion: Any) -> float:
    try:
        return float(sum(map(sum, confusion_matrix(confusion)))) or math.nan
    except RecordError:
        return math.nan


# ── all files ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Results:
    """What a folder holds: one row a run, the files that could not be read, runs without a result."""

    frame: pd.DataFrame  # COLUMNS, newest first, indexed by run
    problems: dict[str, str]  # file name → reason
    unfinished: list[str] = field(default_factory=list)  # runs with a folder but no metrics file
    version: int = 0  # another number whenever something changed


class ResultsReader:
    """Reads a folder's metrics files and remembers them; safe to share between threads."""

    def __init__(self, artifacts: Path):
        self.artifacts = artifacts
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[tuple, dict[str, Any] | str]] = {}  # file → (stamp, row or reason)
        self._results = Results(_frame([]), {})

    def read(self) -> Results:
        """The folder as it is now; reads only what is new or changed, drops what is gone."""
        with self._lock:
            files, folders = _scan(self.artifacts)
            seen = {name: self._entry(name, entry, folders) for name, entry in files.items()}
            unfinished = sorted(folders - {name.removesuffix(records.METRICS_SUFFIX) for name in files})
            unfinished = [run for run in unfinished if (self.artifacts / run / "config.json").is_file()]
            if unfinished != self._results.unfinished or not _same(seen, self._seen):
                rows = [row for _, row in seen.values() if isinstance(row, dict)]
                problems = {name: reason for name, (_, reason) in seen.items() if isinstance(reason, str)}
                self._results = Results(_frame(rows), problems, unfinished, self._results.version + 1)
            self._seen = seen
            return self._results

    def _entry(self, name: str, entry: os.DirEntry, folders: set[str]) -> tuple[tuple, dict | str]:
        run = name.removesuffix(records.METRICS_SUFFIX)
        stamp = (_stamp(entry.path), *_notes_stamp(self.artifacts / run if run in folders else None))
        if name in self._seen and self._seen[name][0] == stamp:
            return self._seen[name]
        try:
            records.check_name(run)
            return stamp, {**read_row(Path(entry.path)), **_described(self.artifacts, run, stamp)}
        except RecordError as error:
            return stamp, str(error).removeprefix(f"{name} ")
        except OSError as error:
            return stamp, f"cannot be read: {error.strerror or error}"


def _same(new: dict[str, tuple], old: dict[str, tuple]) -> bool:
    return new.keys() == old.keys() and all(new[name] is old[name] for name in new)


def _scan(artifacts: Path) -> tuple[dict[str, os.DirEntry], set[str]]:
    if not artifacts.is_dir():
        return {}, set()
    with os.scandir(artifacts) as entries:
        found = [entry for entry in entries if not entry.name.startswith(".")]
    files = {entry.name: entry for entry in found if entry.name.endswith(records.METRICS_SUFFIX)}
    return files, {entry.name for entry in found if entry.is_dir() and entry.name not in files}


def _stamp(path: str) -> tuple[int, ...] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size


def _notes_stamp(folder: Path | None) -> tuple[bool, tuple[int, ...] | None]:
    if folder is None:
        return False, None
    return os.path.exists(f"{folder}/config.json"), _stamp(f"{folder}/notes.json")


def _described(artifacts: Path, run: str, stamp: tuple) -> dict[str, str | None]:
    _, trained_here, has_notes = stamp
    origin = "reference" if records.is_reference(run) else "own" if trained_here else "imported"
    notes = {"title": "", "remark": ""}
    if has_notes:
        try:
            notes = records.read_notes(artifacts, run)
        except RecordError as error:
            notes["remark"] = str(error)
    return {"run": run, "origin": origin, "title": notes["title"] or run, "remark": notes["remark"]}


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    if not rows:
        return frame.set_index("run", drop=False).rename_axis(None)
    frame["accuracy_low"], frame["accuracy_high"] = wilson_interval(frame.test_accuracy, frame.test_images)
    numbers = [*NUMBERS, *CONFIG_NUMBERS, *TIMING, "threads", "test_images", "accuracy_low", "accuracy_high"]
    frame[numbers] = frame[numbers].astype("float64")
    frame["status"] = frame.status.where(frame.status.notna(), "imported")
    frame = frame.sort_values(["created", "run"], ascending=[False, True], na_position="last")
    return frame.set_index("run", drop=False).rename_axis(None)


def public_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The table for CSV, JSON and notebooks: counts as whole numbers, empty where a file lacks a value."""
    table = frame.reset_index(drop=True).copy()
    for key in _COUNTS:
        table[key] = table[key].astype("Float64").round().astype("Int64")
    return table
