"""A dataset's files by their hashes, and the way of such files from one machine to another."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from core import places
from core.data.catalogue import DESCRIPTION, DatasetError, DatasetInfo, find_dataset
from core.data.files import whole_files

PART = 16 * 2**20  # bytes sent at a time

Files = dict[str, str]  # path below the data folder → SHA-256 of the file


def files_of(name: str, data_dir: Path | None = None) -> Files:
    """Every file below the data folder that decides what the dataset's images are.

    Args:
        name: of a dataset; what comes with a library has no files of its own.
        data_dir: the data folder; None means `core.places.data_dir()`.

    Raises:
        DatasetError: there is none of that name, or its files are not whole.
    """
    dataset = find_dataset(name, data_dir)
    whole_files(dataset, data_dir)
    folder = places.data_dir(data_dir)
    paths = sorted(set(_paths(dataset, folder)))
    return {path.relative_to(folder).as_posix(): sha256(path) for path in paths}


def _paths(dataset: DatasetInfo, folder: Path) -> Iterator[Path]:
    for part in dataset.with_files():
        if part.subfolder:
            yield from (part.folder(folder) / file.name for file in part.files)
        if part.own:
            yield part.folder(folder) / DESCRIPTION
        for optional in part.optional_folders(folder):
            yield from (path for path in optional.rglob("*") if path.is_file())


def sha256(path: Path) -> str:
    """The file's hash in hexadecimal; a DatasetError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error


def name_of(files: Files) -> str:
    """A name for these very files."""
    listed = "\n".join(f"{path} {digest}" for path, digest in sorted(files.items()))
    return hashlib.sha256(listed.encode()).hexdigest()[:16]


def parts(files: Files, data_dir: Path | None = None) -> Iterator[tuple[str, bytes]]:
    """What has to be sent, one after another: a file's path below the data folder and its next bytes."""
    for path in files:
        with (places.data_dir(data_dir) / path).open("rb") as stream:
            while content := stream.read(PART):
                yield path, content


def receive(folder: Path, path: str, content: bytes) -> None:
    """Adds a part to a file below `folder`.

    Raises:
        DatasetError: the path leads out of the folder, or the disk does not take it.
    """
    target = folder / path
    if not target.resolve().is_relative_to(folder.resolve()):
        raise DatasetError(f"{path} does not lie below the data folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("ab") as stream:
            stream.write(content)
    except OSError as error:
        raise DatasetError(f"{target} cannot be written: {error.strerror or error}") from error


def complete(folder: Path, files: Files, target: Path) -> None:
    """Makes what was received in `folder` the data folder `target`, once every hash is right.

    Raises:
        DatasetError: a file is not what was to be sent; what was received is taken away.
    """
    wrong = [path for path, digest in files.items() if sha256(folder / path) != digest]
    if wrong:
        shutil.rmtree(folder)
        raise DatasetError(f"{', '.join(wrong)} arrived with the wrong checksum")
    if not target.exists():
        os.replace(folder, target)
