"""Trains fits on several machines: Dask's workers, each with one fit at a time (see `cluster_worker`).

This side decides which worker trains what and counts the workers that a fit killed; Dask carries tasks
and records to and fro and says who is there.
"""

import logging
import os
import queue
import secrets
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.machine import processes
from core.runs import records
from core.tuning import cluster_worker, data_files
from core.tuning.data_files import Files
from core.tuning.executors import Done
from core.tuning.fits import Fit
from core.tuning.packing import BadRecord, unpack
from core.tuning.workers import MOST_DEATHS

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT = 10.0  # seconds until a scheduler that does not answer, or has no workers, is none
LOOK = 1.0  # seconds between looks at who is there
ALONE = 60.0  # seconds without any worker until the study stops
GOODBYE = 1.5  # seconds for the workers to end what waits for another fit


class ClusterError(RuntimeError):
    """The cluster cannot be used, or is gone; the message says why and what to do."""


@dataclass(frozen=True)
class Tls:
    """Files (PEM) for an encrypted connection: the authority's certificate, one's own, and its key."""

    ca_file: str
    cert: str
    key: str

    @classmethod
    def of(cls, ca_file: str | None = None, cert: str | None = None, key: str | None = None) -> "Tls | None":
        """From options, else DIGIT_DERBY_CLUSTER_CA, _CERT and _KEY; None where nothing says any.

        Raises:
            ClusterError: one or two of the three are missing.
        """
        names = ("CA", "CERT", "KEY")
        given = zip((ca_file, cert, key), names, strict=True)
        values = [value or os.environ.get(f"DIGIT_DERBY_CLUSTER_{name}") for value, name in given]
        if not any(values):
            return None
        lacking = [name for value, name in zip(values, names, strict=True) if not value]
        if lacking:
            raise ClusterError(f"TLS needs all three files; missing: DIGIT_DERBY_CLUSTER_{lacking[0]}")
        return cls(*map(str, values))


def cluster_address(option: str | None = None) -> str | None:
    """The scheduler's address: the option, else DIGIT_DERBY_CLUSTER, else None: no cluster."""
    return option or os.environ.get("DIGIT_DERBY_CLUSTER") or None


@dataclass(frozen=True)
class _Place:
    """A worker process; one that starts again at the same address is another, with a folder of its own."""

    address: str
    folder: str


@dataclass(eq=False)
class _Task:
    """A fit that is on its way."""

    fit: Fit
    place: _Place
    future: "Future"


class Cluster:
    """An `core.tuning.executors.Executor` over the workers of a Dask scheduler; it may come and go."""

    def __init__(
        self, address: str, artifacts: Path, data_dir: Path | None = None, tls: Tls | None = None
    ) -> None:
        """Connects, and makes sure that there are workers that compute as this machine would.

        Args:
            address: of the scheduler, such as "tcp://192.168.0.10:8786", "tls://…" with `tls`.
            artifacts: where runs are recorded, on this machine.
            data_dir: the data folder of this machine; None means `core.places.data_dir()`.
            tls: None also takes what Dask's own configuration says.

        Raises:
            ClusterError: nobody answers there, no worker joins, or none has the same versions.
        """
        self._address, self._artifacts, self._data_dir = address, artifacts, data_dir
        self._name = secrets.token_hex(4)  # of this executor, in the names of tasks
        self._places: set[_Place] = set()
        self._refused: dict[_Place, str] = {}
        self._supplied: set[tuple[_Place, str]] = set()
        self._files: dict[str, Files] = {}
        self._waiting: deque[Fit] = deque()
        self._tasks: dict[str, _Task] = {}
        self._told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._early: list[Done] = []
        self._deaths: Counter[str] = Counter()
        self._attempts = 0
        self._client = _connect(address, tls)
        self.width = 0
        try:
            self._await_workers()
        except BaseException:
            self._client.close(timeout=1)
            raise

    # ── an executor ─────────────────────────────────────────────────────────────────

    def submit(self, fit: Fit) -> None:
        """Takes a fit, and begins it when a worker is free.

        Raises:
            core.runs.records.RecordError: its folder cannot be made.
            ClusterError: the cluster is gone.
        """
        needs = "your own digits" if fit.config.own_digits else "another run's weights"
        if fit.config.own_digits or fit.config.start_from:
            fit.prepare(self._artifacts)
            self._early.append(self._failed(fit, f"it needs {needs}, which only this machine has"))
            return
        self._waiting.append(fit)
        self._assign()

    def wait(self, timeout: float) -> list[Done]:
        """Those that ended since the last call; returns with the first, or with none after `timeout` s.

        Raises:
            core.runs.records.RecordError: this machine's disk does not take a record.
            ClusterError: the cluster is gone.
        """
        until = time.monotonic() + timeout
        done, self._early = self._early, []
        while not done or not self._told.empty():
            left = max(0.0, until - time.monotonic())
            try:
                done += self._hear(self._told.get(timeout=min(left, LOOK)))
            except queue.Empty:
                if left == 0:
                    break
            done += self._look()
            self._assign()
        return done

    def close(self) -> None:
        """Kills what trains, and ends the processes that wait for more; the workers stay."""
        self._waiting.clear()
        self._client.cancel([task.future for task in self._tasks.values()], force=True)
        self._tasks.clear()
        addresses = [place.address for place in self._places]
        goodbye = threading.Thread(target=self._let_go, args=(addresses,), daemon=True)
        goodbye.start()
        goodbye.join(GOODBYE)
        self._client.close(timeout=1)

    def _let_go(self, addresses: list[str]) -> None:
        self._client.run(cluster_worker.let_go, workers=addresses, on_error="ignore")

    # ── who is there ────────────────────────────────────────────────────────────────

    def _await_workers(self) -> None:
        """Waits a while for the first worker.

        Raises:
            ClusterError: none comes, or none that can be used.
        """
        until = time.monotonic() + CONNECT
        while not self._places:
            self._look_around()
            if self._refused and not self._places:
                raise ClusterError("; ".join(sorted(set(self._refused.values()))))
            if not self._places and time.monotonic() > until:
                raise ClusterError(
                    f"the Dask scheduler at {self._address} has no workers; start one in the project's "
                    f"folder with `python -m dask worker {self._address}`"
                )
            if not self._places:
                time.sleep(0.2)
        self._seen = time.monotonic()

    def _look(self) -> list[Done]:
        """Looks around every LOOK seconds; returns the fits that killed too many workers."""
        now = time.monotonic()
        if now < self._next_look:
            return []
        self._look_around()
        if self._places:
            self._seen = now
        elif now > self._seen + ALONE:
            raise ClusterError(f"no worker is left at {self._address}; go on later with tune --resume")
        lost = [key for key, task in self._tasks.items() if task.place not in self._places]
        return [done for key in lost if (done := self._mourn(key))]

    def _look_around(self) -> None:
        """Notes who came and went, and examines who came."""
        self._next_look = time.monotonic() + LOOK
        try:
            if self._client.status != "running":
                raise OSError("the connection broke")
            workers = self._client.scheduler_info()["workers"]
        except OSError as error:
            raise ClusterError(
                f"the Dask scheduler at {self._address} is gone ({error}); nothing is lost: start it "
                "again and go on with tune --resume"
            ) from error
        there = {_Place(address, told["local_directory"]) for address, told in workers.items()}
        new = there - self._places - self._refused.keys()
        if new:
            self._examine({place.address: place for place in new})
        self._places = there - self._refused.keys()
        self.width = len(self._places)

    def _examine(self, new: dict[str, _Place]) -> None:
        """Refuses those of the new workers that would not compute as this machine does."""
        answers = self._client.run(cluster_worker.versions, workers=[*new], on_error="return")
        for address, place in new.items():
            if problem := _problem(answers.get(address)):
                self._refused[place] = f"the Dask worker at {address} {problem}"

    # ── who trains what ─────────────────────────────────────────────────────────────

    def _assign(self) -> None:
        """Gives each free worker a fit."""
        busy = {task.place for task in self._tasks.values()}
        for place in sorted(self._places - busy, key=lambda place: place.address):
            if not self._waiting:
                return
            fit = self._waiting[0]
            files = self._files_of(fit.config.dataset)
            if self._supply(place, fit.config.dataset, files):
                self._waiting.popleft()
                self._begin(fit, place, files)

    def _files_of(self, dataset: str) -> Files:
        if dataset not in self._files:
            self._files[dataset] = data_files.files_of(dataset, self._data_dir)
        return self._files[dataset]

    def _supply(self, place: _Place, dataset: str, files: Files) -> bool:
        """Makes sure that the worker has the dataset; whether it has."""
        known = (place, dataset)
        if known in self._supplied:
            return True
        at = {"workers": [place.address]}
        try:
            if not self._client.run(cluster_worker.has_data, dataset, files, **at).get(place.address):
                for path, content in data_files.parts(files, self._data_dir):
                    self._client.run(cluster_worker.take_part, files, path, content, self._name, **at)
                self._client.run(cluster_worker.take_whole, files, self._name, **at)
        except data_files.DatasetError as error:
            self._refuse(place, f"cannot take {dataset}: {error}")
            return False
        except OSError:  # it is gone, or the scheduler: the next look tells
            return False
        self._supplied.add(known)
        return True

    def _refuse(self, place: _Place, problem: str) -> None:
        """Takes a worker out of the study; without it there may be none.

        Raises:
            ClusterError: it was the last one.
        """
        self._refused[place] = f"the Dask worker at {place.address} {problem}"
        self._places.discard(place)
        self.width = len(self._places)
        if not self._places:
            raise ClusterError("; ".join(sorted(set(self._refused.values()))))

    def _begin(self, fit: Fit, place: _Place, files: Files) -> None:
        fit.prepare(self._artifacts)
        mark = processes.process_mark()  # while this process lives, the fit counts as being trained
        records.append_event(self._artifacts, fit.run, "launched", **mark, worker=place.address, time=time.time())
        self._attempts += 1
        key = f"{fit.run}-{self._name}-{self._attempts}"
        future = self._client.submit(
            cluster_worker.train, fit.to_json(), files, key=key, workers=[place.address], pure=False
        )
        self._tasks[key] = _Task(fit, place, future)
        future.add_done_callback(lambda future: self._told.put(future.key))

    # ── how it ends ─────────────────────────────────────────────────────────────────

    def _hear(self, key: str) -> list[Done]:
        """What became of a task; nothing when its fit begins again."""
        task = self._tasks.get(key)
        if task is None:
            return []
        try:
            ended = unpack(task.future.result(timeout=CONNECT), self._artifacts, task.fit)
        except BadRecord as error:
            del self._tasks[key]
            return [self._failed(task.fit, str(error))]
        except (records.RecordError, data_files.DatasetError) as error:
            if task.future.status != "error":
                raise  # this machine's own disk
            del self._tasks[key]
            self._waiting.appendleft(task.fit)
            self._refuse(task.place, f"cannot train: {error}")
            return []
        except Exception as error:  # whatever Dask raises when a worker is gone, and it has many words for it
            done = self._mourn(key, f"{type(error).__name__}: {error}".partition("\n")[0][:200])
            return [done] if done else []
        del self._tasks[key]
        status = "finished" if ended["status"] == "finished" else "failed"
        return [Done(task.fit, status, str(ended.get("reason", "")))]

    def _mourn(self, key: str, why: str = "it is gone") -> Done | None:
        """Trains the fit of a lost worker again, unless it killed too many."""
        task = self._tasks.pop(key)
        task.future.cancel(force=True)
        self._deaths[task.fit.run] += 1
        if self._deaths[task.fit.run] < MOST_DEATHS:
            self._waiting.appendleft(task.fit)
            return None
        return self._failed(task.fit, f"its worker died three times (the last at {task.place.address}: {why})")

    def _failed(self, fit: Fit, reason: str) -> Done:
        records.append_event(self._artifacts, fit.run, "ended", status="failed", reason=reason, time=time.time())
        return Done(fit, "failed", reason)


def _connect(address: str, tls: Tls | None) -> "Client":
    """A client of the scheduler.

    Raises:
        ClusterError: nobody answers as one.
    """
    from distributed import Client
    from distributed.security import Security

    for name in ("distributed", "distributed.client", "distributed.comm", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is raised here, in a sentence
    files = {} if tls is None else {
        "tls_ca_file": tls.ca_file, "tls_client_cert": tls.cert, "tls_client_key": tls.key, "require_encryption": True,
    }  # fmt: skip
    try:
        security = Security(**files) if files else None
        return Client(address, timeout=CONNECT, security=security, set_as_default=False, name="digit-derby")
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address} within {CONNECT:.0f} s ({error}); is the address right, "
            "and does `python -m dask scheduler` run there?"
        ) from error


def _problem(answer: dict[str, str] | BaseException | None) -> str:
    """What keeps a worker that answered so from taking part; empty when nothing does."""
    if answer is None:
        return "is gone"
    if isinstance(answer, ModuleNotFoundError):
        return f"does not find Digit Derby ({answer}): start it in the project's folder, with its Python"
    if isinstance(answer, BaseException):
        return f"does not answer ({type(answer).__name__}: {answer})"
    here = cluster_worker.versions()
    other = [f"{name} {answer.get(name, 'missing')} (here {own})" for name, own in here.items() if answer.get(name) != own]
    return f"has other versions: {', '.join(other)}; install the same ones there" if other else ""
