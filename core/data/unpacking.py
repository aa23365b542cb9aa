"""Unpacking what a mirror sends: gzip, Unix compress, and a zip archive with one of them inside."""

import gzip
import zipfile
import zlib
from pathlib import Path

from core.data.catalogue import DatasetError


def unpacked(archive: Path, name: str, most: int) -> bytes:
    """A packed file's first bytes.

    Args:
        archive: `.Z`, `.zip` with a `.Z` of the file in it, or gzip.
        name: what the file is called.
        most: bytes wanted.

    Raises:
        DatasetError: it is damaged.
    """
    match archive.suffix:
        case ".Z":
            return _uncompressed(archive.read_bytes(), most)
        case ".zip":
            return _uncompressed(_member(archive, f"{name}.Z", most), most)
    try:
        with gzip.open(archive) as stream:
            return stream.read(most)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DatasetError(f"is not a whole gzip archive ({error})") from error


def _uncompressed(packed: bytes, most: int) -> bytes:
    """What Unix compress packed (`.Z`)."""
    from unlzw3 import unlzw  # only UCI still packs like that

    try:
        return unlzw(packed)[:most]
    except (ValueError, IndexError) as error:
        raise DatasetError(f"is not a whole .Z archive ({error})") from error


def _member(archive: Path, name: str, most: int) -> bytes:
    """One file of a zip archive, whatever folder it lies in there."""
    try:
        with zipfile.ZipFile(archive) as packed:
            [found] = [one for one in packed.infolist() if Path(one.filename).name == name]
            with packed.open(found) as stream:
                return stream.read(2 * most)  # no more, however much it would unpack to
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError) as error:
        raise DatasetError(f"is not a zip archive with {name} in it ({error})") from error
