"""scikit-learn's own searches over an exhibit: the shown example runs, and finds what a study's fits find."""

import ast
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.model_selection import StratifiedKFold, check_cv

from core.config import RunConfig
from core.data.catalogue import find_dataset
from core.data.datasets import load_images
from core.places import PROJECT
from core.runs import records
from core.tuning.estimator import Exhibit, folds, training_images
from core.tuning.fits import Fit
from core.tuning.sklearn_way import example
from core.tuning.workers import LocalWorkers
from support.browser import wait_for

TINY = {"dataset": "digits", "architecture": "tiny-mlp", "epochs": 2, "batch_size": 50}
TELL = """
import json
found = {key: list(map(float, value)) for key, value in search.cv_results_.items() if key.startswith("split")}
print(json.dumps([scores.tolist(), found, halving.best_params_, halving.n_resources_]))
"""


def run_example(folder) -> list[str]:
    """The example's text as a file of its own, with its results told at the end; what it printed."""
    file = folder / "mine.py"
    text = example().replace("print(cross_val_score(", "scores = (cross_val_score(")
    assert "scores" in text
    file.write_text(text + TELL)
    answer = subprocess.run(
        [sys.executable, str(file)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    return answer.stdout.splitlines()


def own_scores(artifacts, rates: list[float]) -> dict[float, list[float]]:
    """Learning rate → the score on each fold, as a study's fits have it."""
    workers = LocalWorkers(artifacts, None, 1)
    fits = {
        (rate, fold): Fit(
            "same",
            number,
            RunConfig.from_preset("sklearn_scikeras", **TINY, learning_rate=rate, folds=3, fold=fold),
        )
        for number, rate in enumerate(rates)
        for fold in range(3)
    }
    for fit in fits.values():
        workers.submit(fit)
    done: list = []
    wait_for(lambda: done.extend(workers.wait(1)) or len(done) == len(fits))
    workers.close()
    scores = {
        key: records.read_object(records.metrics_path(artifacts, fit.run))["val_accuracy"]
        for key, fit in fits.items()
    }
    return {rate: [scores[rate, fold] for fold in range(3)] for rate in rates}


@pytest.mark.frameworks
def test_the_shown_example_runs_and_equals_a_study_on_the_same_folds_and_seed(artifacts, tmp_path):
    *said, told = run_example(tmp_path)
    cross_validation, grid, halving, budgets = json.loads(told)
    assert "candidate 2 of 2, fold 3 of 3" in said
    own = own_scores(artifacts, [0.001, 0.01])
    assert cross_validation == own[0.001]
    for fold in range(3):
        assert grid[f"split{fold}_test_score"] == [own[0.001][fold], own[0.01][fold]]
    assert (halving, budgets) == ({"learning_rate": 0.01, "epochs": 2}, [1, 2])


def test_the_example_is_short_whole_and_never_reads_a_test_image():
    text = example()
    ast.parse(text)
    assert 5 < len([line for line in text.splitlines() if line.strip()]) < 15
    images, labels = training_images("digits")
    held = load_images(find_dataset("digits"))
    assert np.array_equal(images, held.x_train)
    assert np.array_equal(labels, held.y_train)


def test_an_exhibit_is_a_classifier_that_can_be_cloned_and_searched_over():
    exhibit = Exhibit("sklearn_scikeras", **TINY)
    assert is_classifier(exhibit)
    assert isinstance(check_cv(3, [0, 1, 2] * 3, classifier=is_classifier(exhibit)), StratifiedKFold)
    copy = clone(exhibit).set_params(learning_rate=0.5, epochs=1)
    assert (copy.learning_rate, copy.epochs, exhibit.epochs, copy.framework) == (
        0.5,
        1,
        2,
        "sklearn_scikeras",
    )
    with pytest.raises(ValueError, match="learning_rate"):
        Exhibit("numpy_scratch", dataset="digits", learning_rate=-1.0).fit(*training_images("digits"))


def test_an_exhibit_learns_in_place_and_the_folds_share_no_image():
    images, labels = training_images("digits")
    trained = Exhibit("numpy_scratch", **TINY | {"epochs": 4}, learning_rate=0.01).fit(images, labels)
    assert trained.score(images, labels) > 0.5
    assert trained.predict_proba(images[:3]).shape == (3, 10)
    parts = [set(validation) for _, validation in folds("digits", 3)]
    assert set.union(*parts) == set(range(len(labels)))
    assert sum(map(len, parts)) == len(labels)
    for training, validation in folds("digits", 3, validation_size=20):
        assert len(validation) == 20
        assert not set(training) & set(validation)
