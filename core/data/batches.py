"""What a network is fed: normalised pixels, in the order that all frameworks share."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from core import contract

# Images altered at a time: enough for vectorised work, little enough that the first batch is not late.
CHUNK = 4096


class Augment(Protocol):
    """Alters images (N, 28, 28) uint8 at random and returns the same shape and type."""

    def __call__(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The altered images, in the same order."""


def normalise(images: np.ndarray, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
    """Pixels of 0 to 255 as (pixel / 255 - mean) / std.

    Args:
        images: (N, 28, 28) uint8.
        mean: what to subtract, as a fraction of full ink.
        std: what to divide by, likewise.

    Returns:
        (N, 28, 28, 1) float32, C-contiguous. The defaults leave pixels in [0, 1].
    """
    scaled = np.multiply(images, np.float32(1 / (255 * std)), dtype=np.float32, order="C")
    scaled -= np.float32(mean / std)
    return scaled[..., np.newaxis]


def stratified_order(labels: np.ndarray, seed: int) -> np.ndarray:
    """A shuffle of which every beginning and every end holds the classes in their proportions.

    Each class is shuffled and spread evenly over the whole length, so a part of any size is stratified
    and a smaller part lies inside a larger one. (scikit-learn's splitters give no such nesting.)

    Args:
        labels: (N,) integers.
        seed: decides the shuffle.

    Returns:
        (N,) int64 positions.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    shuffled = labels[order]
    place = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(shuffled == label)
        place[members] = (np.arange(len(members)) + rng.random(len(members))) / len(members)
    return order[np.argsort(place, kind="stable")]


class TrainingData(contract.TrainingData):
    """The training images, normalised, in the order in which every framework meets them.

    The order of an epoch depends on the seed and the epoch's number alone.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        *,
        batch_size: int,
        seed: int,
        mean: float = 0.0,
        std: float = 1.0,
        augment: Augment | None = None,
    ) -> None:
        """Takes images (N, 28, 28) uint8 and labels (N,); mean and std as in `normalise`."""
        self.x_train = normalise(images, mean, std)
        self.y_train = np.ascontiguousarray(labels, dtype=np.int64)
        self.steps_per_epoch = -(-len(labels) // batch_size)
        self._batch_size, self._seed, self._mean, self._std = batch_size, seed, mean, std
        # Without augmentation nobody needs the images as stored, and they can go.
        self._altered_from = None if augment is None else (images, augment)
        self._latest: _AugmentedEpoch | None = None

    def order(self, epoch: int) -> np.ndarray:
        """Positions of the images in this epoch, (N,) int64."""
        return np.random.default_rng([self._seed, epoch]).permutation(len(self.y_train))

    def epoch(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """All images (N, 28, 28, 1) float32 and labels (N,) int64 in this epoch's order."""
        order = self.order(epoch)
        return self._part(order, self._augmented(epoch, order), 0, len(order))

    def batches(self, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same in batches, each an array of its own; the last one may be smaller."""
        order = self.order(epoch)
        augmented = self._augmented(epoch, order)
        for start in range(0, len(order), self._batch_size):
            yield self._part(order, augmented, start, min(start + self._batch_size, len(order)))

    def _part(
        self, order: np.ndarray, augmented: "_AugmentedEpoch | None", start: int, stop: int
    ) -> tuple[np.ndarray, np.ndarray]:
        chosen = order[start:stop]
        if augmented is None:
            return self.x_train.take(chosen, axis=0), self.y_train[chosen]
        return normalise(augmented.part(start, stop), self._mean, self._std), self.y_train[chosen]

    def _augmented(self, epoch: int, order: np.ndarray) -> "_AugmentedEpoch | None":
        if self._altered_from is None:
            return None
        if self._latest is None or self._latest.epoch != epoch:
            images, augment = self._altered_from
            rng = np.random.default_rng([self._seed, epoch, 1])
            self._latest = _AugmentedEpoch(epoch, images, order, augment, rng)
        return self._latest


class _AugmentedEpoch:
    """One epoch's altered images, made chunk by chunk when first asked for, and only once."""

    def __init__(
        self,
        epoch: int,
        source: np.ndarray,
        order: np.ndarray,
        augment: Augment,
        rng: np.random.Generator,
    ) -> None:
        self.epoch = epoch
        self._source, self._order, self._augment, self._rng = source, order, augment, rng
        self._images = np.empty((len(order), *source.shape[1:]), np.uint8)
        self._done = 0

    def part(self, start: int, stop: int) -> np.ndarray:
        """Images start to stop of the epoch, (stop - start, 28, 28) uint8."""
        while self._done < stop:
            chunk = slice(self._done, min(self._done + CHUNK, len(self._order)))
            self._images[chunk] = self._augment(self._source[self._order[chunk]], self._rng)
            self._done = chunk.stop
        return self._images[start:stop]
