"""Shrunk variants of saved models on disk, each with the measurement that let it in.

artifacts/.shrunk/<run>/<variant>/shrunk.json   what was measured, see `Shrunk`
artifacts/.shrunk/<run>/<variant>/answers.npy   (N,) uint8: the class of each test image, by its own runtime
artifacts/.shrunk/<run>/<variant>/…             the files of the export

A hidden folder: no reader of runs looks into it. What belongs to an older model file of the run, or was
written by an older writer, is stale and shown nowhere; nor is what was changed since it was scored.
"""

import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin
from zlib import crc32

from core.runs import records

SHRUNK = ".shrunk"
RECORD = "shrunk.json"
ANSWERS = "answers.npy"
CHECKSUMS = "checksums"  # in the record: of the files beside it, by their names
WRITING = 1  # to be raised with every change of what the exports hold or how they are measured
LARGEST = 2**63  # of any number in a record: nanoseconds since 1970 fit in
GATE = 0.1  # points of accuracy; who loses more is not offered without saying so


@dataclass(frozen=True)
class Variant:
    """One way to write a model down in fewer bytes, or for another runtime."""

    key: str
    title: str
    form: str  # of `python -m core export --as`
    runtime: str  # what runs it
    model: str  # the ending of the file that holds the weights


# Row by row as the pages show them.
VARIANTS: dict[str, Variant] = {
    variant.key: variant
    for variant in (
        Variant("onnx", "ONNX", "onnx", "ONNX Runtime", ".onnx"),
        Variant("onnx-int8", "ONNX, 8 bits", "int8", "ONNX Runtime", ".onnx"),
        Variant("tflite", "TFLite", "tflite", "LiteRT", ".tflite"),
        Variant("tflite-int8", "TFLite, 8 bits", "tflite", "LiteRT", ".tflite"),
        Variant("c-int8", "C, 8 bits", "c", "C", ".h"),
        Variant("c-int4", "C, 4 bits", "c", "C", ".h"),
    )
}


# ── what was measured ───────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Original:
    """The saved model that a variant was made of, measured in the same process."""

    file: str  # its name in the run's folder
    bytes_on_disk: int
    modified_ns: int  # with the size it tells the file from a newer one
    bytes_of_weights: int
    peak_activation_bytes: int
    correct: int  # of the test images, by its own framework
    latency_one_ms: float
    latency_thousand_ms: float


@dataclass(frozen=True)
class Drawn:
    """What changes on digits that people drew."""

    dataset: str  # "my-digits", the visitor's own, or "pen"
    images: int
    changed: int  # images that the two answer differently
    float_correct: int
    correct: int


@dataclass(frozen=True)
class Shrunk:
    """One variant of one run: what it holds and how it did, as shrunk.json says."""

    writing: int  # the `WRITING` that it was made with
    run: str
    variant: str  # a key of `VARIANTS`
    files: tuple[str, ...]  # of the export; the first one holds the weights
    bytes_on_disk: int  # of the first file
    bytes_of_weights: int
    peak_activation_bytes: int  # computed, see `core.export.shrink.memory`
    images: int  # of the test set
    correct: int
    changed: int  # images that the two answer differently
    better: int  # images that only the variant gets right
    worse: int  # images that only the float model gets right
    p: float  # of McNemar's test against the float model
    latency_one_ms: float | None  # medians; None where nothing here can run it as it will be run
    latency_thousand_ms: float | None
    drawn: tuple[Drawn, ...]
    scheme: str  # how it was quantised, "" where there is but one way
    scored_by: str  # what ran it for these figures
    threads: int
    processor: str
    busy: bool  # whether others took the processors while it was timed
    original: Original

    @property
    def accuracy(self) -> float:
        """A fraction of the test images."""
        return self.correct / self.images

    @property
    def float_accuracy(self) -> float:
        """That of the model that it was made of."""
        return self.original.correct / self.images

    @property
    def lost(self) -> float:
        """Points of accuracy that the variant is worse; negative where it is better."""
        return 100 * (self.original.correct - self.correct) / self.images

    @property
    def loses(self) -> bool:
        """Whether the gate is shut: more than `GATE` points are lost."""
        return self.lost > GATE + 1e-9


def instead_of(losing: Shrunk, others: Iterable[Shrunk]) -> Shrunk | None:
    """The variant of the same run that avoids the loss: the smallest, if possible of the same runtime."""
    runtime = VARIANTS[losing.variant].runtime
    kept = [other for other in others if other.run == losing.run and not other.loses]
    kept.sort(key=lambda other: (VARIANTS[other.variant].runtime != runtime, other.bytes_on_disk))
    return kept[0] if kept else None


# ── on disk ─────────────────────────────────────────────────────────────────────────


def shrunk_dir(artifacts: Path, run: str, variant: str) -> Path:
    """Where a variant of a run lies."""
    return artifacts / SHRUNK / records.check_name(run) / variant


def shrunk_file(artifacts: Path, shrunk: Shrunk) -> Path:
    """The file that holds the weights."""
    return shrunk_dir(artifacts, shrunk.run, shrunk.variant) / shrunk.files[0]


def write_shrunk(folder: Path, shrunk: Shrunk) -> None:
    """Writes shrunk.json into a folder that holds the export's files already."""
    records.write_json(folder / RECORD, {**asdict(shrunk), CHECKSUMS: _checksums(folder)})


def read_shrunk(artifacts: Path, run: str) -> list[Shrunk]:
    """The run's variants in the order of `VARIANTS`, without those that are stale, incomplete or not ours."""
    try:
        folder = artifacts / SHRUNK / records.check_name(run)
    except records.RecordError:
        return []
    found = [read_variant(folder / key, artifacts) for key in VARIANTS] if folder.is_dir() else []
    return [shrunk for shrunk in found if shrunk is not None]


def all_shrunk(artifacts: Path) -> list[Shrunk]:
    """The variants of every run, sorted by its name, then in the order of `VARIANTS`."""
    try:
        runs = sorted(entry.name for entry in (artifacts / SHRUNK).iterdir())
    except OSError:  # nothing was ever shrunk
        return []
    return [shrunk for run in runs for shrunk in read_shrunk(artifacts, run)]


def read_variant(folder: Path, artifacts: Path) -> Shrunk | None:
    """One variant by its folder; None where it is not there, broken, not ours or stale."""
    try:
        record = records.read_object(folder / RECORD)
        shrunk = _typed(Shrunk, record)
        usable = (
            (shrunk.run, shrunk.variant) == (folder.parent.name, folder.name)
            and _consistent(shrunk)
            and _whole(folder, shrunk)
            and is_current(artifacts, shrunk)
            and record.get(CHECKSUMS) == _checksums(folder)
        )
    except (records.RecordError, ValueError, OSError):
        return None
    return shrunk if usable else None


def forget_deleted(artifacts: Path) -> None:
    """Throws away the variants of runs that are not there any more.

    Raises:
        OSError: the folder does not let it.
    """
    for folder in (artifacts / SHRUNK).iterdir():
        ours = folder.is_dir() and not folder.is_symlink()
        if ours and not (artifacts / folder.name / "config.json").exists():
            shutil.rmtree(folder)


def is_current(artifacts: Path, shrunk: Shrunk) -> bool:
    """Whether it was made of the model file that the run has now, as one would be made now.

    Raises:
        OSError: the run has no model file any more.
    """
    original = shrunk.original
    model = (records.run_dir(artifacts, shrunk.run) / original.file).stat()
    same = (model.st_mtime_ns, model.st_size) == (original.modified_ns, original.bytes_on_disk)
    return same and shrunk.writing == WRITING


def _consistent(shrunk: Shrunk) -> bool:
    """Whether the figures of a record fit each other."""
    right = (shrunk.correct, shrunk.original.correct)
    return (
        bool(shrunk.files)
        and shrunk.images > 0
        and max(right) <= shrunk.images
        and right[0] - right[1] == shrunk.better - shrunk.worse
        and shrunk.better + shrunk.worse <= shrunk.changed <= shrunk.images
        and shrunk.p <= 1
    )


def _whole(folder: Path, shrunk: Shrunk) -> bool:
    """Whether the files are there, and no others by a name that leads elsewhere."""
    names = (*shrunk.files, shrunk.original.file)
    plain = all(Path(name).name == name and not name.startswith(".") for name in names)
    there = plain and all((folder / name).is_file() for name in shrunk.files)
    return there and (folder / shrunk.files[0]).stat().st_size == shrunk.bytes_on_disk


def _checksums(folder: Path) -> dict[str, int]:
    """Of every file but the record and hidden ones.

    Raises:
        OSError: one of them cannot be read.
    """
    paths = sorted(path for path in folder.iterdir() if path.name != RECORD and not path.name.startswith("."))
    return {path.name: _checksum(path, (now := path.stat()).st_mtime_ns, now.st_size) for path in paths}


@lru_cache(maxsize=1000)
def _checksum(path: Path, modified_ns: int, size: int) -> int:
    """CRC-32, calculated again when the file was written again."""
    return crc32(path.read_bytes())


def _typed(kind: Any, value: Any) -> Any:
    """A value of a JSON file as the type that a record declares; numbers lie from 0 to `LARGEST`.

    Raises:
        ValueError: it is none.
    """
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, dict):
        return kind(**{field.name: _typed(field.type, value.get(field.name)) for field in fields(kind)})
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_typed(get_args(kind)[0], item) for item in value)
    if isinstance(kind, UnionType):
        (other,) = set(get_args(kind)) - {NoneType}
        return None if value is None else _typed(other, value)
    if kind in (str, bool) and type(value) is kind:
        return value
    if kind is int and type(value) is int and 0 <= value < LARGEST:
        return value
    if kind is float and type(value) in (int, float) and 0 <= value < LARGEST:
        return float(value)
    raise ValueError(f"{value!r} is no {kind}")
