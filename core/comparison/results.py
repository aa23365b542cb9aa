"""Every metrics file in `artifacts/` as one table; a file that cannot be used is named, the rest shown.

The table keeps one flat row a run. History, confusion matrix and predictions stay on disk and are
read only for the runs that somebody chose, so 10,000 runs fit in memory. A file is read again only
when its time or size changed.
"""

import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.charts.colours import order
from core.fields import FIELDS
from core.runs import records
from core.runs.metrics import ENVIRONMENT, NUMBERS, TIMING, TRUTHS, clock_marks, is_fit_row, read_row
from core.runs.records import RecordError
from core.scores import accuracy_interval
from core.words import show

_COLUMNS = (
    "run", "title", "remark", "origin", "framework", "architecture", "dataset", "protocol", "seed", "device",
    "test_accuracy", "accuracy_low", "accuracy_high", "train_time_sec", "images_per_second", "params",
    "effective_loc", "model_bytes", "predict_ms", "peak_memory_mb", "status", "test_loss", "epochs",
    *FIELDS, *ENVIRONMENT, *TIMING, *TRUTHS, "diagnosis", "test_images", "race", "created", "told",
    "val_accuracy", "val_loss", "study", "fresh_of", "trial", "role",
)  # fmt: skip
COLUMNS = tuple(dict.fromkeys(_COLUMNS))  # fields that are named first come once
_FIELD_NUMBERS = [field.name for field in FIELDS.values() if field.kind == "number"]
_COUNTS = ("params", "effective_loc", "model_bytes", *(name for name in _FIELD_NUMBERS if FIELDS[name].whole))


# ── all files ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Results:
    """What a folder holds: one row a run, the files that could not be read, runs without a result."""

    frame: pd.DataFrame  # COLUMNS, newest first, indexed by run
    problems: dict[str, str]  # file name → reason
    unfinished: list[str] = field(default_factory=list)  # runs with a folder but no metrics file
    version: int = 0  # another number whenever something changed


class ResultsReader:
    """Reads a folder's metrics files and remembers them; safe to share between threads.

    A study's fits are hundreds of files that nobody compares with other runs: they are passed over by their
    names, and read only by who asks for that study.

    Args:
        artifacts: the folder.
        study: read this study's fits and nothing else.
    """

    def __init__(self, artifacts: Path, study: str | None = None):
        self.artifacts = artifacts
        self._study = study
        self._wanted = _no_fit if study is None else _fit_of(study)
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[tuple, dict[str, Any] | str]] = {}  # file → (stamp, row or reason)
        self._results = Results(_frame([]), {})

    def read(self) -> Results:
        """The folder as it is now; reads only what is new or changed, drops what is gone."""
        with self._lock:
            files, folders = _scan(self.artifacts, self._wanted)
            seen = {name: self._entry(name, entry, folders) for name, entry in files.items()}
            unfinished = sorted(folders - {name.removesuffix(records.METRICS_SUFFIX) for name in files})
            unfinished = [run for run in unfinished if (self.artifacts / run / "config.json").is_file()]
            if unfinished != self._results.unfinished or not _same(seen, self._seen):
                rows = [row for _, row in seen.values() if isinstance(row, dict) and self._takes(row)]
                problems = {name: reason for name, (_, reason) in seen.items() if isinstance(reason, str)}
                self._results = Results(_frame(rows), problems, unfinished, self._results.version + 1)
            self._seen = seen
            return self._results

    def _takes(self, row: dict[str, Any]) -> bool:
        """Whether the row is one of those that were asked for, whatever its file is called."""
        return not is_fit_row(row) if self._study is None else row["study"] == self._study

    def _entry(self, name: str, entry: os.DirEntry, folders: set[str]) -> tuple[tuple, dict | str]:
        run = name.removesuffix(records.METRICS_SUFFIX)
        stamp = (_stamp(entry.path), *_notes_stamp(self.artifacts / run if run in folders else None))
        if name in self._seen and self._seen[name][0] == stamp:
            return self._seen[name]
        try:
            records.check_name(run)
            described, told = _described(self.artifacts, run, stamp)
            return stamp, {**read_row(Path(entry.path), told), **described}
        except RecordError as error:
            return stamp, str(error).removeprefix(f"{name} ")
        except OSError as error:
            return stamp, f"cannot be read: {error.strerror or error}"


def _same(new: dict[str, tuple], old: dict[str, tuple]) -> bool:
    return new.keys() == old.keys() and all(new[name] is old[name] for name in new)


def _no_fit(name: str) -> bool:
    return not records.is_fit(name)


def _fit_of(study: str) -> Callable[[str], Any]:
    """Whether a name is that of a fit of this study; see `core.tuning.fits.Fit.run`."""
    return re.compile(rf"{re.escape(records.FIT + study)}-\d{{5,}}-[^-]+-e\d+(-f\d+)?-s\d+(\D|$)").match


def _scan(artifacts: Path, wanted: Callable[[str], Any]) -> tuple[dict[str, os.DirEntry], set[str]]:
    if not artifacts.is_dir():
        return {}, set()
    with os.scandir(artifacts) as entries:
        found = [entry for entry in entries if not entry.name.startswith(".") and wanted(entry.name)]
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


def _described(artifacts: Path, run: str, stamp: tuple) -> tuple[dict[str, str], dict[str, Any]]:
    """What the files beside a metrics file say of the run, and what somebody told of an imported one."""
    _, trained_here, has_notes = stamp
    origin = "reference" if records.is_reference(run) else "own" if trained_here else "imported"
    notes, told = {"title": "", "remark": ""}, {}
    if has_notes:
        try:
            notes = records.read_notes(artifacts, run)
            told = records.read_told(artifacts, run) if origin == "imported" else {}
        except RecordError as error:
            notes["remark"] = str(error)
    described = {"run": run, "origin": origin, "title": notes["title"] or run, "remark": notes["remark"]}
    return described, told


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    if not rows:
        return frame.set_index("run", drop=False).rename_axis(None)
    frame["accuracy_low"], frame["accuracy_high"] = accuracy_interval(
        frame.test_accuracy.to_numpy(np.float64), frame.test_images.to_numpy(np.float64)
    )
    numbers = [*NUMBERS, *_FIELD_NUMBERS, *TIMING, "test_images", "accuracy_low", "accuracy_high"]
    numbers = list(dict.fromkeys(numbers))  # a field outside the config is among NUMBERS too
    frame[numbers] = frame[numbers].astype("float64")
    frame[list(TRUTHS)] = frame[list(TRUTHS)].astype(object)  # true, false or nobody says
    frame["status"] = frame.status.where(frame.status.notna(), "imported")
    frame = frame.sort_values(["created", "run"], ascending=[False, True], na_position="last")
    return frame.set_index("run", drop=False).rename_axis(None)


def in_one_order(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows as lists show them: the newest race first, then by seed and framework, in the one order."""
    place = {name: number for number, name in enumerate(order(list(frame.framework.dropna().unique())))}
    keys = pd.DataFrame({
        "newest": frame.groupby(frame.race.fillna(frame.run)).created.transform("max"),
        "race": frame.race, "augment": frame.augment.eq(True), "seed": frame.seed,
        "framework": frame.framework.map(place),
    })  # fmt: skip
    ascending = [False, True, True, True, True]
    return frame.loc[keys.sort_values([*map(str, keys)], ascending=ascending, kind="stable").index]


def of_study(frame: pd.DataFrame) -> pd.Series:
    """Which rows a study trained: its fits, and the fresh runs at its end."""
    return frame.study.notna() | frame.fresh_of.notna()


def worth_showing(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with an accuracy, a time and a framework.

    A run that was stopped before it had done an epoch says nothing, though it was scored.
    """
    told = frame[["test_accuracy", "train_time_sec", "framework"]].notna().all(axis=1)
    return frame[told & ~((frame.status == "stopped") & ~(frame.epochs >= 1))]


def marks_in_words(frame: pd.DataFrame) -> pd.Series:
    """Why a run's times are in no ranking, in words; empty where they are (or nobody says)."""
    told = zip(frame.busy, frame.learned, strict=True)
    return pd.Series([", ".join(clock_marks(*truths)) for truths in told], frame.index, dtype=object)


def public_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The table for CSV, JSON and notebooks: counts as whole numbers, empty where a file lacks a value."""
    table = frame.reset_index(drop=True).copy()
    for key in _COUNTS:
        table[key] = table[key].astype("Float64").round().astype("Int64")
    return table


def public_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """`public_table` as plain JSON types, every digit kept; None where a file lacks a value."""
    table = public_table(frame).astype(object)
    rows = table.where(table.notna(), None).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]


# ── choosing and adding ─────────────────────────────────────────────────────────────


def filter_runs(frame: pd.DataFrame, where: dict[str, list[str]]) -> pd.DataFrame:
    """The rows whose columns hold one of the given values, compared as text ("5" finds 5 epochs).

    Raises:
        RecordError: no such column.
    """
    for column, values in where.items():
        if column not in COLUMNS:
            raise RecordError(f"{column} is no column; choose from {', '.join(COLUMNS)}")
        frame = frame[in_words(frame[column]).isin(values)]
    return frame


def in_words(column: pd.Series) -> pd.Series:
    """`show` of every value; works on the distinct ones, since settings repeat."""
    codes, values = pd.factorize(column, use_na_sentinel=False)
    words = np.array([show(value) for value in values], dtype=object)
    return pd.Series(words[codes] if len(words) else words, index=column.index)
