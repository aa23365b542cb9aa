"""A model's answers scored: on the validation images after each epoch, on the test images once."""

import time
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import numpy as np

from core.data.datasets import Prepared
from core.machine import environment
from core.runs import records
from core.runs.writing import written_whole
from core.scores import score


class Diverged(Exception):
    """The training went astray: a loss or an answer is no finite number any more."""


def predict(framework: ModuleType, model: Any, images: np.ndarray) -> np.ndarray:
    """The framework's probabilities (N, classes) for images (N, 28, 28, 1) float32, normalised.

    Raises:
        Diverged: the last step made the weights so large that some are no numbers.
    """
    probabilities = framework.predict(model, images)
    if not np.isfinite(probabilities).all():
        raise Diverged("the model's answers are no longer finite numbers")
    return probabilities


def validate(framework: ModuleType, data: Prepared, model: Any) -> dict[str, float | None]:
    """`val_loss` and `val_accuracy` on the validation images; None when there are none.

    Raises:
        Diverged: as `predict`.
    """
    if not len(data.x_val):
        return {"val_loss": None, "val_accuracy": None}
    result = score(predict(framework, model, data.x_val), data.y_val)
    return {"val_loss": result["test_loss"], "val_accuracy": result["test_accuracy"]}


def score_and_save(framework: ModuleType, data: Prepared, model: Any, folder: Path) -> dict[str, Any]:
    """Scores the model on the test images, once, and saves it with its probabilities.

    Args:
        framework: the exhibit that trained it.
        data: the run's images.
        model: as `predict` takes it.
        folder: the run's.

    Returns:
        What `core.scores.score` gives, model_bytes, predict_ms (for one image), peak_memory_mb.

    Raises:
        Diverged: as `predict`.
        core.runs.records.RecordError: the disk does not take them; each file is there as a whole or not.
    """
    probabilities = predict(framework, model, data.x_test)
    model_file = folder / framework.MODEL_FILE
    with records.writing(folder.parent):
        _save_array(folder / "test_probabilities.npy", probabilities.astype(np.float32))
        _save_array(folder / "test_labels.npy", data.y_test.astype(np.uint8))
        with written_whole(model_file) as path:
            framework.save(model, path)
    return {
        **score(probabilities, data.y_test),
        "model_bytes": model_file.stat().st_size,
        "predict_ms": _latency_ms(framework, model, data.x_test[:1]),
        "peak_memory_mb": environment.peak_memory_mb(),
    }


def _save_array(path: Path, array: np.ndarray) -> None:
    with written_whole(path) as whole:
        np.save(whole, array)


def _latency_ms(framework: ModuleType, model: Any, image: np.ndarray) -> float:
    """Median milliseconds for one image, after three calls to warm up."""
    times = []
    for _ in range(33):
        began = time.perf_counter()
        framework.predict(model, image)
        times.append(1000 * (time.perf_counter() - began))
    return median(times[3:])
