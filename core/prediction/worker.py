"""Holds the models of one runtime and answers with their probabilities; `core.prediction.process` asks.

As a process, `python -m core.prediction.worker` reads pickled lists of jobs from its standard input
until that closes, so it ends with the process that started it, even when that one was killed.
"""

import pickle
import sys
import time
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from core import frameworks
from core.data.batches import normalise
from core.machine.piped import take_answers_apart
from core.machine.processes import give_way
from core.prediction.answers import Answer, Failure, Prediction
from core.prediction.models import ModelFile
from core.prediction.variants import BrokenVariant, Reader, load_variant

HELD_MODELS = 40  # the models used last; small-cnn takes under 1 MB, wide-cnn about 5 MB

Job = tuple[ModelFile, np.ndarray]  # a model and the images (N, 28, 28) uint8 that it shall read


class Exhibited:
    """A saved model in the framework that trained it."""

    def __init__(self, saved: ModelFile) -> None:
        """Loads it."""
        self._exhibit = frameworks.load(saved.framework)
        self._model = self._exhibit.load(saved.path)
        self._scaling = saved.mean, saved.std

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Images (N, 28, 28) uint8 → probabilities (N, classes)."""
        return self._exhibit.predict(self._model, normalise(images, *self._scaling))


@dataclass
class LoadedModels:
    """The loaded models of one runtime, each once, the most recently used last."""

    held: OrderedDict[ModelFile, Reader] = field(default_factory=OrderedDict)

    def answer(self, jobs: list[Job]) -> list[Answer]:
        """One answer a job; a model that does not load or predict fails alone."""
        return [self._answer(model_file, images) for model_file, images in jobs]

    def _answer(self, model_file: ModelFile, images: np.ndarray) -> Answer:
        try:
            model = self._model(model_file)
            began = time.perf_counter()
            probabilities = np.asarray(model.predict(images), np.float32)
            milliseconds = 1000 * (time.perf_counter() - began)
        except BrokenVariant as error:
            return Failure(str(error))
        except Exception as error:  # whatever a framework raises concerns this model only
            return Failure(f"{type(error).__name__}: {error}".partition("\n")[0][:300])
        expected = (len(images), len(model_file.class_names))
        if probabilities.shape != expected or not np.isfinite(probabilities).all():
            return Failure(f"the model answered with {probabilities.shape}, not probabilities {expected}")
        return Prediction(probabilities, milliseconds)

    def _model(self, model_file: ModelFile) -> Reader:
        if model_file not in self.held:
            model = load_variant(model_file) if model_file.variant else Exhibited(model_file)
            # The first call traces graphs and fills caches; nobody's drawing should wait for it.
            model.predict(np.zeros((1, 28, 28), np.uint8))
            self.held[model_file] = model
        self.held.move_to_end(model_file)
        while len(self.held) > HELD_MODELS:
            self.held.popitem(last=False)
        return self.held[model_file]


def main() -> None:
    """Answers until the asking side closes the pipe."""
    answers = take_answers_apart()
    models, patient = LoadedModels(), False
    while True:
        try:
            jobs = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(models.answer(jobs), answers)
        answers.flush()
        if not patient:
            # Who waits for the first models waits long enough; from now on a timed race comes first.
            give_way()
            patient = True


if __name__ == "__main__":
    main()
