"""The scores of one run, from its probabilities or its confusion matrix.

`score` runs inside every training process, so it needs NumPy only: scikit-learn would add two seconds
and 150 MB to a clock and a memory figure that belong to the framework. The other functions import
their library when they are called.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    import pandas as pd

CONFIDENCE = 0.95
CALIBRATION_BINS = 15  # as in Guo et al. 2017


def score(probabilities: np.ndarray, labels: np.ndarray) -> dict:
    """Accuracy, mean cross-entropy and confusion matrix.

    Args:
        probabilities: (N, classes), each row adding up to 1.
        labels: (N,) integers from 0.

    Returns:
        `test_accuracy` (a fraction), `test_loss` (nats an image; probabilities are clipped at the
        resolution of their type, as scikit-learn's `log_loss` does) and `confusion`, a list of
        `classes` rows (the true class) of counts of each guess.

    Raises:
        ValueError: wrong shapes, no images, labels out of range or probabilities that are not finite.
    """
    probabilities, labels = check_predictions(probabilities, labels)
    classes = probabilities.shape[1]
    guesses = probabilities.argmax(axis=1)
    smallest = np.finfo(probabilities.dtype).eps
    likelihood = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    confusion = np.bincount(labels * classes + guesses, minlength=classes**2).reshape(classes, classes)
    return {
        "test_accuracy": float(np.mean(guesses == labels)),
        "test_loss": float(-np.log(likelihood.clip(smallest, 1 - smallest)).mean()),
        "confusion": confusion.tolist(),
    }


def check_predictions(probabilities: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays that belong together: (N, classes) floats and (N,) int64.

    Raises:
        ValueError: they do not; the message says why.
    """
    probabilities, labels = np.asarray(probabilities), np.asarray(labels)
    if (
        probabilities.ndim != 2
        or not len(probabilities)
        or not np.issubdtype(probabilities.dtype, np.floating)
    ):
        raise ValueError(
            f"probabilities are {probabilities.dtype} {probabilities.shape}, not floats (N, classes)"
        )
    if labels.shape != probabilities.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels are {labels.dtype} {labels.shape}, not integers ({len(probabilities)},)")
    if not np.isfinite(probabilities).all():
        raise ValueError("some probabilities are not finite")
    if labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError(
            f"labels reach from {labels.min()} to {labels.max()}, not 0 to {probabilities.shape[1] - 1}"
        )
    return probabilities, labels.astype(np.int64)


def accuracy_interval(accuracy: ArrayLike, images: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of accuracies measured on `images` test images; NaN where unknown.

    Jeffreys's equal-tailed interval (Brown, Cai and DasGupta 2001, "Interval Estimation for a Binomial
    Proportion"). It needs nothing but a quantile: statsmodels would compute the same, but takes a second
    to import, and every first page shows intervals.
    """
    from scipy.special import betaincinv

    fraction, number = np.asarray(accuracy, float), np.asarray(images, float)
    right = fraction * number + 0.5
    wrong = number - fraction * number + 0.5
    tail = (1 - CONFIDENCE) / 2
    return betaincinv(right, wrong, tail), betaincinv(right, wrong, 1 - tail)


def class_scores(confusion: np.ndarray) -> dict[str, np.ndarray]:
    """Precision, recall, F1 and number of images of each class, from a confusion matrix (rows = true).

    A class that was never guessed has no precision: NaN.
    """
    from sklearn.metrics import precision_recall_fscore_support

    confusion = np.asarray(confusion)
    classes = np.arange(len(confusion))
    true, guess = np.repeat(classes, len(classes)), np.tile(classes, len(classes))
    precision, recall, f1, images = precision_recall_fscore_support(
        true, guess, labels=classes, sample_weight=confusion.ravel(), zero_division=np.nan
    )
    return {"precision": precision, "recall": recall, "f1": f1, "images": images.astype(int)}


def confused_pairs(confusion: np.ndarray, most: int = 5) -> list[tuple[int, int, int]]:
    """The `most` frequent mistakes as (true class, guess, times), most frequent first."""
    errors = np.array(confusion)
    np.fill_diagonal(errors, 0)
    order = np.argsort(-errors, axis=None, kind="stable")[:most]
    rows, columns = np.unravel_index(order, errors.shape)
    pairs = zip(rows, columns, strict=True)
    return [(int(true), int(guess), int(errors[true, guess])) for true, guess in pairs if errors[true, guess]]


def time_to(history: "pd.DataFrame", accuracy: float) -> float:
    """Training seconds until an epoch ended with this validation accuracy; NaN when none did.

    Args:
        history: `seconds` and `val_accuracy` of each epoch, in order.
        accuracy: a fraction.
    """
    reached = history.seconds[history.val_accuracy >= accuracy]
    return float(reached.iloc[0]) if len(reached) else float("nan")


@dataclass(frozen=True)
class Calibration:
    """How often a run is right where it says that it is so sure (bins without images left out)."""

    confidence: np.ndarray  # mean confidence of each bin
    accuracy: np.ndarray  # fraction of its images that were right
    images: np.ndarray
    error: float  # expected calibration error


def calibration(probabilities: np.ndarray, labels: np.ndarray) -> Calibration:
    """Reliability curve over equal-width bins and expected calibration error (Guo et al. 2017, eq. 3).

    Args:
        probabilities: (N, classes).
        labels: (N,).
    """
    from sklearn.calibration import calibration_curve

    confidence = np.clip(probabilities.max(axis=1), 0, 1)
    right = probabilities.argmax(axis=1) == labels
    accuracy, mean_confidence = calibration_curve(right, confidence, n_bins=CALIBRATION_BINS, pos_label=True)
    edges = np.linspace(0, 1, CALIBRATION_BINS + 1)  # as calibration_curve cuts them
    images = np.bincount(np.searchsorted(edges[1:-1], confidence), minlength=CALIBRATION_BINS)
    images = images[images > 0]
    error = float(np.sum(images * np.abs(accuracy - mean_confidence)) / len(labels))
    return Calibration(mean_confidence, accuracy, images, error)
