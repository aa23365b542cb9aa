"""Softmax and the loss of one answer, computed by NumPy's exhibit."""

import numpy as np

from core.frameworks.numpy_scratch import cross_entropy, log_softmax


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities (N,) of logits (N,); a temperature above 1 makes them more alike."""
    return np.exp(log_softmax(logits[None] / temperature))[0]


def pushed(logits: np.ndarray, place: int, by: float) -> np.ndarray:
    """The logits with `by` added to one of them."""
    result = logits.copy()
    result[place] += by
    return result


def loss(logits: np.ndarray, label: int) -> float:
    """The cross-entropy of logits (N,) when `label` is right."""
    return cross_entropy(logits[None], np.array([label]))[0]
