"""What the tests ask of an exhibit, run in a process that holds its runtime.

Only plain data goes in and comes out; the assertions stay in tests/frameworks/test_exhibits.py.
"""

import multiprocessing
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from core import frameworks
from core.architectures import initial_weights
from core.config import RunConfig
from core.contract import Callback
from core.data.batches import TrainingData, normalise
from core.machine.environment import thread_environment

THREADS = 2


def start_process() -> ProcessPoolExecutor:
    """One fresh process with its thread counts set; hand it functions of this module."""
    before = os.environ.copy()
    os.environ.update(thread_environment(THREADS, "cpu"))
    try:
        executor = ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"))
        executor.submit(int).result()  # it starts with the first task
    finally:
        os.environ.clear()
        os.environ.update(before)
    return executor


def learnable_images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images (count, 28, 28) uint8 that can be learned: noise with a bright row and column per class."""
    rng = np.random.default_rng(7)
    labels = rng.permutation(np.arange(count) % 10)
    images = rng.integers(0, 60, (count, 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 * label + 3, 4:24] = 220
        image[4:24, 25 - 2 * label] = 200
    return images, labels.astype(np.int64)


def data_for(config: RunConfig, count: int) -> TrainingData:
    """`count` training images in the batches of this run."""
    return TrainingData(
        *learnable_images(count), batch_size=config.batch_size, seed=config.seed, mean=0.2, std=0.3
    )


def sample_images(count: int) -> np.ndarray:
    """Normalised images (count, 28, 28, 1)."""
    return normalise(learnable_images(count)[0], 0.2, 0.3)


class Listener(Callback):
    """Notes what it hears; raises at step `stop_at`."""

    def __init__(self, framework, stop_at: int | None = None) -> None:
        self.framework, self.stop_at = framework, stop_at
        self.batches, self.epochs, self.probabilities = [], [], []

    def on_batch_end(self, step: int, loss: Any, accuracy: Any) -> None:
        self.batches.append((step, float(loss), float(accuracy)))
        if step == self.stop_at:
            raise InterruptedError(f"stopped at step {step}")

    def on_epoch_end(self, epoch: int, loss: Any, accuracy: Any, model: Any) -> None:
        self.epochs.append((epoch, float(loss), float(accuracy)))
        self.probabilities.append(self.framework.predict(model, sample_images(3)))


# ── what the process does ───────────────────────────────────────────────────────────


def devices(name: str) -> list[str]:
    """What the framework can compute on."""
    return frameworks.load(name).devices()


def build(name: str, config: RunConfig, own_start: bool = False, seed: int = 0) -> dict[str, Any]:
    """Weights and probabilities of a model that was not trained, and of one built from its weights."""
    framework = frameworks.load(name)
    shared = None if own_start else initial_weights(config.network, seed)
    model = framework.build(config.network, shared, seed)
    weights = framework.get_weights(model)
    again = framework.build(config.network, weights, seed + 1)
    return {
        "weights": weights,
        "weights_again": framework.get_weights(again),
        "probabilities": framework.predict(model, sample_images(40)),
        "probabilities_again": framework.predict(again, sample_images(40)),
    }


def predict(name: str, config: RunConfig, counts: list[int]) -> list[np.ndarray]:
    """Probabilities of the same model for several numbers of images."""
    framework = frameworks.load(name)
    model = framework.build(config.network, initial_weights(config.network, 0), 0)
    return [framework.predict(model, sample_images(max(counts))[:count]) for count in counts]


def train(name: str, config: RunConfig, count: int, stop_at: int | None = None) -> dict[str, Any]:
    """Trains from the shared start (the framework's own under "as-is") and tells all about it."""
    framework = frameworks.load(name)
    start = initial_weights(config.network, config.seed) if config.protocol == "controlled" else None
    model = framework.build(config.network, start, config.seed)
    before = framework.get_weights(model)
    listener, raised = Listener(framework, stop_at), ""
    try:
        framework.train(model, data_for(config, count), config, listener)
    except InterruptedError as error:
        raised = str(error)
    return {
        "raised": raised,
        "before": before,
        "after": framework.get_weights(model),
        "batches": listener.batches,
        "epochs": listener.epochs,
        "epoch_probabilities": listener.probabilities,
        "probabilities": framework.predict(model, sample_images(40)),
    }


def recorded_curve(name: str, config: RunConfig) -> dict[str, list]:
    """The curve that a run of this framework keeps, trained from the shared start."""
    from core.data.datasets import prepare_data
    from core.runs import records
    from core.training.recorder import Events, Recorder

    framework, train = frameworks.load(name), prepare_data(config).train
    with tempfile.TemporaryDirectory() as folder:
        run = records.create_run(Path(folder), config, "race")
        recorder = Recorder(
            Events(Path(folder), run), train, config.batch_size, config.epochs,
            validate=lambda _: {"val_loss": None, "val_accuracy": None}, look_for_stop=lambda: None,
        )  # fmt: skip
        model = framework.build(config.network, initial_weights(config.network, config.seed), config.seed)
        framework.train(model, train, config, recorder)
    return recorder.summary()["curve"]


def train_save_load(name: str, config: RunConfig, folder: str) -> dict[str, Any]:
    """Saves a trained model, loads it, and goes on training with what was loaded."""
    framework = frameworks.load(name)
    model = framework.build(config.network, initial_weights(config.network, 0), 0)
    framework.train(model, data_for(config, 64), config, Callback())
    path = os.path.join(folder, framework.MODEL_FILE)
    framework.save(model, path)
    loaded = framework.load(path)
    found = {
        "files": os.listdir(folder),
        "bytes": os.path.getsize(path),
        "saved": framework.predict(model, sample_images(40)),
        "loaded": framework.predict(loaded, sample_images(40)),
        "saved_weights": framework.get_weights(model),
        "loaded_weights": framework.get_weights(loaded),
    }
    for trained in (model, loaded):
        framework.train(trained, data_for(config, 64), config, Callback())
    return found | {
        "saved_later": framework.predict(model, sample_images(40)),
        "loaded_later": framework.predict(loaded, sample_images(40)),
    }


def load_failure(name: str, path: str) -> str:
    """What `load` says about a file that it must refuse; empty when it takes it."""
    try:
        frameworks.load(name).load(path)
    except Exception as error:  # every framework has its own
        return f"{type(error).__name__}: {error}"
    return ""


def save_keras_file_with_code(name: str, path: str) -> None:
    """A .keras file that carries a Python function."""
    import keras

    keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Lambda(lambda x: x + 1)]).save(path)


def use_as_scikit_learn_estimator(name: str) -> dict[str, Any]:
    """What scikit-learn itself makes of the SciKeras exhibit."""
    from sklearn.base import clone, is_classifier
    from sklearn.model_selection import StratifiedKFold, check_cv

    config = RunConfig(framework=name, filters=(4,), dense_units=16, device="cpu")
    estimator = frameworks.load(name).build(config.network, None, 0)
    images, labels = sample_images(200), learnable_images(200)[1]
    fresh = clone(estimator).set_params(epochs=8, batch_size=20, optimizer="adam", random_state=0)
    fresh.fit(images, labels)
    return {
        "is_classifier": is_classifier(estimator),
        "stratified": isinstance(check_cv(3, labels, classifier=is_classifier(estimator)), StratifiedKFold),
        "score": fresh.score(images, labels),
        "classes": fresh.classes_.tolist(),
        "probabilities": fresh.predict_proba(images[:5]),
        "predictions": fresh.predict(images[:5]),
    }
