"""What a model says of some images, or why it says nothing."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Prediction:
    """Probabilities (N, classes) float32, and the milliseconds that the model took for these N images."""

    probabilities: np.ndarray
    milliseconds: float

    @property
    def digits(self) -> np.ndarray:
        """The likeliest class of each image, which is the digit where the classes are those: (N,) int64."""
        return self.probabilities.argmax(axis=1)


@dataclass(frozen=True)
class Failure:
    """Why a model has no answer."""

    reason: str


Answer = Prediction | Failure
