"""An exhibit as scikit-learn's users know an estimator: for `GridSearchCV` and whatever else takes one.

It trains as every run does, so what scikit-learn finds with it equals what a study finds on the same
folds and seeds. One process holds exhibits of one runtime only.
"""

import os
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.callback import CallbackContext
from sklearn.utils.validation import check_is_fitted

from core import frameworks
from core.architectures import initial_weights
from core.config import RunConfig
from core.contract import Callback
from core.data.batches import Augment, TrainingData, normalise
from core.data.catalogue import DatasetInfo, find_dataset
from core.data.datasets import fold_positions, load_images
from core.machine.environment import thread_environment
from core.training.run import resolve_device
from core.training.scoring import predict

CANDIDATE_ON_A_FOLD = "candidate-split-evaluation"  # what scikit-learn 1.9 calls this part of a search


class Exhibit(ClassifierMixin, BaseEstimator):
    """One of the frameworks behind fit, predict_proba and score; its parameters are fields of a run.

    X is (N, 28, 28) uint8 as `training_images` gives them, y (N,) integers from 0. None keeps the value of
    the architecture's recipe.
    """

    def __init__(
        self,
        framework: str = "sklearn_scikeras",
        *,
        dataset: str = "mnist",
        architecture: str = "small-cnn",
        seed: int = 0,
        protocol: str = "controlled",
        threads: int = 2,
        filters: tuple[int, ...] | None = None,
        dense_units: int | None = None,
        dropout: float | None = None,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        momentum: float | None = None,
        schedule: str | None = None,
        decay: float | None = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        scaling: str | None = None,
        augment: bool | None = None,
    ) -> None:
        self.framework = framework
        self.dataset = dataset
        self.architecture = architecture
        self.seed = seed
        self.protocol = protocol
        self.threads = threads
        self.filters = filters
        self.dense_units = dense_units
        self.dropout = dropout
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.schedule = schedule
        self.decay = decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.scaling = scaling
        self.augment = augment

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Trains on these images, in the order in which they come shuffled by the seed.

        Raises:
            ValueError: parameters or images that no run could have.
        """
        config = self._config()
        framework = _load(config)
        config = config.model_copy(update={"device": resolve_device(config, framework.devices())})
        data = self._training_data(config, np.asarray(X), np.asarray(y))
        controlled = config.protocol == "controlled"
        weights = initial_weights(config.network, config.seed) if controlled else None
        self.model_ = framework.build(config.network, weights, config.seed)
        framework.train(self.model_, data, config, Callback())
        self.classes_ = np.arange(config.classes)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (N, classes) for images as `fit` takes them."""
        check_is_fitted(self, "model_")
        config = self._config()
        images = normalise(np.asarray(X), *find_dataset(self.dataset).scaling_constants(config.scaling))
        return predict(_load(config), self.model_, images)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The likeliest class of each image, (N,) int64."""
        return self.predict_proba(X).argmax(axis=1)

    def _training_data(self, config: RunConfig, images: np.ndarray, labels: np.ndarray) -> TrainingData:
        mean, std = find_dataset(self.dataset).scaling_constants(config.scaling)
        altered: Augment | None = None
        if config.augment:
            from core.data.augmentation import augment  # brings OpenCV

            altered = augment
        return TrainingData(
            images, labels, batch_size=config.batch_size, seed=config.seed, mean=mean, std=std,
            augment=altered,
        )  # fmt: skip

    def _config(self) -> RunConfig:
        given = {name: value for name, value in self.get_params().items() if value is not None}
        return RunConfig.from_preset(**given, **_of_dataset(find_dataset(self.dataset)))


def _of_dataset(info: DatasetInfo) -> dict[str, Any]:
    """What a run's configuration says of a dataset besides its name."""
    return {"classes": len(info.class_names), "dataset_content": info.content or None}


def _load(config: RunConfig) -> Any:
    """The exhibit; what it reads from the environment when it is imported is set before."""
    runtime = frameworks.runtime(config.framework)
    for name, value in thread_environment(config.threads, config.device, runtime).items():
        os.environ.setdefault(name, value)
    return frameworks.load(config.framework)


def training_images(dataset: str, data_dir: Path | None = None) -> tuple[np.ndarray, np.ndarray]:
    """A dataset's training images (N, 28, 28) uint8 and labels (N,) int64; the test images stay unseen.

    Raises:
        core.data.catalogue.DatasetError: an unknown dataset, or its files are not whole.
    """
    images = load_images(find_dataset(dataset, data_dir), data_dir)
    return images.x_train, images.y_train


def folds(
    dataset: str, count: int, validation_size: int | None = None, data_dir: Path | None = None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The very folds of a study, as `cv` takes them: positions of training and validation images.

    Args:
        dataset: as of `training_images`, and so is what it raises.
        count: how many.
        validation_size: how many images of a fold to validate on at most; None as in a study by default.
        data_dir: the data folder.
    """
    info = find_dataset(dataset, data_dir)
    asked: dict[str, Any] = {"dataset": dataset, "folds": count, "fold": 0, **_of_dataset(info)}
    if validation_size is not None:
        asked["validation_size"] = validation_size
    return fold_positions(RunConfig(framework="numpy_scratch", **asked), data_dir)


class Tell:
    """Prints each candidate and fold that a search has finished; for `search.set_callbacks(Tell())`.

    As scikit-learn's `FitCallback` (since 1.9, experimental).
    """

    def setup(self, estimator: Any, context: CallbackContext) -> None:
        """Before the search: nothing to set up."""

    def on_fit_task_begin(self, estimator: Any, context: CallbackContext) -> None:
        """Before each part of the search: nothing to tell."""

    def on_fit_task_end(self, estimator: Any, context: CallbackContext) -> None:
        """After each part of the search, of which a candidate on a fold is one."""
        if context.task_name != CANDIDATE_ON_A_FOLD:
            return
        candidate, fold = divmod(context.task_id, estimator.n_splits_)
        candidates = context.parent.max_subtasks // estimator.n_splits_
        print(f"candidate {candidate + 1} of {candidates}, fold {fold + 1} of {estimator.n_splits_}")

    def teardown(self, estimator: Any, context: CallbackContext) -> None:
        """After the search: nothing to give back."""
