"""Fetching a dataset in a process of its own, for whoever must not import torch: races and the browser.

Run as a module, this file is that process; it ends with whoever started it.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import TracebackType

from core.data.catalogue import DatasetError, find_dataset
from core.data.fetching import NotFetched, arrived, fetch
from core.data.files import is_whole
from core.machine import processes
from core.words import duration

PATIENCE = 40.0  # seconds in which something has to arrive; a command has to answer within a minute
LOADING = 120.0  # seconds for the process to load its libraries: a busy machine is no missing network
READY = "ready"  # the first line that the process prints, once it has
FAREWELL = 3.0  # seconds for the process to clean up behind it


@dataclass(frozen=True)
class Received:
    """What has arrived so far. Bytes are those of the unpacked files."""

    files: int
    of_files: int
    bytes: int
    of_bytes: int
    seconds_left: float | None  # None until something has arrived

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.bytes / self.of_bytes

    @property
    def words(self) -> str:
        """Such as "file 2 of 4 · 12 of 55 MB · 8.4 s left"."""
        if self.files == self.of_files:
            return "checking the files"
        told = f"file {self.files + 1} of {self.of_files} · {_megabytes(self.bytes, self.of_bytes)}"
        return told if self.seconds_left is None else f"{told} · {duration(self.seconds_left)} left"


def _megabytes(done: int, total: int) -> str:
    """Such as "12 of 55 MB", with a decimal where there is little."""
    digits = 0 if total >= 1e7 else 1
    return f"{done / 1e6:.{digits}f} of {total / 1e6:.{digits}f} MB"


class DatasetDownload:
    """One download, in a process of its own, which somebody else's download of the same files makes wait.

    As a context manager it ends with the block.
    """

    def __init__(self, dataset: str, data_dir: Path | None = None, patience: float = PATIENCE) -> None:
        self.info = find_dataset(dataset, data_dir)
        self._data_dir, self._patience = data_dir, patience
        self._ready = self._given_up = False
        self._moved = self._begun = time.monotonic()  # when more had arrived; when the first had not yet
        self._first: int | None = None  # bytes then
        self._bytes = 0
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - read while the process writes to it
        self.process = processes.start(
            __name__,
            *[dataset, *([str(data_dir)] if data_dir else [])],
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> "DatasetDownload":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._output.close()

    @property
    def running(self) -> bool:
        """Whether it still goes on."""
        return self.process.poll() is None

    def look(self) -> Received:
        """Counts what is there now, whoever fetched it; gives up when nothing more has come for long."""
        files = [
            (part.folder(self._data_dir), file) for part in self.info.with_files() for file in part.files
        ]
        shares = [(arrived(folder, file), file.size) for folder, file in files]
        whole = sum(share == 1 for share, _ in shares)
        done, total = sum(int(share * size) for share, size in shares), sum(size for _, size in shares)
        self._notice(done)
        limit = self._patience if self._ready else LOADING
        if time.monotonic() - self._moved > limit and self.running:
            self._given_up = True
            self.stop()
        return Received(whole, len(shares), done, total, self._seconds_left(done, total))

    def _notice(self, done: int) -> None:
        now = time.monotonic()
        if not self._ready and os.fstat(self._output.fileno()).st_size:
            self._ready, self._moved = True, now
        if self._first is None or done <= self._first:
            self._first, self._begun = done, now
        if done != self._bytes:
            self._bytes, self._moved = done, now

    def _seconds_left(self, done: int, total: int) -> float | None:
        came = done - (self._first or 0)
        return (time.monotonic() - self._begun) / came * (total - done) if came > 0 else None

    def wait(self, seconds: float) -> None:
        """Returns when it has ended, or after so many seconds."""
        processes.ended_within(self.process, seconds)

    def stop(self) -> None:
        """Ends it, if it still goes on; no file is left half-written."""
        if self.process.stdin:
            self.process.stdin.close()  # which it listens to
        self.wait(FAREWELL)
        if self.running:
            self.process.kill()
            self.process.wait()

    def failure(self) -> str:
        """Why it ended without the files, in a few words; empty when they are there, and while it goes on."""
        if self.running or self.process.returncode == 0:
            return ""
        if is_whole(self.info, self._data_dir):
            return ""  # somebody else brought them
        if self._given_up:
            return f"nothing has arrived for {self._patience:.0f} s"
        self._output.seek(0)
        lines = self._output.read().decode("utf-8", "replace").splitlines()
        said = [line for line in lines if line.strip() and line != READY]
        return said[-1] if said else f"the download was ended ({self.process.returncode})"


# ── the process ─────────────────────────────────────────────────────────────────────


def main() -> None:
    """Fetches the dataset that the arguments name; the last line says why not."""
    # A server that was started in the background of a script ignores it, and so would this process.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    processes.end_with_parent(signal.SIGINT)
    dataset, *folder = sys.argv[1:]
    data_dir = Path(folder[0]) if folder else None
    import_module("torchvision.datasets")
    print(READY, flush=True)
    try:
        fetch(find_dataset(dataset, data_dir), data_dir)
    except NotFetched as error:
        raise SystemExit(error.problem) from error
    except DatasetError as error:
        raise SystemExit(str(error)) from error
    except KeyboardInterrupt:
        raise SystemExit("the download was stopped") from None


if __name__ == "__main__":
    main()
