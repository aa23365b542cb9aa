"""Holds the models of one runtime and answers with their probabilities; `core.prediction.predictor` asks.

As a process, `python -m core.prediction.worker` reads pickled lists of jobs from its standard input
until that closes, so it ends with the process that started it, even when that one was killed.
"""

import os
import pickle
import signal
import sys
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core import frameworks
from core.data.batches import normalise

HELD_MODELS = 40  # the models used last; small-cnn takes under 1 MB, wide-cnn about 5 MB


@dataclass(frozen=True)
class ModelFile:
    """A saved model; `modified_ns` tells a new file from the old one, `mean` and `std` scale its pixels."""

    run: str
    framework: str
    path: str
    modified_ns: int
    dataset: str
    mean: float
    std: float


@dataclass(frozen=True)
class Prediction:
    """Probabilities (N, 10) float32, and the milliseconds that the model took for these N images."""

    probabilities: np.ndarray
    milliseconds: float

    @property
    def digits(self) -> np.ndarray:
        """The likeliest digit of each image, (N,) int64."""
        return self.probabilities.argmax(axis=1)


@dataclass(frozen=True)
class Failure:
    """Why a model has no answer."""

    reason: str


Job = tuple[ModelFile, np.ndarray]  # a model and the images (N, 28, 28) uint8 that it shall read


@dataclass
class Models:
    """The loaded models of one runtime, each once, the most recently used last."""

    held: OrderedDict[ModelFile, Any] = field(default_factory=OrderedDict)

    def answer(self, jobs: list[Job]) -> list[Prediction | Failure]:
        """One answer a job; a model that does not load or predict fails alone."""
        return [self._answer(model_file, images) for model_file, images in jobs]

    def _answer(self, model_file: ModelFile, images: np.ndarray) -> Prediction | Failure:
        try:
            exhibit = frameworks.load(model_file.framework)
            model = self._model(exhibit, model_file)
            pixels = normalise(images, model_file.mean, model_file.std)
            began = time.perf_counter()
            probabilities = np.asarray(exhibit.predict(model, pixels), np.float32)
            milliseconds = 1000 * (time.perf_counter() - began)
        except Exception as error:  # whatever a framework raises concerns this model only
            return Failure(f"{type(error).__name__}: {error}".partition("\n")[0][:300])
        if probabilities.shape != (len(images), 10) or not np.isfinite(probabilities).all():
            return Failure(f"the model answered with {probabilities.shape}, not ten probabilities an image")
        return Prediction(probabilities, milliseconds)

    def _model(self, exhibit: Any, model_file: ModelFile) -> Any:
        if model_file not in self.held:
            model = exhibit.load(model_file.path)
            # The first call traces graphs and fills caches; nobody's drawing should wait for it.
            exhibit.predict(model, normalise(np.zeros((1, 28, 28), np.uint8), 0.0, 1.0))
            self.held[model_file] = model
        self.held.move_to_end(model_file)
        while len(self.held) > HELD_MODELS:
            self.held.popitem(last=False)
        return self.held[model_file]


def main() -> None:
    """Answers until the asking side closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a framework prints must not mix with answers
    models = Models()
    while True:
        try:
            jobs = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(models.answer(jobs), answers)
        answers.flush()


if __name__ == "__main__":
    # Answers must carry the classes of the importable module, not of __main__.
    from core.prediction.worker import main

    main()
