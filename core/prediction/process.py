"""The process that holds the models of one runtime, as the asking side sees it."""

import pickle
import threading
import time
from typing import Protocol

from threadpoolctl import threadpool_limits

from core.machine.environment import thread_environment
from core.machine.piped import PipedProcess
from core.prediction import worker
from core.prediction.answers import Answer, Failure
from core.prediction.models import ModelFile
from core.prediction.worker import Job, LoadedModels

REST = 60  # seconds until a model that killed its worker twice is tried again: memory may have been short
PATIENCE = 120  # seconds for one answer, loading included, before a worker counts as stuck


class Worker(Protocol):
    """Answers for the models of one runtime."""

    @property
    def pid(self) -> int | None:
        """Its process, if it has one of its own that runs."""

    def answer(self, jobs: list[Job]) -> list[Answer]:
        """One answer a job."""

    def close(self) -> None:
        """Ends what was started."""


class InPlace:
    """Answers in this process: NumPy's models need none of their own."""

    pid = None

    def __init__(self) -> None:
        self._models = LoadedModels()
        # Small products gain nothing from a second thread and lose much where cores are busy:
        # measured on 2 busy cores, 8 images take 2.5 ms of processor time instead of 22.
        threadpool_limits(1, user_api="blas")

    def answer(self, jobs: list[Job]) -> list[Answer]:
        """As `LoadedModels.answer`."""
        return self._models.answer(jobs)

    def close(self) -> None:
        """Nothing to end."""


class LastingWorker:
    """Answers through a worker process that is replaced when it dies; what killed it twice is left out."""

    def __init__(self, runtime: str, threads: int) -> None:
        """As `WorkerProcess`, which starts with the first question."""
        self._process = WorkerProcess(runtime, threads)
        # Models that killed two workers on their own: when, and what to say.
        self._deadly: dict[ModelFile, tuple[float, str]] = {}

    @property
    def pid(self) -> int | None:
        """The worker process that runs now."""
        return self._process.pid

    def answer(self, jobs: list[Job]) -> list[Answer]:
        """As `LoadedModels.answer`; a model that takes its worker down twice fails alone for a while."""
        now = time.monotonic()
        self._deadly = {saved: death for saved, death in self._deadly.items() if now - death[0] < REST}
        safe = [job for job in jobs if job[0] not in self._deadly]
        answers = dict(zip([job[0] for job in safe], self._try(safe), strict=True))
        return [answers.get(saved) or Failure(self._deadly[saved][1]) for saved, _ in jobs]

    def _try(self, jobs: list[Job]) -> list[Answer]:
        reason = ""
        for _ in range(2 if jobs else 0):
            try:
                return self._process.ask(jobs)
            except WorkerDied as death:
                reason = str(death)
        if len(jobs) > 1:
            return [self._try([job])[0] for job in jobs]
        for saved, _ in jobs:
            why = f"its worker process died twice while it answered ({reason})"
            self._deadly[saved] = (time.monotonic(), why)
        return [Failure(self._deadly[saved][1]) for saved, _ in jobs]

    def close(self) -> None:
        """Ends the worker process."""
        self._process.close()


class WorkerDied(Exception):
    """The process ended before it answered; the message has its exit code and its last line."""


class WorkerProcess:
    """One worker process and its pipes; started when it is first asked, and again after it died."""

    def __init__(self, runtime: str, threads: int) -> None:
        """Takes the runtime whose models it holds, and the threads that the process may use."""
        self._variables = thread_environment(threads, "cpu", runtime)
        self._process: PipedProcess | None = None

    @property
    def pid(self) -> int | None:
        """The process's number while there is one."""
        return self._process.pid if self._process else None

    def ask(self, jobs: list[Job]) -> list[Answer]:
        """Sends the jobs and waits for their answers.

        Raises:
            WorkerDied: it ended, or was ended because it took too long.
        """
        self._process = piped = self._process or PipedProcess(worker.__name__, variables=self._variables)
        stuck = threading.Timer(PATIENCE, piped.process.kill)
        stuck.daemon = True
        stuck.start()
        try:
            pickle.dump(jobs, piped.questions)
            piped.questions.flush()
            return pickle.load(piped.answers)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.close()
            said = f": {words}" if (words := piped.last_words()) else ""
            raise WorkerDied(f"exit code {piped.process.returncode}{said}") from error
        finally:
            stuck.cancel()

    def close(self) -> None:
        """Ends the process; the next question starts a new one."""
        if piped := self._process:
            self._process = None
            piped.close()
