"""Pictures in one folder per class, on disk or in a ZIP, of any size and colour."""

import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from core.data.catalogue import DatasetError
from core.data.importing.limits import LARGEST_LISTING, LARGEST_UNPACKED, MOST_IMAGES
from core.data.importing.parts import Found, Part, Preparation, Progress, Source
from core.data.importing.preparing import prepared
from core.drawing.formats import SUFFIXES
from core.machine.environment import available_cores
from core.words import counted

CHUNK = 256  # pictures between two reports
# What systems add by themselves, beside names that begin with a dot.
JUNK = ("__macosx", "thumbs.db", "desktop.ini")
TRAIN, TEST = ("train", "training"), ("test", "testing", "t10k")


@dataclass(frozen=True)
class Picture:
    """One picture: the folders that it lies in with its own name, and how to read it."""

    path: tuple[str, ...]
    read: Callable[[], bytes]

    @property
    def shown(self) -> str:
        """Its path as messages say it."""
        return "/".join(self.path)


@dataclass
class Listing:
    """The pictures of a folder or a ZIP, and how many other files lie among them."""

    name: str
    pictures: list[Picture] = field(default_factory=list)
    skipped: int = 0

    def add(self, path: tuple[str, ...], read: Callable[[], bytes]) -> None:
        """Takes a file when it is a picture and counts it when it is not."""
        if any(part.startswith(".") or part.casefold() in JUNK for part in path):
            return
        if Path(path[-1]).suffix.casefold() not in SUFFIXES:
            self.skipped += 1
        elif len(self.pictures) == MOST_IMAGES:
            raise DatasetError(f"{self.name} holds more than {MOST_IMAGES:,} pictures")
        else:
            self.pictures.append(Picture(path, read))


def read_pictures(source: Source, progress: Progress) -> Found:
    """The pictures of a folder or a ZIP with one folder per class, or with `train` and `test` of such.

    Raises:
        DatasetError: a link, a path out of the folder, more than is taken, a picture that cannot be read or
            lies in no class's folder; the message names the file.
    """
    with listed(source.path) as listing:
        parts = by_part(listing)
        how = source.prepare or "mnist"
        read = {name: _part(listing.name, pictures, how, progress) for name, pictures in parts.items()}
    notes = []
    if listing.skipped:
        notes.append(f"{counted(listing.skipped, 'file')} passed over: no PNG, JPEG or WebP")
    return Found(read["train"], read.get("test"), notes, how)


# ── what there is ───────────────────────────────────────────────────────────────────


@contextmanager
def listed(path: Path) -> Iterator[Listing]:
    """What a folder or a ZIP holds; its pictures can be read inside the block."""
    if path.is_dir():
        yield _folder(path)
        return
    check_listing(path)
    try:
        with zipfile.ZipFile(path) as archive:
            yield _entries(path.name, archive)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise DatasetError(f"{path.name} is damaged, or no ZIP file ({error})") from error


def _folder(root: Path) -> Listing:
    listing = Listing(root.name)
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in [*folders, *sorted(files)]:
            path = Path(folder, name)
            if path.is_symlink():
                shown = f"{root.name}, {path.relative_to(root).as_posix()}"
                raise DatasetError(f"{shown} is a link; put the file itself there")
            if path.is_file():
                listing.add(path.relative_to(root).parts, path.read_bytes)
    return listing


def check_listing(path: Path) -> None:
    """Refuses a ZIP whose list of entries alone would fill the memory (raises DatasetError)."""
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - 2**16 - 22))
        end = file.read()
    start = end.rfind(b"PK\5\6")
    if start < 0 or len(end) < start + 16:
        raise DatasetError(f"{path.name} is damaged, or no ZIP file (its end is missing)")
    if int.from_bytes(end[start + 12 : start + 16], "little") > LARGEST_LISTING:
        raise DatasetError(f"{path.name} has far more entries than {MOST_IMAGES:,}")


def _entries(name: str, archive: zipfile.ZipFile) -> Listing:
    from core.drawing.pictures import LARGEST_FILE

    listing, total = Listing(name), 0
    for info in archive.infolist():
        path = _spelt(info)
        shown = f"{name}, {path}"
        parts = tuple(part for part in path.split("/") if part not in ("", "."))
        if path.startswith("/") or "\\" in path or ".." in parts or ":" in path[:2]:
            raise DatasetError(f"{shown}: this path leads out of the folder")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise DatasetError(f"{shown} is a link; put the file itself there")
        if info.is_dir() or not parts:
            continue
        before = len(listing.pictures)
        listing.add(parts, partial(_entry, archive, info, shown, LARGEST_FILE))
        if len(listing.pictures) == before:
            continue
        if info.flag_bits & 1:
            raise DatasetError(f"{shown} is encrypted")
        total += info.file_size
        if info.file_size > LARGEST_FILE or total > LARGEST_UNPACKED:
            raise DatasetError(
                f"{shown}: unpacks to {info.file_size / 2**20:,.0f} MB, {total / 2**20:,.0f} MB with those "
                f"before; {LARGEST_FILE // 2**20} MB a picture and {LARGEST_UNPACKED // 2**20:,} MB together "
                "are the most"
            )
    return listing


def _spelt(info: zipfile.ZipInfo) -> str:
    """The entry's path; macOS writes UTF-8 without saying so, which reads as code page 437."""
    path = info.orig_filename
    if info.flag_bits & 0x800:
        return path
    try:
        return path.encode("cp437").decode("utf-8")
    except UnicodeError:
        return path


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str, most: int) -> bytes:
    """An entry's content, never more than `most` bytes, whatever it says of itself."""
    try:
        with archive.open(info) as stream:
            content = stream.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise DatasetError(f"{shown} is damaged ({error})") from error
    if len(content) > most:
        raise DatasetError(f"{shown} unpacks to more than {most // 2**20} MB")
    return content


# ── which class and which part ──────────────────────────────────────────────────────


def by_part(listing: Listing) -> dict[str, list[tuple[str, Picture]]]:
    """Classes and pictures of "train" and, where there is one, "test".

    Raises:
        DatasetError: no pictures, or one that lies in no class's folder.
    """
    if not listing.pictures:
        raise DatasetError(f"{listing.name} holds no PNG, JPEG or WebP pictures")
    tops = {picture.path[0].casefold() for picture in listing.pictures}
    skip = 0
    if len(tops) == 1 and all(len(picture.path) > 2 for picture in listing.pictures):
        skip = 1  # one folder around all
        tops = {picture.path[1].casefold() for picture in listing.pictures}
    divided = bool(tops & {*TRAIN}) and bool(tops & {*TEST}) and tops <= {*TRAIN, *TEST}
    parts: dict[str, list[tuple[str, Picture]]] = {}
    for picture in listing.pictures:
        path = picture.path[skip:]
        if len(path) != 2 + divided:
            raise DatasetError(
                f"{listing.name}, {picture.shown}: lies in no class's folder; one folder per class is "
                "expected, with the pictures right in it"
            )
        part = "test" if divided and path[0].casefold() in TEST else "train"
        parts.setdefault(part, []).append((path[-2], picture))
    return parts


def _part(name: str, pictures: list[tuple[str, Picture]], how: Preparation, progress: Progress) -> Part:
    images = np.empty((len(pictures), 28, 28), np.uint8)
    with ThreadPoolExecutor(available_cores()) as pool:
        for start in range(0, len(pictures), CHUNK):
            chunk = [picture for _, picture in pictures[start : start + CHUNK]]
            for position, image in enumerate(pool.map(partial(open_prepared, name, how), chunk), start):
                images[position] = image
            progress("reading", min(1.0, (start + CHUNK) / len(pictures)))
    return Part(images, [label for label, _ in pictures], lambda at: f"{name}, {pictures[at][1].shown}")


def open_prepared(name: str, how: Preparation, picture: Picture) -> np.ndarray:
    """One picture as the networks take it, (28, 28) uint8.

    Raises:
        DatasetError: it cannot be read, or shows nothing; the message names it.
    """
    from core.drawing.pictures import PictureError, open_picture

    try:
        return prepared(open_picture(picture.read()), how)
    except (PictureError, DatasetError, OSError) as error:
        reason = str(error)
        raise DatasetError(
            reason if reason.startswith(f"{name}, ") else f"{name}, {picture.shown}: {reason}"
        ) from error
