"""Weights rounded to a few whole numbers, each output channel with a scale of its own."""

from collections.abc import Iterable

import numpy as np

GROUP = 512  # inputs that make up for each other's errors: about as many as there are calibration images
DAMPING = 0.01  # of the mean square of an input, so that inputs that are nearly always zero do no harm


def round_to_nearest(weights: np.ndarray, scales: np.ndarray, largest: int) -> np.ndarray:
    """Weights (out, n) over their channel's scale, rounded, at most `largest` in magnitude."""
    return np.clip(np.rint(weights / scales[:, np.newaxis]), -largest, largest)


def round_in_turn(
    weights: np.ndarray, scales: np.ndarray, largest: int, inputs: Iterable[np.ndarray]
) -> np.ndarray:
    """The same, input by input: what rounding one does to the sums, those not yet rounded make up for.

    Optimal Brain Quantization in a fixed order, as in GPTQ (Frantar et al. 2023, arXiv:2210.17323).

    Args:
        weights: (out, n).
        scales: (out,).
        largest: magnitude.
        inputs: examples of what the weights are multiplied by, each (images, n).
    """
    groups = np.array_split(np.arange(weights.shape[1]), -(-weights.shape[1] // GROUP))
    products = [np.zeros((len(group), len(group))) for group in groups]
    for rows in inputs:
        for group, total in zip(groups, products, strict=True):
            some = rows[:, group[0] : group[-1] + 1]
            total += some.T @ some
    done = [
        _round_group(weights[:, group], scales, largest, total)
        for group, total in zip(groups, products, strict=True)
    ]
    return np.concatenate(done, axis=1)


def _round_group(weights: np.ndarray, scales: np.ndarray, largest: int, products: np.ndarray) -> np.ndarray:
    """Inputs that matter most come first; `products` (n, n) are the sums of input · input."""
    order = np.argsort(-products.diagonal(), kind="stable")
    damped = products[np.ix_(order, order)] + np.eye(len(order)) * (DAMPING * products.trace() / len(order))
    if not products.any():
        return round_to_nearest(weights, scales, largest)
    influence = np.linalg.cholesky(np.linalg.inv(damped)).T  # upper: of each input on the later ones
    left, rounded = weights[:, order], np.empty(weights.shape)
    for step, position in enumerate(order):
        rounded[:, position] = round_to_nearest(left[:, step : step + 1], scales, largest)[:, 0]
        error = (left[:, step] - rounded[:, position] * scales) / influence[step, step]
        left[:, step:] -= np.outer(error, influence[step, step:])
    return rounded
