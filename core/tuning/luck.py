"""How much the best of many equal candidates seems better by luck alone."""

from collections.abc import Sequence
from math import sqrt
from typing import Literal

import numpy as np

from core.data.catalogue import DATASETS
from core.tuning.study import StudySpec, Trial, last_fits

Source = Literal["fits", "images", "unknown"]


def expected_best(count: int) -> float:
    """The expected largest of `count` standard normal numbers: 0 of one, 0.56 of two, 2.5 of a hundred."""
    from scipy.stats import Normal, order_statistic

    return float(order_statistic(Normal(), r=count, n=count).mean()) if count > 1 else 0.0


def standard_error(spec: StudySpec, trials: Sequence[Trial]) -> tuple[float | None, Source]:
    """How far one candidate's score lies from what it would be on average, and what says so.

    From the spread over its fits, where a candidate has several; else what so few validation images
    leave open (binomial), for an accuracy.

    Args:
        spec: of the study.
        trials: those with a score, the best first.
    """
    error = _of_fits(trials)
    if error is not None:
        return error, "fits"
    if spec.objective != "accuracy" or not trials or trials[0].score is None:
        return None, "unknown"
    accuracy, images = trials[0].score, validation_images(spec)
    return (sqrt(accuracy * (1 - accuracy) / images), "images") if images else (None, "unknown")


def validation_images(spec: StudySpec) -> int:
    """How many images a fit without folds is scored on."""
    held = int(spec.fixed["validation_size"])
    dataset = DATASETS.get(spec.fixed["dataset"])
    if dataset is None or dataset.largest_validation_share == 1:
        return held  # a smaller dataset would have left nothing to train on
    from core.data.datasets import load_images

    return min(held, int(dataset.largest_validation_share * len(load_images(dataset).y_train)))


def _of_fits(trials: Sequence[Trial]) -> float | None:
    """The standard error of a mean over fits, pooled over the better half of the candidates.

    Of the better half, because candidates that hardly learn vary by far more than those that the best is
    chosen from. What all share, such as a hard fold, is no luck of any one of them and is taken out: what
    is left are the residuals of a two-way layout, with (candidates - 1) × (fits - 1) degrees of freedom.
    """
    tables = [scores for scores in map(_last_scores, trials) if len(scores) > 1]
    if not tables:
        return None
    whole = max(tables, key=len).keys()
    full = [scores for scores in tables if scores.keys() == whole]
    full = full[: max(2, (len(full) + 1) // 2)]
    values = np.array([[scores[key] for key in sorted(scores)] for scores in full])
    candidates, fits = values.shape
    residuals = values - values.mean(axis=1, keepdims=True)
    if candidates > 1:
        residuals = residuals - residuals.mean(axis=0, keepdims=True)
    freedom = max(candidates - 1, 1) * (fits - 1)
    return float(np.sqrt((residuals**2).sum() / freedom / fits))


def _last_scores(trial: Trial) -> dict[tuple[str, int, int], float]:
    """Framework, fold and seed → score, of the fits with the most epochs; none where one has no score."""
    fits = last_fits(trial)
    if any(fit.score is None for fit in fits):
        return {}
    return {
        (fit.framework, -1 if fit.fold is None else fit.fold, fit.seed): fit.score
        for fit in fits
        if fit.score is not None
    }
