"""What Dask's workers do for a study: say what they run, take a dataset, train a fit in a process of its own.

Each function is called there by `core.tuning.cluster`. A training process dies with its worker, and is
killed when nobody wants its fit any more: the task was cancelled, or whoever asked for it is gone.
"""

import hashlib
import platform
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core import frameworks, places
from core.data.catalogue import DatasetError
from core.runs import records
from core.tuning import data_files
from core.tuning.data_files import Files
from core.tuning.fits import Fit
from core.tuning.packing import pack
from core.tuning.workers import LocalWorkers

LOOK = 0.1  # seconds between looks whether the fit is still wanted
REST = 30.0  # seconds that a training process is kept warm for the next fit
FURTHER = ("scipy", "pydantic", "distributed")  # packages besides the exhibits' that can change a result


# ── what it runs ────────────────────────────────────────────────────────────────────


@cache
def versions() -> dict[str, str]:
    """What has to be the same on every machine of a study: Python, packages, and this project's own code."""
    packages = {package: _version(package) for package in (*frameworks.packages().values(), *FURTHER)}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, **packages, "Digit Derby": _code()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _code() -> str:
    digest = hashlib.sha256()
    for path in sorted((places.PROJECT / "core").rglob("*.py")):
        digest.update(path.relative_to(places.PROJECT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:8]


# ── data ────────────────────────────────────────────────────────────────────────────


def has_data(dataset: str, files: Files, dask_worker: Any) -> bool:
    """Whether this worker can read these very files, its own or those that it was sent."""
    return _data_dir(dataset, files, _folder(dask_worker)) is not None


def _data_dir(dataset: str, files: Files, folder: Path) -> Path | None:
    """The data folder with these very files, the machine's own or one that was sent."""
    name = data_files.name_of(files)
    if name not in _FOUND:
        if (folder / name).is_dir():
            _FOUND[name] = folder / name
        elif _has_own(dataset, files):
            _FOUND[name] = places.data_dir().absolute()
    return _FOUND.get(name)


_FOUND: dict[str, Path] = {}  # `data_files.name_of` → the data folder, because looking takes half a second


def _has_own(dataset: str, files: Files) -> bool:
    try:
        return data_files.files_of(dataset) == files
    except DatasetError:
        return False


def take_part(files: Files, path: str, content: bytes, sender: str, dask_worker: Any) -> None:
    """Adds a part to a file of a dataset that `sender` sends."""
    data_files.receive(_arriving(files, sender, dask_worker), path, content)


def take_whole(files: Files, sender: str, dask_worker: Any) -> None:
    """Checks what `sender` sent, and keeps it until this worker ends."""
    target = _folder(dask_worker) / data_files.name_of(files)
    data_files.complete(_arriving(files, sender, dask_worker), files, target)


def _arriving(files: Files, sender: str, dask_worker: Any) -> Path:
    return _folder(dask_worker) / f".{data_files.name_of(files)}-{sender}"


def _folder(dask_worker: Any) -> Path:
    """Where this worker's files lie; Dask takes the folder away with the worker."""
    return Path(dask_worker.local_directory) / "digit-derby"


# ── training ────────────────────────────────────────────────────────────────────────


@dataclass
class _Trainer:
    """The training process of this worker, kept warm between fits of one data folder; one fit at a time."""

    alone: threading.Lock = field(default_factory=threading.Lock)
    workers: LocalWorkers | None = None
    data_dir: Path | None = None
    rest: threading.Timer | None = None

    def train(self, fit: Fit, folder: Path, data_dir: Path, wanted: Callable[[], bool]) -> bytes:
        """As `train`, once no other fit trains here."""
        while not self.alone.acquire(timeout=LOOK):
            if not wanted():
                return b""
        try:
            return self._train(fit, folder / "artifacts", data_dir, wanted)
        finally:
            self.alone.release()

    def _train(self, fit: Fit, artifacts: Path, data_dir: Path, wanted: Callable[[], bool]) -> bytes:
        self._keep(artifacts, data_dir)
        assert self.workers is not None
        try:
            self.workers.submit(fit)
            while not self.workers.wait(LOOK):
                if not wanted():
                    self._end()
                    return b""
            return pack(artifacts, fit)
        except BaseException:
            self._end()
            raise
        finally:
            records.delete_run(artifacts, fit.run)
            self.rest = threading.Timer(REST, self.let_go)
            self.rest.daemon = True
            self.rest.start()

    def _keep(self, artifacts: Path, data_dir: Path | None) -> None:
        if self.rest:
            self.rest.cancel()
        if self.workers is None or self.data_dir != data_dir:
            self._end()
            artifacts.mkdir(parents=True, exist_ok=True)
            self.workers, self.data_dir = LocalWorkers(artifacts, data_dir, 1), data_dir

    def let_go(self) -> None:
        """Ends the training process, unless it trains."""
        if self.alone.acquire(blocking=False):
            try:
                self._end()
            finally:
                self.alone.release()

    def _end(self) -> None:
        if self.workers:
            self.workers.close()
            self.workers = None


_TRAINER = _Trainer()


def train(fit_json: str, files: Files) -> bytes:
    """The task: a fit in, its record out (see `core.tuning.packing`), none where it is not wanted any more.

    Raises:
        DatasetError: this worker was not sent the dataset's files.
        core.runs.records.RecordError: this worker's disk does not take the record.
    """
    from distributed import get_worker

    fit, dask_worker = Fit.from_json(fit_json), get_worker()
    folder, key = _folder(dask_worker), dask_worker.get_current_task()
    data_dir = _data_dir(fit.config.dataset, files, folder)
    if data_dir is None:
        raise DatasetError(f"{fit.config.dataset} is not here")

    def wanted() -> bool:
        task = dask_worker.state.tasks.get(key)
        return task is not None and task.state == "executing" and dask_worker.status.name == "running"

    return _TRAINER.train(fit, folder, data_dir, wanted)


def let_go() -> None:
    """Ends the training process that waits for another fit; one that trains is left alone."""
    _TRAINER.let_go()
