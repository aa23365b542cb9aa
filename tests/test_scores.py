"""The scores of one run against scikit-learn, statsmodels and simulation."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
)
from statsmodels.stats.proportion import proportion_confint

from core import scores
from support.made_runs import made_labels, made_probabilities


@pytest.fixture(scope="module")
def labels():
    return made_labels(3000)


@pytest.fixture(scope="module")
def table(labels):
    return made_probabilities(labels, 0.95, seed=3)


def test_score_agrees_with_scikit_learn(labels, table):
    result = scores.score(table, labels)
    guesses = table.argmax(axis=1)
    assert result["test_accuracy"] == accuracy_score(labels, guesses)
    assert result["test_loss"] == pytest.approx(log_loss(labels, table), rel=1e-5)
    assert np.array_equal(result["confusion"], confusion_matrix(labels, guesses))


def test_score_of_a_sure_and_wrong_model_stays_finite():
    table = np.eye(10, dtype=np.float32)[[3, 3]]
    result = scores.score(table, np.array([3, 4]))
    assert result["test_accuracy"] == 0.5
    assert math.isfinite(result["test_loss"])
    assert result["confusion"][4][3] == 1


@pytest.mark.parametrize(
    ("table", "labels", "reason"),
    [
        (np.full((2, 10), np.nan, np.float32), [0, 1], "not finite"),
        (np.full((2, 10), 0.1), [0], "labels are"),
        (np.full((2, 10), 0.1), [0, 10], "reach from 0 to 10"),
        (np.full((2, 10), 0.1), [0.0, 1.0], "labels are"),
        (np.full(10, 0.1), [0], "probabilities are"),
        (np.zeros((0, 10)), np.zeros(0, int), "probabilities are"),
        (np.zeros((2, 10), int), [0, 1], "probabilities are"),
    ],
)
def test_predictions_that_do_not_fit_are_refused(table, labels, reason):
    with pytest.raises(ValueError, match=reason):
        scores.score(table, np.array(labels))


def test_accuracy_interval_is_the_one_that_statsmodels_computes():
    right, images = np.array([81, 15, 9907, 0, 360]), np.array([263, 148, 10_000, 360, 360])
    interval = scores.accuracy_interval(right / images, images)
    assert interval == pytest.approx(np.array(proportion_confint(right, images, method="jeffreys")))
    assert np.isnan(scores.accuracy_interval([np.nan, 0.5], [100, np.nan])).all()


@pytest.mark.parametrize("truth", [0.9, 0.98, 0.991])
def test_accuracy_interval_covers_the_truth_in_95_of_100_test_sets(truth):
    images = 10_000
    right = np.arange(images + 1)
    low, high = scores.accuracy_interval(right / images, np.full(images + 1, images))
    covered = binom.pmf(right, images, truth)[(low <= truth) & (truth <= high)].sum()
    assert covered == pytest.approx(0.95, abs=0.01)


def test_class_scores_from_a_confusion_matrix_are_those_from_the_guesses(labels, table):
    guesses = table.argmax(axis=1)
    found = scores.class_scores(confusion_matrix(labels, guesses))
    assert found["precision"] == pytest.approx(precision_score(labels, guesses, average=None))
    assert found["recall"] == pytest.approx(recall_score(labels, guesses, average=None))
    assert found["f1"] == pytest.approx(f1_score(labels, guesses, average=None))
    assert found["images"].tolist() == np.bincount(labels).tolist()


def test_a_class_that_was_never_guessed_has_no_precision():
    found = scores.class_scores(np.array([[5, 0], [2, 0]]))
    assert np.isnan(found["precision"][1])
    assert found["recall"].tolist() == [1.0, 0.0]


def test_confused_pairs_are_sorted_and_leave_out_what_never_happened():
    confusion = np.array([[9, 0, 1], [4, 8, 0], [0, 0, 7]])
    assert scores.confused_pairs(confusion) == [(1, 0, 4), (0, 2, 1)]


def test_calibration_error_by_hand():
    # Four images at 0.95, three right; six at 0.65, all right: (4·0.20 + 6·0.35) / 10.
    table = np.array([[0.95, 0.05]] * 4 + [[0.65, 0.35]] * 6)
    labels = np.array([0, 0, 0, 1] + [0] * 6)
    curve = scores.calibration(table, labels)
    assert curve.error == pytest.approx((4 * 0.20 + 6 * 0.35) / 10)
    assert curve.images.tolist() == [6, 4]
    assert curve.accuracy.tolist() == [1.0, 0.75]
    assert curve.confidence == pytest.approx([0.65, 0.95])


def test_a_model_that_means_what_it_says_is_calibrated():
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 100_000)
    labels = (rng.random(100_000) > sure).astype(int)
    curve = scores.calibration(np.stack([sure, 1 - sure], axis=1), labels)
    assert curve.error < 0.01
    assert scores.calibration(np.stack([sure, 1 - sure], axis=1), 0 * labels).error > 0.2


def test_time_to_an_accuracy_is_that_of_the_first_epoch_with_it():
    history = pd.DataFrame({"seconds": [10.0, 20.0, 30.0], "val_accuracy": [0.96, 0.98, 0.975]})
    assert scores.time_to(history, 0.97) == 20.0
    assert math.isnan(scores.time_to(history, 0.99))
