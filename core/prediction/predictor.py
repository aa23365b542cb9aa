"""What the saved models say: one warm worker process per runtime, shared by all who ask.

Requests that arrive while a worker is busy are answered together in its next call, each model
reading all their images at once. NumPy's models live in this process; every other runtime gets a
process of its own, because torch and TensorFlow crash in one. A worker is a plain child that
talks through its pipes: measured against loky's executor it takes 0.1 ms a call instead of 0.4
(95th percentile 0.2 instead of 4), and it ends with its parent even when that is killed.
"""

import os
import pickle
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from core import frameworks
from core.data.datasets import scaling_constants
from core.machine import processes
from core.machine.environment import thread_environment
from core.prediction import worker as worker_module
from core.prediction.worker import Failure, Job, ModelFile, Models, Prediction
from core.runs import records

REST = 60  # seconds until a model that killed its worker twice is tried again: memory may have been short
PATIENCE = 120  # seconds for one answer, loading included, before a worker counts as stuck
DIGIT_DATASETS = ("mnist", "digits")  # models of other datasets do not read digits

Answer = Prediction | Failure


# ── which models there are ──────────────────────────────────────────────────────────


def model_file(artifacts: Path, run: str) -> ModelFile:
    """The run's saved model.

    Raises:
        core.runs.records.RecordError: no such run, an unreadable configuration, or no model saved.
    """
    config, _ = records.read_config(artifacts, run)
    if config.framework not in frameworks.names():
        raise records.RecordError(f"{run} was trained with {config.framework}, which is not here")
    path = records.run_dir(artifacts, run) / frameworks.constants(config.framework)["MODEL_FILE"]
    try:
        modified = path.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise records.RecordError(f"{run} has no saved model ({path.name} is missing)") from error
    mean, std = scaling_constants(config.dataset, config.scaling)
    return ModelFile(run, config.framework, str(path), modified, config.dataset, mean, std)


def saved_models(artifacts: Path) -> dict[str, str]:
    """Every run that can read digits and its framework: reference runs first, then the newest first."""
    found = {}
    for run in records.run_names(artifacts):
        try:
            saved = model_file(artifacts, run)
        except records.RecordError:
            continue  # still training, or a result without its model: nothing to ask
        if saved.dataset in DIGIT_DATASETS:
            found[run] = saved.framework
    own = [run for run in found if not records.is_reference(run)]
    return {run: found[run] for run in [*(run for run in found if run not in own), *reversed(own)]}


def default_runs(artifacts: Path) -> list[str]:
    """One run per framework: its reference run, trained with augmentation (which reads drawings
    better) where that exists, else the newest of the visitor's own.
    """  # fmt: skip
    saved = saved_models(artifacts)
    chosen = []
    for framework in frameworks.names():
        plain = f"{records.REFERENCE}{framework}-small-cnn"
        newest = [run for run in saved if saved[run] == framework]
        wanted = [run for run in (f"{plain}-augmented", plain, *newest) if run in saved]
        chosen += wanted[:1]
    return chosen


# ── asking them ─────────────────────────────────────────────────────────────────────


@dataclass
class Predictor:
    """Asks the models of one artifacts folder; made once and used by every thread."""

    artifacts: Path
    threads: int = 1  # of each worker: small networks gain nothing from more
    _lanes: dict[str, "_Lane"] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def submit(self, runs: Sequence[str], images: np.ndarray) -> dict[str, "Future[Answer]"]:
        """Asks without waiting; the answers arrive as the workers get to them.

        Args:
            runs: names of runs.
            images: (N, 28, 28) uint8 as `core.drawing.preprocessing.prepare_digit` makes them, N ≥ 1.
        """
        futures: dict[str, Future[Answer]] = {run: Future() for run in runs}
        requests: dict[str, list[_Request]] = {}
        for run, future in futures.items():
            try:
                saved = model_file(self.artifacts, run)
            except records.RecordError as error:
                future.set_result(Failure(str(error)))
                continue
            request = _Request(saved, images, future)
            requests.setdefault(frameworks.runtime(saved.framework), []).append(request)
        for runtime, together in requests.items():
            self._lane(runtime).requests.put(together)
        return futures

    def predict(self, runs: Sequence[str], images: np.ndarray) -> dict[str, Answer]:
        """The answer of every run, waiting for all of them (arguments as in `submit`)."""
        return {run: future.result() for run, future in self.submit(runs, images).items()}

    def warm(self, runs: Sequence[str]) -> None:
        """Starts the workers and loads these models in the background."""
        self.submit(runs, np.zeros((1, 28, 28), np.uint8))

    def worker_pids(self) -> dict[str, int]:
        """The process of each runtime's worker, as far as it was started."""
        with self._lock:
            lanes = dict(self._lanes)
        return {runtime: lane.worker.pid for runtime, lane in lanes.items() if lane.worker.pid}

    def close(self) -> None:
        """Ends the workers once they have answered what was asked."""
        with self._lock:
            lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            lane.close()

    def __del__(self):
        for lane in self._lanes.values():
            lane.requests.put(None)  # a forgotten predictor leaves no worker behind

    def _lane(self, runtime: str) -> "_Lane":
        with self._lock:
            if runtime not in self._lanes:
                worker = _InPlace() if runtime == "numpy" else _Process(runtime, self.threads)
                self._lanes[runtime] = _Lane(runtime, worker)
            return self._lanes[runtime]


@dataclass
class _Request:
    model_file: ModelFile
    images: np.ndarray
    future: "Future[Answer]"


class _Lane:
    """The requests for one runtime: all that wait are answered in one call."""

    def __init__(self, runtime: str, worker: "_InPlace | _Process"):
        self.worker = worker
        self.requests: queue.SimpleQueue[list[_Request] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=f"predict-{runtime}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.requests.put(None)
        self._thread.join()

    def _serve(self) -> None:
        open_ = True
        while open_:
            waiting = [self.requests.get()]
            while not self.requests.empty():
                waiting.append(self.requests.get())
            open_ = None not in waiting
            asked = [request for together in waiting if together for request in together]
            asked = [request for request in asked if request.future.set_running_or_notify_cancel()]
            if asked:
                self._answer(asked)
        self.worker.close()

    def _answer(self, asked: list[_Request]) -> None:
        """Gives every model the images of all who ask it, and every asker their part of the answer."""
        by_model: dict[ModelFile, list[_Request]] = {}
        for request in asked:
            by_model.setdefault(request.model_file, []).append(request)
        jobs = [
            (saved, np.concatenate([request.images for request in group]))
            for saved, group in by_model.items()
        ]
        try:
            answers = self.worker.answer(jobs)
        except Exception as error:  # such as no memory for a new process: this lane must go on
            answers = [Failure(f"{type(error).__name__}: {error}")] * len(jobs)
        for group, answer in zip(by_model.values(), answers, strict=True):
            start = 0
            for request in group:
                end = start + len(request.images)
                part = answer
                if isinstance(answer, Prediction):
                    part = Prediction(answer.probabilities[start:end], answer.milliseconds)
                request.future.set_result(part)
                start = end


class _InPlace:
    """NumPy's models need no process of their own."""

    pid = None

    def __init__(self):
        self.answer = Models().answer
        # Small products gain nothing from a second thread and lose much where cores are busy:
        # measured on 2 busy cores, 8 images take 2.5 ms of processor time instead of 22.
        threadpool_limits(1, user_api="blas")

    def close(self) -> None:
        """Nothing to end."""


class _WorkerDied(Exception):
    pass


class _Process:
    """A worker process, replaced when it dies."""

    def __init__(self, runtime: str, threads: int):
        self._environment = thread_environment(threads, "cpu", runtime)
        self._process: subprocess.Popen | None = None
        # What the frameworks print; read when a worker dies.
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115
        # Models that killed two workers on their own: when, and what to say.
        self._deadly: dict[ModelFile, tuple[float, str]] = {}

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def answer(self, jobs: list[Job]) -> list[Answer]:
        """As `Models.answer`; a model that takes its worker down twice fails alone for a while."""
        now = time.monotonic()
        self._deadly = {saved: death for saved, death in self._deadly.items() if now - death[0] < REST}
        safe = [job for job in jobs if job[0] not in self._deadly]
        answers = dict(zip([job[0] for job in safe], self._try(safe), strict=True))
        return [answers.get(saved) or Failure(self._deadly[saved][1]) for saved, _ in jobs]

    def _try(self, jobs: list[Job]) -> list[Answer]:
        reason = ""
        for _ in range(2 if jobs else 0):
            try:
                return self._ask(jobs)
            except _WorkerDied as death:
                reason = str(death)
        if len(jobs) > 1:
            return [self._try([job])[0] for job in jobs]
        for saved, _ in jobs:
            why = f"its worker process died twice while it answered ({reason})"
            self._deadly[saved] = (time.monotonic(), why)
        return [Failure(self._deadly[saved][1]) for saved, _ in jobs]

    def _ask(self, jobs: list[Job]) -> list[Answer]:
        process = self._running()
        stuck = threading.Timer(PATIENCE, process.kill)
        stuck.daemon = True
        stuck.start()
        try:
            pickle.dump(jobs, process.stdin)
            process.stdin.flush()
            return pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.close()
            raise _WorkerDied(f"exit code {process.returncode}{self._last_words()}") from error
        finally:
            stuck.cancel()

    def _running(self) -> subprocess.Popen:
        if self._process is None:
            self._process = processes.start(
                worker_module.__name__,
                variables=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._printed,
            )
        return self._process

    def _last_words(self) -> str:
        """The last line that the dead worker printed, and a clean file for the next one."""
        end = self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(0, end - 2000))
        lines = self._printed.read().decode("utf-8", "replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        self._printed.truncate(0)
        self._printed.seek(0)
        return f": {said[-1][:200]}" if said else ""

    def close(self) -> None:
        """Ends the worker; the next request starts a new one."""
        if process := self._process:
            self._process = None
            process.kill()
            process.wait()
            process.stdout.close()
            with suppress(BrokenPipeError):  # the rest of a request that it will not read any more
                process.stdin.close()
