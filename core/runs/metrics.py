"""One metrics file: read with every value checked, or refused with the reason. Foreign files welcome."""

import math
import stat
import tempfile
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

from core.architectures import PRESETS, network_name, with_preset
from core.fields import FIELDS, as_text
from core.runs import foreign, records
from core.runs.records import RecordError
from core.words import missing

MAX_TEXT = 200
MAX_SENTENCE = 1000
MAX_COUNT = 2**31  # of images
MAX_FILE_BYTES = 2 * 2**20  # a metrics file of 200 epochs has some 60 kB

# What every notebook writes; a file with none of them is no result.
FLAT = (
    "test_accuracy", "test_loss", "train_time_sec", "params", "epochs", "effective_loc",
    "framework", "device",
)  # fmt: skip
# What a metrics file may hold, by type: what was measured, and those fields that stand outside its config.
MEASURED = (
    "test_accuracy", "test_loss", "train_time_sec", "params", "effective_loc",
    "images_per_second", "peak_memory_mb", "model_bytes", "predict_ms", "val_accuracy", "val_loss",
)  # fmt: skip
_TOP = [field for field in FIELDS.values() if field.top_level]
NUMBERS = (*MEASURED, "trial", *(field.name for field in _TOP if field.kind == "number"))
_STUDY = ("study", "fresh_of", "role")  # of a fit, and of the fresh runs at its study's end
TEXTS = (*(field.name for field in _TOP if field.kind != "number"), "status", "race", "created", *_STUDY)
CONFIG = tuple(field for field in FIELDS.values() if not field.top_level)
TIMING = ("import_s", "data_s", "build_s", "first_step_s", "validation_s", "test_s", "cpu_s")
TRUTHS = ("busy", "learned")
BUSY = "the machine was busy"
NOT_LEARNED = "did not learn"
ENVIRONMENT = ("machine", "cpu")


def read_row(path: Path, told: dict[str, Any] | None = None) -> dict[str, Any]:
    """The flat row of one metrics file; what the file lacks is NaN (numbers) or None (text).

    Args:
        path: the file.
        told: settings that somebody tells of the run, field → value; they stand where the file says
            nothing, and `told` of the row names them.

    Raises:
        RecordError: not a readable JSON object, a value of the wrong kind, or no result in it.
    """
    metrics = read_metrics(path)
    heard = foreign.fill_in(metrics, told or {})
    row: dict[str, Any] = {key: _number(metrics, key) for key in NUMBERS}
    row |= {key: _text(metrics, key) for key in TEXTS}
    row["framework"], row["device"] = foreign.framework(row["framework"]), foreign.device(row["device"])
    row["told"] = ", ".join(FIELDS[name].word for name in heard)
    if all(missing(row[key]) for key in FLAT):
        raise RecordError("holds none of the keys of a result (test_accuracy, test_loss, train_time_sec, …)")
    for key in ("test_accuracy", "val_accuracy"):
        if row[key] > 1:
            raise RecordError(f"{key} is {row[key]:g}; a fraction from 0 to 1 belongs there")
    config, environment = _object(metrics, "config"), _object(metrics, "environment")
    timing = _object(metrics, "timing")
    row |= {field.name: _READERS[field.kind](config, field.name) for field in CONFIG}
    row |= _network(config, row)
    row["own_digits"] = _text(metrics, "own_digits") or row["own_digits"]  # which they were, where it says so
    row |= {key: _text(environment, key) for key in ENVIRONMENT}
    if missing(row["threads"]):
        row["threads"] = _number(environment, "threads")
    row |= {key: _number(timing, key) for key in TIMING}
    row |= {key: _truth(metrics, key) for key in TRUTHS}
    row["diagnosis"] = _text(metrics, "diagnosis", MAX_SENTENCE)
    row["test_images"] = _test_images(metrics.get("confusion"))
    return row


def is_fit_row(row: dict[str, Any]) -> bool:
    """Whether it is one training of a study's trial: never scored on the test images."""
    return row["study"] is not None and missing(row["test_accuracy"])


def clock_marks(busy: Any, learned: Any) -> list[str]:
    """Why a run's times are in no ranking, in words; none where they are, or nobody says."""
    return [NOT_LEARNED] * (learned is False) + [BUSY] * (busy is True)


def read_diagnosis(result: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Why a run did not learn and the fields that would mend it; empty where its record does not say.

    Args:
        result: a metrics file, or the event that ended a run.
    """
    if result.get("learned") is not False:
        return "", {}
    diagnosis, remedy = result.get("diagnosis"), result.get("remedy")
    known = isinstance(remedy, dict) and all(name in FIELDS for name in remedy)
    return diagnosis if isinstance(diagnosis, str) else "", remedy if known and remedy else {}


def read_metrics(path: Path) -> dict[str, Any]:
    """The whole object of one metrics file.

    Raises:
        RecordError: not a file, too large, not JSON or not an object.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise RecordError(f"cannot be read: {error.strerror or error}") from error
    if not stat.S_ISREG(status.st_mode):
        raise RecordError("is not a file")
    if status.st_size > MAX_FILE_BYTES:
        raise RecordError(f"is larger than {MAX_FILE_BYTES // 2**20} MB")
    return records.read_object(path)


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


def _text(source: dict[str, Any], key: str, most: int = MAX_TEXT) -> str | None:
    value = source.get(key)
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) > most or not value.isprintable():
            raise RecordError(f"{key} is longer than {most} characters or cannot be printed")
        return value
    raise RecordError(f"{key} holds {_shown(value)} where text belongs")


def _truth(source: dict[str, Any], key: str) -> bool | None:
    value = source.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise RecordError(f"{key} holds {_shown(value)} where true or false belongs")


def _scalar(source: dict[str, Any], key: str) -> str | float | bool | None:
    value = source.get(key)
    if isinstance(value, dict | list):
        raise RecordError(f"{key} holds {_shown(value)} where a single value belongs")
    return _text(source, key) if isinstance(value, str) else value


def _numbers(source: dict[str, Any], key: str) -> str | float | bool | None:
    value = source.get(key)
    if not isinstance(value, list):
        return _scalar(source, key)
    if not all(type(part) is int for part in value):
        raise RecordError(f"{key} holds {_shown(value)} where whole numbers belong")
    return as_text(value)


_READERS: dict[str, Callable[[dict[str, Any], str], Any]] = {
    "text": _scalar, "choice": _scalar, "switch": _scalar, "number": _number, "numbers": _numbers,
}  # fmt: skip


def _network(config: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """The layers' values with the preset's own filled in: to keep them or to state them is the same."""
    preset, filters = config.get("architecture"), config.get("filters")
    if not (isinstance(preset, str) and preset in PRESETS) or not isinstance(filters, list | None):
        return {}
    told = (None if missing(row[key]) else row[key] for key in ("dense_units", "dropout"))
    filters, dense_units, dropout = with_preset(preset, filters, *told)
    name, rounded = row["architecture"], round(100 * min(dropout, 1)) / 100
    if name == network_name(preset, filters, int(dense_units), rounded):  # as older files have it
        name = network_name(preset, filters, int(dense_units), dropout)
    layers = {"filters": as_text(filters), "dense_units": float(dense_units), "dropout": float(dropout)}
    return {"architecture": name, **layers}


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
    if not isinstance(value, list) or not all(
        isinstance(row, list) and len(row) == len(value) for row in value
    ):
        raise RecordError("the confusion matrix is not a square of counts")
    counts = list(chain.from_iterable(value))
    if set(map(type, counts)) != {int} or min(counts) < 0 or max(counts) >= MAX_COUNT:
        raise RecordError("the confusion matrix is not a square of counts")
    return value


def _test_images(confusion: Any) -> float:
    try:
        return float(sum(map(sum, confusion_matrix(confusion)))) or math.nan
    except RecordError:
        return math.nan


def import_metrics(artifacts: Path, file_name: str, content: bytes) -> str:
    """Adds somebody's metrics file to `artifacts` when it reads, and returns the run's name.

    Raises:
        RecordError: too large, not a result, a name that cannot be used or is taken.
    """
    run = file_name.removesuffix(".json").removesuffix("_metrics")
    records.check_name(run)
    if records.is_reference(run):
        raise RecordError(
            f"{file_name}: names that begin with {records.REFERENCE} are kept for reference runs"
        )
    target = records.metrics_path(artifacts, run)
    if target.exists() or records.run_dir(artifacts, run).exists():
        raise RecordError(f"{file_name}: there is a run {run} already; rename the file")
    if len(content) > MAX_FILE_BYTES:
        raise RecordError(f"{file_name} is larger than {MAX_FILE_BYTES // 2**20} MB")
    records.check_writable(artifacts)
    with tempfile.TemporaryDirectory(dir=artifacts, prefix=".import-") as folder:
        copy = Path(folder) / target.name
        copy.write_bytes(content)
        try:
            read_row(copy)
        except RecordError as error:
            raise RecordError(f"{file_name} {str(error).removeprefix(f'{copy.name} ')}") from error
        records.write_json(target, read_metrics(copy))
    return run
