"""Visitors' own datasets: imported whole or not at all, and deleted.

data/own/<name>/                  four files as MNIST has them (IDX), and the description
data/own/<name>/dataset.json      see `core.data.catalogue`; what was imported, how, and what was noticed
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core import places
from core.data.catalogue import (
    DATASETS,
    DESCRIPTION,
    NAME,
    OWN,
    DatasetError,
    DatasetInfo,
    find_dataset,
    own_names,
)
from core.data.importing.classes import class_names, class_numbers
from core.data.importing.limits import MOST_IMAGES, NAME_HINT, TEST_SHARE
from core.data.importing.parts import Found, Progress, Source
from core.runs import records
from core.runs.status import run_status
from core.runs.writing import write_file

RESERVED = ("import", "delete", "show", "own")  # words of the command and of the data folder
FILES = ("train-images", "train-labels", "test-images", "test-labels")  # training and test, in IDX
SCHEMA = 1
CHUNK = 4096  # images counted at a time
KILLED_AFTER = 3600  # seconds; no import takes as long to write


@dataclass(frozen=True)
class Split:
    """Which part of the images the test takes, where they do not bring one: a share of every class."""

    share: float = TEST_SHARE
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Imported:
    """An imported dataset, and what its owner should know of it, in sentences."""

    info: DatasetInfo
    train: int
    test: int
    duplicates: int  # test images that are among the training images, too
    remarks: tuple[str, ...]


def check_name(name: str, data_dir: Path | str | None = None) -> None:
    """Makes sure that a dataset may be called so.

    Raises:
        DatasetError: it is no such name, or taken.
    """
    if not NAME.fullmatch(name):
        raise DatasetError(f"{name!r} is no dataset's name; {NAME_HINT}")
    if name in RESERVED:
        raise DatasetError(f"{name!r} is a word of the command or the data folder; choose another name")
    if name in DATASETS or folder(name, data_dir).exists():
        raise DatasetError(f"there is a dataset {name} already; choose another name")


def folder(name: str, data_dir: Path | str | None = None) -> Path:
    """Where an imported dataset of this name lies (it need not exist)."""
    return places.data_dir(data_dir) / OWN / name


# ── importing ───────────────────────────────────────────────────────────────────────


def import_dataset(
    name: str,
    source: Source,
    test: Source | None = None,
    split: Split | None = None,
    data_dir: Path | str | None = None,
    progress: Progress = lambda stage, share: None,
) -> Imported:
    """Reads, checks and splits what a visitor brought, and adds it to the datasets.

    Args:
        name: what the dataset is called from now on.
        source: the images; a ZIP, folder or NPZ may bring its test part with it.
        test: images to test with, from files of their own.
        split: how the test images are chosen where nobody brought any.
        data_dir: the data folder; None means `core.places.data_dir()`.
        progress: called with what is going on and the share of it that is done.

    Raises:
        DatasetError: the name or the data cannot be used, or the folder cannot be written; then nothing of
            it is kept.
    """
    check_name(name, data_dir)
    found = read_source(source, progress)
    if test is not None:
        found = replace(found, test=read_source(test, progress).train)
    found = _light_on_dark(found)
    names = class_names(found.train)
    parts = _divided(found, names, split or Split())
    held = _Held(names, *parts)
    if np.ptp(held.x_train) == 0:
        raise DatasetError(f"{source.path.name}: all pixels of the training images are alike")
    with _new_folder(name, data_dir) as place:
        description = _written(place, name, source, held, found, progress)
    info = find_dataset(name, data_dir)
    return Imported(
        info, len(held.y_train), len(held.y_test), description["duplicates"], remarks(name, data_dir)
    )


def remarks(name: str, data_dir: Path | str | None = None) -> tuple[str, ...]:
    """What its owner should know of an imported dataset (as `find_dataset` knows it), in sentences."""
    path = folder(name, data_dir) / DESCRIPTION
    plain = json.loads(path.read_text(encoding="utf-8"))
    found = [f"{str(note)[:1].upper()}{str(note)[1:]}." for note in plain.get("notes", ())]
    if count := int(plain.get("duplicates", 0)):
        some = "1 test image is" if count == 1 else f"{count:,} test images are"
        found.append(f"{some} among the training images, too: the test is easier than it looks.")
    return tuple(found)


def read_source(source: Source, progress: Progress) -> Found:
    """What a file or folder holds, whichever of the formats it is.

    Raises:
        DatasetError: it is not there, or cannot be read.
    """
    from core.data.importing.formats import reader

    try:
        return reader(source.path)(source, progress)
    except OSError as error:
        path = error.filename or source.path
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error


def _light_on_dark(found: Found) -> Found:
    """Both parts turned where the training images are mostly dark on light: drawings are light on dark."""
    from core.data.importing.preparing import dark_on_light

    if not dark_on_light(found.train.images):
        return found
    for part in (found.train, found.test):
        if part is not None:
            np.subtract(255, part.images, out=part.images)  # in place: they may be 150 MB
    return replace(found, notes=[*found.notes, "turned to light on dark, as the models see all their images"])


@dataclass(frozen=True, eq=False)
class _Held:
    """A dataset ready to be written: images (N, 28, 28) and labels (N,), uint8."""

    names: tuple[str, ...]
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """In the order of the files."""
        return self.x_train, self.y_train, self.x_test, self.y_test

    def content(self) -> str:
        """A hash of classes, images and labels; what it was called or read from does not count."""
        digest = hashlib.sha256("\0".join(self.names).encode())
        for array in self.arrays:
            digest.update(f"{array.shape}".encode())
            digest.update(array.data)
        return digest.hexdigest()[:16]


def _divided(found: Found, names: tuple[str, ...], split: Split) -> tuple[np.ndarray, ...]:
    """Training images and labels, test images and labels."""
    images, labels = found.train.images, class_numbers(found.train, names)
    total = len(labels) + (len(found.test.labels) if found.test else 0)
    if total > MOST_IMAGES:
        raise DatasetError(f"{total:,} images in both parts; at most {MOST_IMAGES:,} are taken")
    if found.test is not None:
        return images, labels, found.test.images, class_numbers(found.test, names)
    test = stratified_test(labels, split)
    return images[~test], labels[~test], images[test], labels[test]


def stratified_test(labels: np.ndarray, split: Split) -> np.ndarray:
    """Which images are tested with: the share of every class, at least one and never all, (N,) booleans.

    Args:
        labels: (N,) integers, each at least twice.
        split: share and seed.
    """
    rng = np.random.default_rng(split.seed)
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        test[members[: min(len(members) - 1, max(1, round(split.share * len(members))))]] = True
    return test


def duplicates(train: np.ndarray, test: np.ndarray) -> int:
    """How many of the test images (N, 28, 28) are among the training images, pixel by pixel."""
    seen = {hashlib.blake2b(image.data, digest_size=12).digest() for image in train}
    return sum(hashlib.blake2b(image.data, digest_size=12).digest() in seen for image in test)


def pixel_statistics(images: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of all pixels of images (N, 28, 28) uint8, as fractions of full ink."""
    counts = np.zeros(256, np.int64)
    for start in range(0, len(images), CHUNK):  # all at once would take eight bytes a pixel
        counts += np.bincount(images[start : start + CHUNK].ravel(), minlength=256)
    levels = np.arange(256) / 255
    mean = float(np.average(levels, weights=counts))
    return mean, float(np.sqrt(np.average((levels - mean) ** 2, weights=counts)))


# ── on disk ─────────────────────────────────────────────────────────────────────────


@contextmanager
def _new_folder(name: str, data_dir: Path | str | None) -> Iterator[Path]:
    """A folder to write to that becomes the dataset's when the block ends well, else is gone."""
    target = folder(name, data_dir)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear_killed(target.parent)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".", suffix=".tmp") as outer:
            place = Path(outer, name)
            place.mkdir()
            yield place
            check_name(name, data_dir)  # two may have been at it
            os.replace(place, target)
    except OSError as error:
        raise DatasetError(f"{target} cannot be written: {error.strerror or error}") from error


def _clear_killed(root: Path) -> None:
    """Takes away what imports and deletions left that were killed long ago."""
    for place in root.glob(".*.tmp"):
        with suppress(FileNotFoundError):  # another process takes it away, too
            if time.time() - place.stat().st_mtime > KILLED_AFTER:
                shutil.rmtree(place)


def _written(
    place: Path, name: str, source: Source, held: _Held, found: Found, progress: Progress
) -> dict[str, Any]:
    """Writes the four files and the description, and returns it."""
    mean, std = pixel_statistics(held.x_train)
    files = []
    for number, (kind, array) in enumerate(zip(FILES, held.arrays, strict=True), start=1):
        file = f"{kind}-idx{array.ndim}-ubyte"
        head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        digest = hashlib.md5(head, usedforsecurity=False)
        digest.update(array.data)
        with open(place / file, "wb") as stream:
            stream.write(head)
            stream.write(array.data)
            stream.flush()
            os.fsync(stream.fileno())
        files.append({"name": file, "size": len(head) + array.nbytes, "md5": digest.hexdigest()})
        progress("writing", number / len(FILES))
    description = {
        "schema": SCHEMA,
        "title": name,
        "class_names": held.names,
        "files": files,
        "mean": mean,
        "std": std,
        "content": held.content(),
        "duplicates": duplicates(held.x_train, held.x_test),
        "notes": found.notes,
        "made": found.made,
        "source": source.path.name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    text = json.dumps(description, ensure_ascii=False, indent=1)
    write_file(place / DESCRIPTION, text.encode())
    return description


# ── deleting ────────────────────────────────────────────────────────────────────────


def runs_with(artifacts: Path, name: str, content: str | None = None) -> list[str]:
    """The runs whose configuration names this dataset, oldest first.

    Args:
        artifacts: the artifacts folder.
        name: of the dataset.
        content: its hash, which leaves out runs that tell another: of an earlier dataset of that name.
    """
    found = []
    for run in records.run_names(artifacts):
        try:
            config, _ = records.read_config(artifacts, run)
        except records.RecordError:
            continue  # a metrics file from elsewhere
        if config.dataset == name and (content is None or config.dataset_content in (None, content)):
            found.append(run)
    return found


def check_deletable(name: str, artifacts: Path, data_dir: Path | str | None = None) -> None:
    """Makes sure that a dataset may be deleted.

    Raises:
        DatasetError: it is none of the imported ones, or a race needs it.
    """
    if name in DATASETS:
        raise DatasetError(f"{name} belongs to the project; only what you imported can be deleted")
    if name not in own_names(data_dir):
        own = ", ".join(own_names(data_dir)) or "none so far"
        raise DatasetError(f"there is no imported dataset {name!r}; imported: {own}")
    for run in runs_with(artifacts, name):
        if run_status(artifacts, run).active:
            raise DatasetError(f"{name} is needed by {run}, which is in a race; stop it first")


def delete_dataset(name: str, artifacts: Path, data_dir: Path | str | None = None) -> None:
    """Deletes an imported dataset; the runs that used it keep their results.

    Raises:
        DatasetError: as `check_deletable`, or the files cannot be deleted.
    """
    check_deletable(name, artifacts, data_dir)
    place = folder(name, data_dir)
    try:
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".", suffix=".tmp") as outer:
            os.replace(place, Path(outer, name))  # gone at once, however long its files take
    except OSError as error:
        raise DatasetError(f"{place} cannot be deleted: {error.strerror or error}") from error
