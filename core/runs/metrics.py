"""One metrics file: read with every value checked, or refused with the reason. Foreign files welcome."""

import math
import stat
import tempfile
from itertools import chain
from pathlib import Path
from typing import Any

from core.runs import records
from core.runs.records import RecordError
from core.words import missing

MAX_TEXT = 200
MAX_COUNT = 2**31  # of images
MAX_FILE_BYTES = 2 * 2**20  # a metrics file of 200 epochs has some 60 kB

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


def read_row(path: Path) -> dict[str, Any]:
    """The flat row of one metrics file; what the file lacks is NaN (numbers) or None (text).

    Raises:
        RecordError: not a readable JSON object, a value of the wrong kind, or no result in it.
    """
    metrics = read_metrics(path)
    row: dict[str, Any] = {key: _number(metrics, key) for key in NUMBERS}
    row |= {key: _text(metrics, key) for key in TEXTS}
    if all(missing(row[key]) for key in FLAT):
        raise RecordError(f"holds none of the keys of a result ({', '.join(FLAT[:3])}, …)")
    if row["test_accuracy"] > 1:
        raise RecordError(f"test_accuracy is {row['test_accuracy']:g}; a fraction from 0 to 1 belongs there")
    config, environment = _object(metrics, "config"), _object(metrics, "environment")
    timing = _object(metrics, "timing")
    row |= {key: _scalar(config, key) for key in CONFIG}
    row |= {key: _number(config, key) for key in CONFIG_NUMBERS}
    row["own_digits"] = _text(metrics, "own_digits") or row["own_digits"]  # which they were, where it says so
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


def _text(source: dict[str, Any], key: str) -> str | None:
    value = source.get(key)
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) > MAX_TEXT or not value.isprintable():
            raise RecordError(f"{key} is longer than {MAX_TEXT} characters or cannot be printed")
        return value
    raise RecordError(f"{key} holds {_shown(value)} where text belongs")


def _scalar(source: dict[str, Any], key: str) -> str | float | bool | None:
    value = source.get(key)
    if isinstance(value, dict | list):
        raise RecordError(f"{key} holds {_shown(value)} where a single value belongs")
    return _text(source, key) if isinstance(value, str) else value


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
