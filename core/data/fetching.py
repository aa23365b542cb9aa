"""Fetching datasets with torchvision, so that only whole, verified files ever carry their name.

`fetch` imports torch: call it in a command of its own, never in the Streamlit process and never where
TensorFlow is or will be loaded. Whoever does not fetch, but waits for the same files, finds how far it is
in `.partial/received.json` beside them.
"""

import hashlib
import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import product
from pathlib import Path
from urllib.error import HTTPError, URLError

from filelock import FileLock

from core.data.catalogue import DatasetError, DatasetInfo, FileInfo
from core.data.files import FileStatus, status
from core.data.unpacking import unpacked
from core.runs.writing import write_file

STALL_SECONDS = 30.0  # a server that sends nothing for so long is given up
PARTIAL = ".partial"  # below the raw folder: what is not verified yet
RECEIVED = "received.json"  # in there: which file is under way, and how much of it has arrived
NOTE_SECONDS = 0.25  # between two notes of that

Progress = Callable[[str, int, int | None], None]  # file, bytes so far, bytes in total when known


class NotFetched(DatasetError):
    """No mirror had the right file; `problem` says why in a few words."""

    def __init__(self, message: str, problem: str = "") -> None:
        super().__init__(message)
        self.problem = problem


@dataclass
class Fetched:
    """What `fetch` did, by file name; removed files come with the reason."""

    kept: list[str] = field(default_factory=list)
    downloaded: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def fetch(
    dataset: DatasetInfo,
    data_dir: Path | str | None = None,
    mirror: str | None = None,
    progress: Progress | None = None,
) -> Fetched:
    """Brings a dataset's files into the data folder; whole ones stay, others are replaced.

    A file is downloaded into a folder aside, unpacked, compared with its size and checksum and only
    then moved into place. So an interrupted fetch goes on with the next file, and what it left behind,
    or what torchvision left half-written, is removed.

    Args:
        dataset: as `core.data.catalogue.find_dataset` finds it.
        data_dir: the data folder; None means `core.places.data_dir()`.
        mirror: address of the folder with the .gz files, instead of torchvision's mirrors; `{dataset}`
            in it becomes the name. None means DIGIT_DERBY_MIRROR when that is set.
        progress: called with file name, bytes so far, bytes in total (None when the server is silent).

    Raises:
        NotFetched: no mirror had the right file.
        DatasetError: the folder cannot be written.
    """
    done = Fetched()
    for part in dataset.with_files():
        fetched = _fetch_files(part, data_dir, mirror, progress)
        done.kept += fetched.kept
        done.downloaded += fetched.downloaded
        done.removed += fetched.removed
    return done


def _fetch_files(
    dataset: DatasetInfo, data_dir: Path | str | None, mirror: str | None, progress: Progress | None
) -> Fetched:
    """`fetch` for a dataset with files of its own."""
    files = status(dataset, data_dir)
    if all(file.ok for file in files):
        return Fetched(kept=[file.name for file in files])
    folder = dataset.folder(data_dir)
    if not dataset.fetchable:
        raise DatasetError(f"{files[0].name} in {folder} {files[0].problem}. {dataset.ways_out()}")
    mirror = mirror or os.environ.get("DIGIT_DERBY_MIRROR")
    if mirror and not mirror.startswith(("http://", "https://")):
        raise DatasetError(f"mirror {mirror!r} must start with http:// or https://")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".download.lock"), _clean_folder(folder / PARTIAL) as partial:
            mirrors = [mirror.replace("{dataset}", dataset.name)] if mirror else _mirrors(dataset)
            files = status(dataset, data_dir)  # somebody else may have fetched them meanwhile
            return _fetch_bad_files(dataset, files, mirrors, partial, _noting(partial / RECEIVED, progress))
    except OSError as error:
        raise DatasetError(
            f"{folder} cannot be written ({error.strerror or error}). {dataset.ways_out('Make it writable')}"
        ) from error


def _mirrors(dataset: DatasetInfo) -> list[str]:
    if dataset.mirrors:
        return list(dataset.mirrors)
    from torchvision import datasets

    return list(getattr(datasets, dataset.torchvision_class).mirrors)


def _noting(path: Path, progress: Progress | None) -> Progress:
    """The progress, which is also noted in a file for those who wait for the same files."""
    noted = 0.0

    def note(file: str, done: int, total: int | None) -> None:
        nonlocal noted
        if time.monotonic() - noted > NOTE_SECONDS:
            noted = time.monotonic()
            write_file(path, json.dumps({"file": file, "done": done, "total": total}).encode())
        if progress:
            progress(file, done, total)

    return note


def arrived(folder: Path, file: FileInfo) -> float:
    """The share of a file of this folder that has arrived, 0 to 1; 1 once it is in place."""
    path = folder / file.name
    if path.is_file() and path.stat().st_size == file.size:
        return 1.0
    try:
        noted = json.loads((folder / PARTIAL / RECEIVED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0.0
    same = noted["file"] == file.name and noted["total"]
    return min(1.0, noted["done"] / noted["total"]) if same else 0.0


@contextmanager
def _clean_folder(folder: Path) -> Iterator[Path]:
    """An empty folder that is gone afterwards, whatever a killed fetch left in it before."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _fetch_bad_files(
    dataset: DatasetInfo,
    files: list[FileStatus],
    mirrors: list[str],
    partial: Path,
    progress: Progress | None,
) -> Fetched:
    done = Fetched()
    for file, found in zip(dataset.files, files, strict=True):
        if found.ok:
            done.kept.append(file.name)
            continue
        if found.present:
            found.path.unlink()
            done.removed.append(f"{file.name} {found.problem}")
        content = _left_over(found.path.with_name(f"{file.name}.gz"), file, done)
        if content is None:
            content = _download(dataset, file, mirrors, partial, progress, done.removed)
            done.downloaded.append(file.name)
        whole = partial / file.name
        whole.write_bytes(content)
        whole.replace(found.path)
    return done


def _left_over(archive: Path, file: FileInfo, done: Fetched) -> bytes | None:
    """What an archive from an earlier download holds; one that is not whole is removed."""
    if not archive.exists():
        return None
    try:
        content = _unpack(archive, file)
    except DatasetError as error:
        archive.unlink()
        done.removed.append(f"{archive.name} {error}")
        return None
    done.kept.append(archive.name)
    return content


def _download(
    dataset: DatasetInfo,
    file: FileInfo,
    mirrors: list[str],
    partial: Path,
    progress: Progress | None,
    removed: list[str],
) -> bytes:
    """The verified content of one file, from the first mirror that has it."""
    failures: list[tuple[str, Exception]] = []
    for mirror, name in product(mirrors, file.archives or (f"{file.name}.gz",)):
        try:
            return _unpack(_download_archive(mirror, name, file, partial, progress), file)
        except (OSError, RuntimeError, HTTPException, DatasetError) as error:
            packed = f" ({name})" if file.archives else ""
            failures.append((f"{mirror}{packed}", error))
    tried = "; ".join(f"{place} {_reason(error)}" for place, error in failures)
    before = f" What was there was removed: {'; '.join(removed)}." if removed else ""
    raise NotFetched(
        f"{file.name} could not be downloaded to {partial.parent}: {tried}.{before} "
        f"{dataset.ways_out('Try another --mirror')}",
        _problem([error for _, error in failures]) or tried,
    )


def _problem(errors: list[Exception]) -> str:
    """What is wrong in a few words when nobody answered, which is this machine's trouble; else empty."""
    if not all(isinstance(error, URLError) and not isinstance(error, HTTPError) for error in errors):
        return ""
    reasons = dict.fromkeys(_plain(error) for error in errors)
    return f"no server can be reached from here ({'; '.join(reasons)})"


def _reason(error: Exception) -> str:
    if isinstance(error, DatasetError):
        return str(error)
    if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
        return f"sent nothing for {STALL_SECONDS:g} s"
    return f"failed ({_plain(error) or type(error).__name__})"


def _plain(error: Exception) -> str:
    """What the system says of it, without Python's words around."""
    cause = getattr(error, "reason", error)
    if isinstance(cause, TimeoutError):
        return "no answer"
    return (isinstance(cause, OSError) and cause.strerror) or str(error)


def _download_archive(
    mirror: str, name: str, file: FileInfo, partial: Path, progress: Progress | None
) -> Path:
    from torchvision.datasets import utils

    archive = partial / name
    archive.unlink(missing_ok=True)  # torchvision takes any file of this name for a finished download
    meter = _Meter(file, progress)
    with _torchvision_reports_to(meter):
        utils.download_url(f"{mirror.rstrip('/')}/{archive.name}", partial, archive.name)
    if meter.total is not None and meter.done != meter.total:
        raise DatasetError(f"ended after {meter.done:,} of {meter.total:,} bytes")
    return archive


def _unpack(archive: Path, file: FileInfo) -> bytes:
    """The archive's content.

    Raises:
        DatasetError: it is damaged, or not the file that it should be.
    """
    content = unpacked(archive, file.name, file.size + 1)  # no more, however much it would unpack to
    longer = len(content) > file.size
    if len(content) != file.size:
        size = f"more than {file.size:,}" if longer else f"{len(content):,}"
        raise DatasetError(f"holds {size} bytes instead of {file.size:,}")
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if digest != file.md5:
        raise DatasetError(f"holds a file with the wrong checksum ({digest} instead of {file.md5})")
    return content


class _Meter:
    """Counts one download's bytes. Stands in for the console bar that torchvision would draw."""

    def __init__(self, file: FileInfo, progress: Progress | None) -> None:
        self._file, self._progress = file, progress
        self.done = 0
        self.total: int | None = None

    def __call__(self, total: int | None, unit: str, unit_scale: bool) -> "_Meter":
        self.done, self.total = 0, total
        return self

    def __enter__(self) -> "_Meter":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def update(self, count: int) -> None:
        self.done += count
        if self.done > self._file.size + 1_000_000:
            raise DatasetError("sent more than the file can hold")
        if self._progress:
            self._progress(self._file.name, self.done, self.total)


@contextmanager
def _torchvision_reports_to(meter: _Meter) -> Iterator[None]:
    """torchvision has no hook for progress and no time limit; both are set around the download."""
    from torchvision.datasets import utils

    bar, limit = utils.tqdm, socket.getdefaulttimeout()
    utils.tqdm = meter
    socket.setdefaulttimeout(STALL_SECONDS)
    try:
        yield
    finally:
        utils.tqdm = bar
        socket.setdefaulttimeout(limit)
