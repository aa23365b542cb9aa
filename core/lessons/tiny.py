"""A tiny network on the built-in digits, trained by NumPy's exhibit while somebody watches."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from math import ceil, isfinite, log
from time import perf_counter
from typing import Literal

import numpy as np
from threadpoolctl import threadpool_limits

from core.architectures import Architecture, Dense, Flatten, Relu
from core.config import RunConfig
from core.contract import Callback
from core.data.batches import TrainingData, normalise
from core.data.catalogue import find_dataset
from core.data.datasets import load_images
from core.fields import FIELDS
from core.frameworks import numpy_scratch
from core.training.diagnosis import ROSE

NETWORK = Architecture("tiny", (Flatten(), Dense(32), Relu(), Dense(10)))
STEPS = 480  # of every training: about ten epochs with batches of 32, well under a second
GUESSING = log(10)  # the loss of ten equal probabilities
LEARNED = 0.6  # of the test digits: a curve on its way down reaches it, one that crawls does not
FEW, ALL = 50, 1497
Verdict = Literal["crawls", "learns", "explodes"]


@dataclass(frozen=True)
class TinySettings:
    """What the visitor sets: learning rate, digits in a batch, digits to learn from."""

    rate: float
    batch: int = 32
    digits: int = ALL

    @property
    def epochs(self) -> int:
        """As many as `STEPS` steps take, rounded up, and no more than a run may have."""
        return min(ceil(STEPS / self._per_epoch), int(FIELDS["epochs"].limits[1]))

    @property
    def steps(self) -> int:
        """Of the whole training."""
        return self.epochs * self._per_epoch

    @property
    def _per_epoch(self) -> int:
        return ceil(self.digits / self.batch)


@dataclass
class Curve:
    """What training told so far: the loss of each step (mean so far this epoch), accuracies of each epoch.

    `epochs` holds (steps done, accuracy on the training digits, accuracy on the test digits).
    """

    losses: list[float] = field(default_factory=list)
    epochs: list[tuple[int, float, float]] = field(default_factory=list)
    seconds: float = 0.0  # that it took, once it is over
    network: numpy_scratch.Network | None = None  # as trained, once it is over

    @property
    def verdict(self) -> Verdict:
        """What is to be seen, once there is an epoch.

        Growing to twice the loss of guessing is an explosion, as in `core.training.diagnosis`.
        """
        peak = max(loss if isfinite(loss) else float("inf") for loss in self.losses)
        if peak > ROSE * GUESSING and self.epochs[-1][2] < LEARNED:
            return "explodes"
        return "learns" if self.epochs[-1][2] >= LEARNED else "crawls"


def train_tiny(settings: TinySettings, report: Callable[[Curve], None] = lambda curve: None) -> Curve:
    """Trains the network from the same start each time; `report` is called after every step.

    What `report` raises ends the training.
    """
    x_train, y_train, x_test, y_test = built_in_digits()
    data = TrainingData(
        x_train[: settings.digits], y_train[: settings.digits], batch_size=settings.batch, seed=0
    )
    config = RunConfig(
        framework="numpy_scratch", dataset="digits", optimizer="sgd", momentum=0.0,
        learning_rate=settings.rate, batch_size=settings.batch, epochs=settings.epochs,
    )  # fmt: skip
    model = numpy_scratch.build(NETWORK)
    watch = _Watch(data, x_test, y_test, report)
    # Small products spread over threads wait for each other: ten times slower on a busy machine (measured).
    # An explosion is what the visitor came to see: numbers too large to hold are no surprise.
    started = perf_counter()
    with threadpool_limits(1, user_api="blas"), np.errstate(all="ignore"):
        numpy_scratch.train(model, data, config, watch)
    watch.curve.seconds = perf_counter() - started
    watch.curve.network = model
    return watch.curve


@cache
def reader() -> numpy_scratch.Network:
    """The same network once it can read: what the stations about its answers ask."""
    network = train_tiny(TinySettings(rate=0.1)).network
    assert network is not None  # the training is over
    return network


def logits(digit: np.ndarray, network: numpy_scratch.Network | None = None) -> np.ndarray:
    """The last numbers of a network, by default the reader, for a digit (28, 28) uint8: (10,) float32."""
    return (network or reader()).forward(normalise(digit[None]))[-1][0]


class _Watch(Callback):
    """Keeps the curve and passes it on."""

    def __init__(
        self, data: TrainingData, x_test: np.ndarray, y_test: np.ndarray, report: Callable[[Curve], None]
    ) -> None:
        self.curve, self._report = Curve(), report
        self._data, self._x_test, self._y_test = data, normalise(x_test), y_test

    def on_batch_end(self, step: int, loss: float, accuracy: float) -> None:
        self.curve.losses.append(float(loss))
        self._report(self.curve)

    def on_epoch_end(self, epoch: int, loss: float, accuracy: float, model: numpy_scratch.Network) -> None:
        on_train = _accuracy(model, self._data.x_train, self._data.y_train)
        on_test = _accuracy(model, self._x_test, self._y_test)
        self.curve.epochs.append((len(self.curve.losses), on_train, on_test))


def _accuracy(model: numpy_scratch.Network, images: np.ndarray, labels: np.ndarray) -> float:
    """At once, and from logits: numbers that are none any more have no largest, and count as wrong."""
    last = model.forward(images)[-1]
    return float(((last.argmax(axis=1) == labels) & np.isfinite(last).all(axis=1)).mean())


@cache
def built_in_digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training images (1497, 28, 28) uint8 and labels, test images (300, 28, 28) and labels."""
    images = load_images(find_dataset("digits"))
    return images.x_train, images.y_train, images.x_test, images.y_test
