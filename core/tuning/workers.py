"""Trains fits on this machine, in processes that each keep one runtime warm."""

import queue
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from core import frameworks
from core.machine.environment import thread_environment
from core.machine.piped import PipedProcess
from core.runs import records
from core.tuning import worker
from core.tuning.executors import Done
from core.tuning.fits import Fit
from core.tuning.worker import Answer

SHARE_GPU = {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}  # else one process takes all of its memory
MOST_DEATHS = 3  # of workers over one fit, before it counts as failed


@dataclass(frozen=True)
class Kind:
    """What a process is set up for, before its framework is imported; it trains only fits of its kind."""

    runtime: str
    threads: int
    on_cpu: bool  # its GPUs are hidden
    alone: str = ""  # the run with a role that it is for: its times hold its own import

    @classmethod
    def of(cls, fit: Fit) -> "Kind":
        """The kind of process that the fit needs."""
        config = fit.config
        on_cpu = config.device == "cpu"
        return cls(frameworks.runtime(config.framework), config.threads, on_cpu, fit.run if fit.role else "")

    def environment(self) -> dict[str, str]:
        """The environment variables of such a process."""
        variables = thread_environment(self.threads, "cpu" if self.on_cpu else "auto", self.runtime)
        return variables | SHARE_GPU


@dataclass(eq=False)
class _Worker:
    """One process, and the fit that it trains at the moment."""

    kind: Kind
    piped: PipedProcess
    fit: Fit | None = None
    listener: threading.Thread = field(init=False)

    def ask(self, fit: Fit) -> None:
        """Gives it a fit; one that just died is noticed by its listener."""
        self.fit = fit
        try:
            self.piped.questions.write(fit.to_json().encode() + b"\n")
            self.piped.questions.flush()
        except BrokenPipeError:
            self.piped.process.kill()

    def close(self) -> None:
        """Ends it at once."""
        self.piped.process.kill()
        self.listener.join()
        self.piped.close()


class LocalWorkers:
    """An `core.tuning.executors.Executor` of processes on this machine.

    A process keeps its runtime between fits. Those of other runtimes stay, idle, while there are no more
    than runtimes or fits at a time, so that frameworks in turns are not imported again and again.
    """

    def __init__(self, artifacts: Path, data_dir: Path | None, workers: int) -> None:
        """Starts nothing yet.

        Args:
            artifacts: where runs are recorded.
            data_dir: the data folder; None means `core.places.data_dir()`.
            workers: fits that train at once.
        """
        self.width = workers
        self._artifacts = artifacts
        self._arguments = [str(path.absolute()) for path in (artifacts, data_dir) if path]
        self._most = max(workers, len({frameworks.runtime(name) for name in frameworks.names()}))
        self._waiting: deque[Fit] = deque()
        self._workers: list[_Worker] = []
        self._told: queue.SimpleQueue[tuple[_Worker, bytes | None]] = queue.SimpleQueue()
        self._deaths: Counter[str] = Counter()

    def submit(self, fit: Fit) -> None:
        """Takes a fit, and begins it when a worker is free.

        Raises:
            core.runs.records.RecordError: its folder cannot be made.
        """
        self._waiting.append(fit)
        self._assign()

    def wait(self, timeout: float) -> list[Done]:
        """Those that ended since the last call; returns with the first, or with none after `timeout` s.

        Raises:
            core.runs.records.RecordError: the disk is full; the fit that noticed it is not recorded.
        """
        until = time.monotonic() + timeout
        done: list[Done] = []
        while not done or not self._told.empty():
            try:
                one, line = self._told.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if one in self._workers and (ended := self._hear(one, line)):
                done.append(ended)
            self._assign()
        return done

    def pids(self) -> list[int]:
        """The processes at present."""
        return [one.piped.pid for one in self._workers]

    def close(self) -> None:
        """Kills what trains; folders of half-trained fits stay for who goes on with the study."""
        self._waiting.clear()
        for one in self._workers:
            one.piped.process.kill()  # all of them, before waiting for the first
        while self._workers:
            self._workers.pop().close()

    # ── who trains what ─────────────────────────────────────────────────────────────

    def _assign(self) -> None:
        """Begins as many of the waiting fits as there are places, those of a warm worker's kind first."""
        while self._waiting and sum(one.fit is not None for one in self._workers) < self.width:
            idle = {one.kind: one for one in self._workers if one.fit is None}
            fit = next((fit for fit in self._waiting if Kind.of(fit) in idle), self._waiting[0])
            fit.prepare(self._artifacts)
            one = idle.get(Kind.of(fit)) or self._start(Kind.of(fit))
            self._waiting.remove(fit)
            one.ask(fit)

    def _start(self, kind: Kind) -> _Worker:
        """A fresh worker, in place of an idle one where there are as many as may be."""
        if len(self._workers) >= self._most:
            self._end(next(one for one in self._workers if one.fit is None))
        one = _Worker(kind, PipedProcess(worker.__name__, *self._arguments, variables=kind.environment()))
        one.listener = threading.Thread(target=self._listen, args=(one,), daemon=True)
        one.listener.start()
        self._workers.append(one)
        return one

    def _end(self, one: _Worker) -> None:
        self._workers.remove(one)
        one.close()

    # ── what they say ───────────────────────────────────────────────────────────────

    def _listen(self, one: _Worker) -> None:
        """Passes on the worker's lines, and None when it ended; in a thread of its own."""
        for line in one.piped.answers:
            self._told.put((one, line))
        self._told.put((one, None))

    def _hear(self, one: _Worker, line: bytes | None) -> Done | None:
        """What became of the worker's fit; None when it begins again, or nothing trained."""
        fit, one.fit = one.fit, None
        if line is None:
            self._end(one)
            return self._mourn(fit, one) if fit else None
        answer = Answer.from_json(line)
        if answer.last:
            self._end(one)
        if answer.status == "no room":
            raise records.NoRoom(answer.reason)
        assert fit is not None
        return Done(fit, answer.status, answer.reason)

    def _mourn(self, fit: Fit, one: _Worker) -> Done | None:
        """Trains the fit of a dead worker again, unless it was done or killed too many."""
        if records.metrics_path(self._artifacts, fit.run).exists():
            return Done(fit, "finished")
        self._deaths[fit.run] += 1
        if self._deaths[fit.run] < MOST_DEATHS:
            self._waiting.appendleft(fit)
            return None
        code = one.piped.process.returncode
        how = f"signal {-code}" if code < 0 else f"exit code {code}: {one.piped.last_words()}"
        reason = f"its worker died three times ({how})"
        records.append_event(
            self._artifacts, fit.run, "ended", status="failed", reason=reason, time=time.time()
        )
        return Done(fit, "failed", reason)
