"""A real Dask scheduler and real workers, as processes of this machine."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from core.places import PROJECT
from support.browser import free_port, wait_for


class DaskCluster:
    """A scheduler, and workers that have an empty data folder; `close` ends all of them."""

    def __init__(self, folder: Path, *options: str, protocol: str = "tcp", at: Path = PROJECT):
        self.folder = folder
        folder.mkdir(parents=True)
        port = free_port()
        self.address = f"{protocol}://127.0.0.1:{port}"
        self.options = options
        self.processes: list[subprocess.Popen] = []
        where = ["--host", "127.0.0.1", "--port", str(port), "--protocol", protocol]
        self.start("scheduler", *where, at=at)
        wait_for(lambda: answers(port))

    def start(
        self, what: str, *arguments: str, variables: Mapping[str, str] | None = None, at: Path = PROJECT
    ):
        """`python -m dask …`, as people start it in the project's folder."""
        log = self.folder / f"{what}-{len(self.processes)}.log"
        data = {"DIGIT_DERBY_DATA": str(self.folder / "no-data")}
        command = [sys.executable, "-m", "dask", what, "--dashboard-address", "127.0.0.1:0"]
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [*command, *arguments, *self.options],
                cwd=at,
                env={**os.environ, **data, **(variables or {})},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process

    def add_worker(self, **how) -> subprocess.Popen:
        """One more worker, with a scratch folder of its own."""
        scratch = self.folder / f"scratch-{len(self.processes)}"
        where = ["--no-nanny", "--host", "127.0.0.1", "--local-directory", str(scratch)]
        worker = self.start("worker", self.address, *where, **how)
        worker.scratch = scratch
        return worker

    def close(self) -> None:
        """Kills them all, with what they started."""
        for process in self.processes:
            for child in children(process):
                child.kill()
            process.kill()
        for process in self.processes:
            process.wait()


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def children(process: subprocess.Popen) -> list[psutil.Process]:
    """The processes below a worker: those that train."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def trains(worker: subprocess.Popen, run: str) -> bool:
    """Whether the worker is in the middle of a run: an epoch of it is done."""
    found = worker.scratch.glob(f"dask-scratch-space/*/digit-derby/artifacts/{run}/events.jsonl")
    return any('"epoch"' in path.read_text() for path in found)


def who_trains(workers: list[subprocess.Popen], run: str, executor=None) -> subprocess.Popen:
    """Waits until one of the workers is in the middle of a run, and returns it.

    Whoever submitted the run (`executor`) goes on meanwhile, so that it learns of workers that are lost.
    """

    def found():
        if executor:
            assert executor.wait(0.1) == []
        return next((worker for worker in workers if trains(worker, run)), None)

    return wait_for(found)


def kill(process: subprocess.Popen) -> list[psutil.Process]:
    """SIGKILL; returns what it had started."""
    left = children(process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return left
