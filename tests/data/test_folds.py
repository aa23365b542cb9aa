"""Cross-validation: which images a fold trains on, and which it is scored on."""

import numpy as np
import pytest
from pydantic import ValidationError

from core.config import RunConfig
from core.data.catalogue import DATASETS, DatasetError
from core.data.datasets import fold_positions, load_images, prepare_data, split
from core.data.folds import fold_numbers

FOLDS = 5


def config(**changes) -> RunConfig:
    return RunConfig(framework="pytorch", **{"dataset": "digits", "folds": FOLDS, "fold": 0, **changes})


@pytest.fixture(scope="module")
def digits():
    return load_images(DATASETS["digits"])


def test_folds_are_disjoint_and_together_every_image(digits):
    parts = fold_positions(config())
    assert len(parts) == FOLDS
    assert sorted(np.concatenate([held_out for _, held_out in parts])) == list(range(1497))
    for train, held_out in parts:
        assert sorted([*train, *held_out]) == list(range(1497))


def test_every_fold_holds_the_classes_in_their_proportions(digits):
    counts = np.array(
        [np.bincount(digits.y_train[held_out], minlength=10) for _, held_out in fold_positions(config())]
    )
    assert (np.ptp(counts, axis=0) <= 1).all()


def test_folds_are_the_same_for_every_framework_and_seed(digits):
    first = split(digits.y_train, DATASETS["digits"], config(fold=3))
    other = config(fold=3, seed=7).model_copy(update={"framework": "keras_fit"})
    for part, same in zip(first, split(digits.y_train, DATASETS["digits"], other), strict=True):
        assert np.array_equal(part, same)


@pytest.mark.parametrize("alone", [0, 3, 1500])
def test_writers_are_never_on_both_sides(alone):
    """Of 60 people there are many images each, of `alone` others only one."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 10, 3000 + alone)
    groups = np.concatenate([rng.integers(0, 60, 3000), np.arange(60, 60 + alone)])
    number = fold_numbers(labels, FOLDS, 1, groups)
    assert all(len(set(number[groups == writer])) == 1 for writer in range(60))
    sizes = np.bincount(number)
    assert sizes.min() > 0.8 * sizes.max()
    for fold in range(FOLDS):
        train, held_out = split(labels, DATASETS["pen"], config(fold=fold), groups)
        assert not set(groups[train]) & set(groups[held_out])
        assert len(train) + len(held_out) == len(labels)


def test_sizes_take_the_first_of_a_fold_and_of_the_rest(digits):
    train, held_out = fold_positions(config())[2]
    some, few = fold_positions(config(train_size=300, validation_size=50))[2]
    assert np.array_equal(some, train[:300])
    assert np.array_equal(few, held_out[:50])
    assert np.ptp(np.bincount(digits.y_train[few], minlength=10)) <= 2


def test_run_trains_on_just_these_images(digits):
    train, held_out = fold_positions(config())[1]
    data = prepare_data(config(fold=1), with_test=False)
    assert np.array_equal(data.train.y_train, digits.y_train[train])
    assert np.array_equal(data.y_val, digits.y_train[held_out])
    assert data.x_test.shape == (0, 28, 28, 1)


def test_more_folds_than_images_or_writers_allow_are_refused():
    with pytest.raises(DatasetError, match=r"do not make 5 folds; take fewer .*number of members"):
        fold_numbers(np.arange(8) % 4, 5, 1)
    with pytest.raises(DatasetError, match=r"do not make 5 folds; take fewer .*number of groups"):
        fold_numbers(np.zeros(40, int), 5, 1, np.arange(40) % 2)


@pytest.mark.parametrize(
    "changes", [{"fold": 5}, {"fold": -1}, {"fold": None}, {"folds": 1}, {"folds": None}]
)
def test_fold_that_is_none_of_the_folds_is_refused(changes):
    with pytest.raises(ValidationError):
        config(**changes)
