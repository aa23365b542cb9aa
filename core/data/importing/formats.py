"""Which reader a file or folder needs: told by what it begins with, never by its name."""

import gzip
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from core.data.catalogue import DatasetError
from core.data.importing.arrays import read_idx, read_npy, read_npz
from core.data.importing.parts import Found, Progress, Source
from core.data.importing.pictures import check_listing, read_pictures
from core.data.importing.tables import read_table

Reader = Callable[[Source, Progress], Found]
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8")


def read_csv(source: Source, progress: Progress) -> Found:
    """The images of a CSV file, which brings no test part (as `read_table`)."""
    return Found(read_table(source, progress))


def reader(path: Path) -> Reader:
    """Who reads this file or folder.

    Raises:
        DatasetError: it is empty, a single picture, or packed and none of what is read packed.
        OSError: it is not there or not to be read.
    """
    if path.is_dir():
        return read_pictures
    begin = _begin(path)
    if not begin:
        raise DatasetError(f"{path.name} is empty")
    if begin.startswith(b"PK"):
        return read_npz if _holds_arrays(path) else read_pictures
    if begin.startswith(b"\x93NUMPY"):
        return read_npy
    if begin.startswith(b"\0\0"):
        return read_idx
    if begin.startswith(_PICTURES):
        raise DatasetError(f"{path.name} is a single picture; bring a folder or ZIP, one folder per class")
    return read_csv


def _begin(path: Path) -> bytes:
    """The first bytes, unpacked where they are packed with gzip."""
    with open(path, "rb") as file:
        begin = file.read(16)
    if not begin.startswith(b"\x1f\x8b"):
        return begin
    try:
        with gzip.open(path) as file:
            begin = file.read(16)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DatasetError(f"{path.name} is damaged ({error})") from error
    if not begin.startswith(b"\0\0"):
        raise DatasetError(f"{path.name} is packed with gzip and no IDX file; unpack it first")
    return begin


def _holds_arrays(path: Path) -> bool:
    check_listing(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise DatasetError(f"{path.name} is damaged, or no ZIP file ({error})") from error
    if not names:
        raise DatasetError(f"{path.name} is empty")
    return all(name.endswith(".npy") for name in names)
