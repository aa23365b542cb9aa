"""What passes between the race and an exhibit."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np


class Callback:
    """Hooks that an exhibit calls while it trains; each does nothing unless overridden.

    A hook may raise to stop training; `train` lets it through.
    """

    def on_batch_end(self, step: int, loss: Any, accuracy: Any) -> None:
        """After every optimizer step.

        Args:
            step: steps done so far in this run, from 1.
            loss: mean loss so far this epoch, a number or a 0-d tensor (converted only when used).
            accuracy: fraction of this epoch's images so far that were right, likewise.
        """

    def on_epoch_end(self, epoch: int, loss: Any, accuracy: Any, model: Any) -> None:
        """After every epoch (numbered from 0), with the model as `predict` takes it."""


class TrainingData(Protocol):
    """The training images, normalised, in the order in which every framework meets them."""

    x_train: np.ndarray  # (N, 28, 28, 1) float32
    y_train: np.ndarray  # (N,) int64
    steps_per_epoch: int  # the last batch of an epoch may be smaller

    def epoch(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """All images and labels in this epoch's order (augmented when the run asks for it)."""

    def batches(self, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same, in batches: images (B, 28, 28, 1) float32, labels (B,) int64."""
