"""How long models take to answer, measured side by side."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np

Predict = Callable[[np.ndarray], np.ndarray]

ROUNDS_OF_ONE = 15
IN_A_ROW = 10  # single images a turn, after one that is not counted: it finds the others' data in the cache
ROUNDS_OF_MANY = 5
MANY = 1000


@dataclass(frozen=True)
class Latency:
    """Medians, in milliseconds."""

    one: float  # for a single image
    many: float  # for a thousand at once


def latencies(models: Mapping[str, Predict], images: np.ndarray) -> dict[str, Latency]:
    """Times every model in turns, so that a machine that slows down slows all of them.

    Args:
        models: name → what answers images (N, 28, 28) uint8, all in this process.
        images: at least one; repeated where there are fewer than a thousand.
    """
    many = np.resize(images, (MANY, *images.shape[1:]))
    ones: dict[str, list[float]] = {name: [] for name in models}
    manies: dict[str, list[float]] = {name: [] for name in models}
    for turn in range(ROUNDS_OF_ONE):
        for name, predict in models.items():
            predict(many[turn : turn + 1])
            ones[name] += [_milliseconds(predict, many[turn : turn + 1]) for _ in range(IN_A_ROW)]
    for predict in models.values():
        predict(many)  # memory for a batch of this size is set aside once
    for _ in range(ROUNDS_OF_MANY):
        for name, predict in models.items():
            manies[name].append(_milliseconds(predict, many))
    return {name: Latency(median(ones[name]), median(manies[name])) for name in models}


def _milliseconds(predict: Predict, images: np.ndarray) -> float:
    began = time.perf_counter()
    predict(images)
    return 1000 * (time.perf_counter() - began)
