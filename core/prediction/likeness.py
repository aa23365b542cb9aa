"""Is it like a digit at all? A judge of its own, the same for every model that learned the ten digits.

A model that knows ten classes divides its certainty among them, whatever it is shown: a letter or a scribble
is "8, 99.9 %". Small networks that learned digits of many hands against letters, signs, scribbles, shapes
and clothes answer the other question. `tests/benchmarks/likeness.py` trains and measures them.
"""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.architectures import Architecture, from_plain, to_plain
from core.data.catalogue import DIGIT_NAMES, find_dataset
from core.frameworks import numpy_scratch

FILE = Path(__file__).with_suffix(".npz")
BORDER = 0.5  # likeness; what is below is unlike any digit
BATCH = 100  # images at a time


@dataclass(frozen=True, eq=False)
class Judge:
    """Networks whose first ten classes are the digits and whose others are none.

    `threshold` is the probability of a digit at which likeness is `BORDER`: of writers whom the networks had
    not met, it refuses the share of true digits that the benchmark prints.
    """

    networks: tuple[Any, ...]
    threshold: float

    @classmethod
    def from_weights(
        cls, architecture: Architecture, weights: Sequence[Sequence[np.ndarray]], threshold: float
    ) -> "Judge":
        """Networks of one architecture from their weights in the shared layout."""
        return cls(tuple(numpy_scratch.build(architecture, arrays) for arrays in weights), threshold)

    def likeness(self, images: np.ndarray) -> np.ndarray:
        """How far each image is like a digit, whichever: 0 to 1, below `BORDER` unlike any.

        Args:
            images: (N, 28, 28) uint8 as `core.drawing.preprocessing.prepare_digit` makes them.

        Returns:
            (N,) float64.
        """
        return self._likeness(self.digits(images))

    def likeness_and_surest(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Likeness, and the probability of the digit that an image is most like: (N,) float64 each."""
        digits = self.digits(images)
        return self._likeness(digits), digits.max(axis=1)

    def digits(self, images: np.ndarray) -> np.ndarray:
        """The probability of each of the ten digits, (N, 10) float64; the rest of 1 is that of none."""
        found = np.empty((len(images), 10))
        for start in range(0, len(images), BATCH):
            pixels = images[start : start + BATCH, :, :, np.newaxis].astype(np.float32) / 255
            said = [numpy_scratch.predict(network, pixels)[:, :10] for network in self.networks]
            found[start : start + BATCH] = np.mean(said, axis=0)
        return found

    def _likeness(self, digits: np.ndarray) -> np.ndarray:
        digit = digits.sum(axis=1).clip(0, 1)
        odds = (1 - self.threshold) / self.threshold
        return digit * odds / (digit * odds + 1 - digit)

    def unlike(self, images: np.ndarray) -> np.ndarray:
        """Whether images (as for `likeness`) are unlike any digit: (N,) booleans."""
        return self.likeness(images) < BORDER


@functools.cache
def judge(path: Path = FILE) -> Judge:
    """The judge that belongs to the project; read once."""
    with np.load(path, allow_pickle=False) as saved:
        architecture = from_plain(json.loads(saved["architecture"].item()))
        arrays = range(len(architecture.weight_shapes()))
        weights = [[saved[f"{network}-{i}"] for i in arrays] for network in range(int(saved["networks"]))]
        return Judge.from_weights(architecture, weights, float(saved["threshold"]))


def save_judge(judged: Judge, path: Path = FILE) -> None:
    """Writes a judge; half precision is enough for the weights."""
    arrays = {
        f"{number}-{i}": array.astype(np.float16)
        for number, network in enumerate(judged.networks)
        for i, array in enumerate(network.weights)
    }
    plain = json.dumps(to_plain(judged.networks[0].architecture))
    np.savez_compressed(
        path, architecture=plain, networks=len(judged.networks), threshold=judged.threshold, **arrays
    )


def reads_digits(dataset: str) -> bool:
    """Whether models of this dataset have the ten digits as their classes, so that likeness means something.

    Raises:
        core.data.catalogue.DatasetError: there is no dataset of this name.
    """
    return find_dataset(dataset).class_names == DIGIT_NAMES
