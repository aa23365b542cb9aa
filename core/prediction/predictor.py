"""What the saved models say: one warm worker process per runtime, shared by all who ask.

Requests that arrive while a worker is busy are answered together in its next call, each model
reading all their images at once. NumPy's models live in this process; every other runtime gets a
process of its own, because torch and TensorFlow crash in one; all shrunk variants share one more. A
worker is a plain child that talks through its pipes: measured against a process pool it takes 0.1 ms
a call instead of 0.4 (95th percentile 0.2 instead of 4), and it ends with its parent even when that
is killed.
"""

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core import frameworks
from core.machine.processes import give_way
from core.prediction.answers import Answer, Failure, Prediction
from core.prediction.models import ModelFile
from core.prediction.process import InPlace, LastingWorker, Worker
from core.prediction.variants import RUNTIME, asked_file
from core.runs import records


@dataclass
class Predictor:
    """Asks the models of one artifacts folder; made once and used by every thread."""

    artifacts: Path
    threads: int = 1  # of each worker: small networks gain nothing from more
    _queues: dict[str, "RuntimeQueue"] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def submit(self, runs: Sequence[str], images: np.ndarray) -> dict[str, "Future[Answer]"]:
        """Asks without waiting; the answers arrive as the workers get to them.

        Args:
            runs: names of runs, or of their variants (`core.prediction.variants.variant_name`).
            images: (N, 28, 28) uint8 as `core.drawing.preprocessing.prepare_digit` makes them, N ≥ 1.
        """
        futures: dict[str, Future[Answer]] = {run: Future() for run in runs}
        requests: dict[str, list[Request]] = {}
        for run, future in futures.items():
            try:
                saved = asked_file(self.artifacts, run)
            except records.RecordError as error:
                future.set_result(Failure(str(error)))
                continue
            request = Request(saved, images, future)
            runtime = RUNTIME if saved.variant else frameworks.runtime(saved.framework)
            requests.setdefault(runtime, []).append(request)
        for runtime, together in requests.items():
            self._queue(runtime).put(together)
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
            queues = dict(self._queues)
        pids = {runtime: requests.worker.pid for runtime, requests in queues.items()}
        return {runtime: pid for runtime, pid in pids.items() if pid}

    def close(self) -> None:
        """Ends the workers once they have answered what was asked."""
        with self._lock:
            queues, self._queues = self._queues, {}
        for requests in queues.values():
            requests.close()

    def __del__(self) -> None:
        for requests in self._queues.values():
            requests.end()  # a forgotten predictor leaves no worker behind

    def _queue(self, runtime: str) -> "RuntimeQueue":
        with self._lock:
            if runtime not in self._queues:
                worker = InPlace() if runtime == "numpy" else LastingWorker(runtime, self.threads)
                self._queues[runtime] = RuntimeQueue(runtime, worker)
            return self._queues[runtime]


@dataclass(frozen=True, eq=False)
class Request:
    """Images (N, 28, 28) uint8 for one model, and where the answer goes."""

    model_file: ModelFile
    images: np.ndarray
    future: "Future[Answer]"


class RuntimeQueue:
    """The requests for one runtime: all that wait are answered in one call."""

    def __init__(self, runtime: str, worker: Worker) -> None:
        """Takes the runtime's name and who answers; a thread of its own asks that worker."""
        self.worker = worker
        self._waiting: queue.SimpleQueue[list[Request] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=f"predict-{runtime}", daemon=True)
        self._thread.start()

    def put(self, requests: list[Request]) -> None:
        """Adds requests; their futures get the answers."""
        self._waiting.put(requests)

    def end(self) -> None:
        """Ends the worker after what was asked before is answered; does not wait for it."""
        self._waiting.put(None)

    def close(self) -> None:
        """Ends the worker and waits until that is done."""
        self.end()
        self._thread.join()

    def _serve(self) -> None:
        give_way(alone=True)  # what answers in this thread is as patient as the workers
        open_ = True
        while open_:
            taken = [self._waiting.get()]
            while not self._waiting.empty():
                taken.append(self._waiting.get())
            open_ = None not in taken
            asked = [request for together in taken if together for request in together]
            asked = [request for request in asked if request.future.set_running_or_notify_cancel()]
            if asked:
                self._answer(asked)
        self.worker.close()

    def _answer(self, asked: list[Request]) -> None:
        """Gives every model the images of all who ask it, and every asker their part of the answer."""
        by_model: dict[ModelFile, list[Request]] = {}
        for request in asked:
            by_model.setdefault(request.model_file, []).append(request)
        jobs = [
            (saved, np.concatenate([request.images for request in group]))
            for saved, group in by_model.items()
        ]
        try:
            answers = self.worker.answer(jobs)
        except Exception as error:  # such as no memory for a new process: the queue must go on
            answers = [Failure(f"{type(error).__name__}: {error}") for _ in jobs]
        for group, answer in zip(by_model.values(), answers, strict=True):
            _hand_out(answer, group)


def _hand_out(answer: Answer, group: list[Request]) -> None:
    """Gives each request the part of the answer that belongs to its images."""
    start = 0
    for request in group:
        end = start + len(request.images)
        part = answer
        if isinstance(answer, Prediction):
            part = Prediction(answer.probabilities[start:end], answer.milliseconds)
        request.future.set_result(part)
        start = end
