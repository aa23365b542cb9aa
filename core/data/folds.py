"""The folds of cross-validation: training images dealt out in parts, each of which is held out once."""

from typing import Any

import numpy as np

from core.data.catalogue import DatasetError

MANY = 1000  # groups for which StratifiedGroupKFold takes about a second


def fold_numbers(labels: np.ndarray, folds: int, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
    """The fold that each training image belongs to, (N,) integers from 0, every fold stratified.

    Without groups by scikit-learn's StratifiedKFold, else by StratifiedGroupKFold, which keeps a group in
    one fold. That takes a moment for every group, so MANY images that belong to no other, such as
    MNIST's beside those of known writers, are left to StratifiedKFold.

    Args:
        labels: (N,) integers.
        folds: how many.
        seed: decides the shuffle.
        groups: as in `core.data.datasets.Images`.

    Raises:
        DatasetError: there are too few images of each class, or too few groups.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold  # only where folds are made

    splitting = {"n_splits": folds, "shuffle": True, "random_state": seed}
    alone = np.ones(len(labels), bool) if groups is None else np.bincount(groups)[groups] == 1
    if groups is None or alone.all():
        return _dealt(StratifiedKFold(**splitting), labels)
    if alone.sum() < MANY:
        return _dealt(StratifiedGroupKFold(**splitting), labels, groups)
    number = np.empty(len(labels), int)
    number[alone] = _dealt(StratifiedKFold(**splitting), labels[alone])
    number[~alone] = _dealt(StratifiedGroupKFold(**splitting), labels[~alone], groups[~alone])
    return number


def _dealt(splitter: Any, labels: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    number = np.empty(len(labels), int)
    try:
        for fold, (_, held_out) in enumerate(splitter.split(labels, labels, groups)):
            number[held_out] = fold
    except ValueError as error:
        raise DatasetError(
            f"the training images do not make {splitter.n_splits} folds; take fewer ({error})"
        ) from error
    return number
