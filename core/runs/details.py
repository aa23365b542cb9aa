"""What the table leaves out of one run's metrics file: history, confusion matrix, versions."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.runs import records
from core.runs.metrics import confusion_matrix, read_diagnosis, read_metrics
from core.runs.records import RecordError

HISTORY = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")


@dataclass(frozen=True)
class Details:
    """One run's details; what cannot be used is None, with the reason in `problems`."""

    history: pd.DataFrame | None  # HISTORY, one row an epoch; a figure that is missing is NaN
    confusion: np.ndarray | None  # (classes, classes) counts, rows = true
    versions: dict[str, str] = field(default_factory=dict)
    machine: str = ""  # processor, cores, platform, in words
    diagnosis: str = ""  # why it did not learn
    remedy: dict[str, Any] = field(default_factory=dict)  # the fields that would mend it
    problems: dict[str, str] = field(default_factory=dict)  # "history" or "confusion" → reason


def read_details(artifacts: Path, run: str) -> Details:
    """Reads one metrics file; a broken part costs only itself."""
    try:
        metrics = read_metrics(records.metrics_path(artifacts, run))
    except RecordError as error:
        return Details(None, None, problems=dict.fromkeys(("history", "confusion"), str(error)))
    history, confusion, problems = None, None, {}
    try:
        history = _history(metrics.get("history"))
    except RecordError as error:
        problems["history"] = str(error)
    try:
        confusion = np.array(confusion_matrix(metrics.get("confusion")))
    except RecordError as error:
        problems["confusion"] = str(error)
    environment = metrics.get("environment")
    environment = environment if isinstance(environment, dict) else {}
    diagnosis, remedy = read_diagnosis(metrics)
    return Details(
        history, confusion, _versions(environment), _machine(environment), diagnosis, remedy, problems
    )


def _history(value: Any) -> pd.DataFrame:
    if not isinstance(value, dict) or not value.get("epoch"):
        raise RecordError("the file holds no learning curve")
    epochs = len(value["epoch"]) if isinstance(value["epoch"], list) else 0
    columns = {key: value.get(key, [None] * epochs) for key in HISTORY}
    lengths = {len(column) if isinstance(column, list) else -1 for column in columns.values()}
    if len(lengths) > 1 or -1 in lengths:
        raise RecordError("the lists of the learning curve have different lengths")
    for key, column in columns.items():
        if any(isinstance(item, bool) or not isinstance(item, int | float | None) for item in column):
            raise RecordError(f"the learning curve holds something else than numbers under {key}")
    try:
        return pd.DataFrame(columns, dtype="float64")
    except OverflowError as error:
        raise RecordError("the learning curve holds a number that is too large") from error


def _versions(environment: dict[str, Any]) -> dict[str, str]:
    versions = environment.get("versions")
    versions = versions if isinstance(versions, dict) else {}
    python = {"python": environment["python"]} if environment.get("python") else {}
    return {str(name): str(version) for name, version in {**python, **versions}.items()}


def _machine(environment: dict[str, Any]) -> str:
    cores = environment.get("cores")
    words = [environment.get("cpu"), f"{cores} cores" if cores else "", environment.get("platform")]
    return ", ".join(str(word) for word in words if word)
