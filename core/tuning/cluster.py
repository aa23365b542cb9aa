"""Trains fits on several machines: Dask's workers, each with one fit at a time (see `cluster_worker`).

This side decides which worker trains what and counts the workers that a fit killed; Dask carries tasks
and records to and fro and says who is there.
"""

import queue
import secrets
import threading
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.catalogue import DatasetError
from core.machine import processes
from core.runs import records
from core.tuning import cluster_worker
from core.tuning.cluster_connection import CONNECT, ClusterError, Tls, cluster_address, connect
from core.tuning.cluster_crew import LOOK, Crew, Place
from core.tuning.executors import Done
from core.tuning.fits import Fit
from core.tuning.packing import BadRecord, unpack
from core.tuning.workers import MOST_DEATHS

if TYPE_CHECKING:
    from distributed import Future

__all__ = ["Cluster", "ClusterError", "Tls", "cluster_address"]

GOODBYE = 1.5  # seconds for the workers to end what waits for another fit


@dataclass(eq=False)
class _Task:
    """A fit that is on its way."""

    fit: Fit
    place: Place
    future: "Future"


class Cluster:
    """An `core.tuning.executors.Executor` over the workers of a Dask scheduler; they may come and go."""

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
        self._artifacts = artifacts
        self._name = secrets.token_hex(4)  # of this executor, in the names of tasks
        self._waiting: deque[Fit] = deque()
        self._tasks: dict[str, _Task] = {}
        self._told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._early: list[Done] = []
        self._deaths: Counter[str] = Counter()
        self._attempts = 0
        self._client = connect(address, tls)
        try:
            self._crew = Crew(self._client, address, self._name, data_dir)
        except BaseException:
            self._client.close(timeout=1)
            raise
        self.width = len(self._crew.places)

    @property
    def refused(self) -> list[str]:
        """Sentences, one a worker that may not take part: it would not compute as this machine does."""
        return sorted(self._crew.refused.values())

    def submit(self, fit: Fit) -> None:
        """Takes a fit, and begins it when a worker is free.

        Raises:
            core.runs.records.RecordError: its folder cannot be made.
            core.data.catalogue.DatasetError: its dataset is not whole on this machine.
            ClusterError: the cluster is gone.
        """
        if fit.config.own_digits or fit.config.start_from:
            needs = "your own digits" if fit.config.own_digits else f"the weights of {fit.config.start_from}"
            fit.prepare(self._artifacts)
            reason = f"it needs {needs}, which only this machine has: leave --cluster out"
            self._early.append(self._failed(fit, reason))
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
        goodbye = threading.Thread(target=self._let_go, daemon=True)
        goodbye.start()
        goodbye.join(GOODBYE)
        self._client.close(timeout=1)

    def _let_go(self) -> None:
        addresses = [place.address for place in self._crew.places]
        with suppress(OSError):  # the connection is closed before a slow one answers
            self._client.run(cluster_worker.let_go, workers=addresses, on_error="ignore")

    # ── who trains what ─────────────────────────────────────────────────────────────

    def _assign(self) -> None:
        """Gives each free worker a fit."""
        busy = {task.place for task in self._tasks.values()}
        for place in sorted(self._crew.places - busy, key=lambda place: place.address):
            if not self._waiting:
                return
            if self._crew.supply(place, self._waiting[0].config.dataset):
                self._begin(self._waiting.popleft(), place)

    def _begin(self, fit: Fit, place: Place) -> None:
        fit.prepare(self._artifacts)
        mark = processes.process_mark()  # while this process lives, the fit counts as being trained
        self._tell(fit, "launched", **mark, worker=place.address)
        self._attempts += 1
        key = f"{fit.run}-{self._name}-{self._attempts}"
        files = self._crew.files_of(fit.config.dataset)
        future = self._client.submit(
            cluster_worker.train, fit.to_json(), files, key=key, workers=[place.address], pure=False
        )
        self._tasks[key] = _Task(fit, place, future)
        future.add_done_callback(lambda future: self._told.put(future.key))

    def _look(self) -> list[Done]:
        """Looks who is there; returns the fits that killed too many of those that are not any more."""
        self._crew.look()
        self.width = len(self._crew.places)
        lost = [key for key, task in self._tasks.items() if task.place not in self._crew.places]
        return [done for key in lost for done in self._mourn(key, "it is gone")]

    # ── how it ends ─────────────────────────────────────────────────────────────────

    def _hear(self, key: str) -> list[Done]:
        """What became of a task; nothing when its fit begins again."""
        if key not in self._tasks:
            return []
        fit, future = self._tasks[key].fit, self._tasks[key].future
        try:
            packed = future.result(timeout=CONNECT)
        except (records.RecordError, DatasetError) as error:
            return self._pass_on(key, f"cannot train: {error}")
        except Exception as error:  # whatever Dask raises when a worker is gone, and it has many words for it
            return self._mourn(key, f"{type(error).__name__}: {error}".partition("\n")[0][:200])
        del self._tasks[key]
        try:
            ended = unpack(packed, self._artifacts, fit)
        except BadRecord as error:
            return [self._failed(fit, str(error))]
        reason = str(ended.get("reason", ""))
        return [Done(fit, "finished" if ended["status"] == "finished" else "failed", reason)]

    def _pass_on(self, key: str, problem: str) -> list[Done]:
        """Trains a fit elsewhere that its worker has no data or no room for."""
        task = self._tasks.pop(key)
        self._waiting.appendleft(task.fit)
        self._crew.refuse(task.place, problem)
        return []

    def _mourn(self, key: str, why: str) -> list[Done]:
        """Trains the fit of a lost worker again, unless it killed too many."""
        task = self._tasks.pop(key)
        task.future.cancel(force=True)
        self._deaths[task.fit.run] += 1
        if self._deaths[task.fit.run] < MOST_DEATHS:
            self._waiting.appendleft(task.fit)
            return []
        reason = f"its worker died three times (the last one at {task.place.address}: {why})"
        return [self._failed(task.fit, reason)]

    def _failed(self, fit: Fit, reason: str) -> Done:
        self._tell(fit, "ended", status="failed", reason=reason)
        return Done(fit, "failed", reason)

    def _tell(self, fit: Fit, event: str, **values: object) -> None:
        records.append_event(self._artifacts, fit.run, event, time=time.time(), **values)
