"""The scores of one run from its probabilities, and the statistics that tell two runs apart.

`score` runs inside every training process, so it needs NumPy only: scikit-learn would add two seconds
and 150 MB to a clock and a memory figure that belong to the framework. The other functions import
their library when they are called.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

SIGNIFICANCE = 0.05
SMALL_COUNT = 25  # below this many disagreements McNemar's test is taken exactly
MIN_SEEDS = 3  # below this a paired test says nothing
CALIBRATION_BINS = 15  # as in Guo et al. 2017

# ── one run ─────────────────────────────────────────────────────────────────────────


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


def accuracy_interval(accuracy: np.ndarray, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of accuracies measured on `images` test images; NaN where unknown.

    Jeffreys's equal-tailed interval (Brown, Cai and DasGupta 2001, "Interval Estimation for a Binomial
    Proportion"). It needs nothing but a quantile: statsmodels would compute the same, but takes a second
    to import, and every first page shows intervals.
    """
    from scipy.special import betaincinv

    accuracy, images = np.asarray(accuracy, float), np.asarray(images, float)
    right = accuracy * images + 0.5
    wrong = images - accuracy * images + 0.5
    tail = SIGNIFICANCE / 2
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


# ── between runs ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class PairTest:
    """Whether `first` and `second` differ; `p` is corrected over all pairs that were tested with it."""

    first: str
    second: str
    difference: float  # first minus second
    p: float
    raw_p: float
    method: str  # "exact McNemar", "McNemar", "paired t", "sign" or "Tukey"
    first_only: int | None = None  # images (McNemar) that only the first gets right
    second_only: int | None = None
    seeds: int | None = None  # compared (paired t, sign, Tukey)

    @property
    def real(self) -> bool:
        """Whether the difference is more than chance explains, at 5 % over all pairs."""
        return self.p < SIGNIFICANCE


def mcnemar_test(first_right: np.ndarray, second_right: np.ndarray) -> tuple[float, bool]:
    """McNemar's test for two classifiers on the same images.

    Args:
        first_right: (N,) bool, where the first is right.
        second_right: the same for the second.

    Returns:
        The two-sided p value and whether it is exact (binomial). It is where fewer than 25 images
        separate the two; otherwise chi-squared without continuity correction, which keeps the level
        (Fagerland, Lydersen and Laake 2013).
    """
    from statsmodels.stats.contingency_tables import mcnemar

    both = np.sum(first_right & second_right)
    first_only, second_only = np.sum(first_right & ~second_right), np.sum(second_right & ~first_right)
    neither = len(first_right) - both - first_only - second_only
    exact = bool(first_only + second_only < SMALL_COUNT)
    result = mcnemar([[both, first_only], [second_only, neither]], exact=exact, correction=False)
    return min(float(result.pvalue), 1.0), exact


def compare_runs(right: dict[str, np.ndarray]) -> list[PairTest]:
    """McNemar's test for every pair of runs on one test set, Holm-corrected over the pairs.

    Args:
        right: for each run (N,) bool, where it is right; the same images in the same order.
    """
    found = []
    for first, second in combinations(right, 2):
        a, b = right[first], right[second]
        p, exact = mcnemar_test(a, b)
        method = "exact McNemar" if exact else "McNemar"
        counts = {"first_only": int(np.sum(a & ~b)), "second_only": int(np.sum(b & ~a))}
        found.append(PairTest(first, second, float(a.mean() - b.mean()), p, p, method, **counts))
    return _holm(found)


def compare_seeds(values: dict[str, dict[int, float]]) -> list[PairTest]:
    """Paired test over the seeds that two frameworks share, Holm-corrected over the pairs.

    The t-test, or where all differences are the same number, so that there is no spread to judge
    them by, the sign test.

    Args:
        values: for each framework one accuracy a seed. Pairs with fewer than three seeds in common are
            left out.
    """
    from scipy.stats import binomtest, ttest_rel

    found = []
    for first, second in combinations(values, 2):
        seeds = sorted(values[first].keys() & values[second].keys())
        if len(seeds) < MIN_SEEDS:
            continue
        a = np.array([values[first][seed] for seed in seeds])
        b = np.array([values[second][seed] for seed in seeds])
        apart, method = a - b, "paired t"
        if np.ptp(apart) > 1e-9 * np.abs(a).max():
            p = float(ttest_rel(a, b).pvalue)
        elif np.allclose(a, b, rtol=1e-9, atol=0):
            p = 1.0
        else:
            p, method = float(binomtest(len(seeds), len(seeds)).pvalue), "sign"
        found.append(PairTest(first, second, float(apart.mean()), p, p, method, seeds=len(seeds)))
    return _holm(found)


def compare_times(seconds: dict[str, dict[int, float]]) -> list[PairTest]:
    """Tukey's honestly significant difference for every pair of frameworks, on the logarithm of train times.

    A machine that slows down multiplies a time, whatever the seed: there is nothing to pair, and all
    frameworks together tell how much the same run varies (the test takes it to be alike for all).
    Judged pair by pair, three runs would call twice the time chance.

    Args:
        seconds: for each framework one time a seed. Frameworks with fewer than three are left out, and
            everything where no framework's times vary at all.
    """
    from scipy.stats import tukey_hsd

    logs = {name: np.log(list(times.values())) for name, times in seconds.items() if len(times) >= MIN_SEEDS}
    if len(logs) < 2 or not any(np.ptp(values) > 1e-9 for values in logs.values()):
        return []
    p_values = tukey_hsd(*logs.values()).pvalue
    found = []
    for (row, first), (column, second) in combinations(enumerate(logs), 2):
        difference = np.mean(list(seconds[first].values())) - np.mean(list(seconds[second].values()))
        p = float(p_values[row, column])  # already speaks for all pairs together
        seeds = min(len(logs[first]), len(logs[second]))
        found.append(PairTest(first, second, float(difference), p, p, "Tukey", seeds=seeds))
    return found


def _holm(tests: Sequence[PairTest]) -> list[PairTest]:
    if len(tests) < 2:
        return list(tests)
    from statsmodels.stats.multitest import multipletests

    corrected = multipletests([test.raw_p for test in tests], alpha=SIGNIFICANCE, method="holm")[1]
    return [replace(test, p=float(p)) for test, p in zip(tests, corrected, strict=True)]
