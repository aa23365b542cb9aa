"""One batch through the exhibits of one runtime, in a process of its own.

`python -m core.lessons.one_batch_process FOLDER` reads the task that `core.lessons.one_batch` left there.
"""

import json
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np

from core import frameworks
from core.config import RunConfig
from core.contract import Callback
from core.lessons import code
from core.lessons.watching import Told, watched
from core.machine.processes import give_way
from core.training.parity import OneBatchEpochs

# Gradient descent with rate 1 and no momentum moves every weight by exactly its gradient.
GRADIENT_READER = {
    "protocol": "controlled", "optimizer": "sgd", "learning_rate": 1.0, "momentum": 0.0,
    "schedule": "constant",
}  # fmt: skip


class _Loss(Callback):
    """Hears the exhibit's own report after the batch."""

    loss = accuracy = float("nan")

    def on_batch_end(self, step: int, loss: Any, accuracy: Any) -> None:
        """The mean so far this epoch, which has one batch."""
        self.loss, self.accuracy = float(loss), float(accuracy)


def measure(name: str, config: RunConfig, weights: list[np.ndarray] | None, data: OneBatchEpochs) -> dict:
    """What one exhibit does with one batch, from building to loading what it saved.

    Returns:
        plain JSON types: `lines` of each function as `core.lessons.watching.watched` gives them, and
        what was measured around them.
    """
    config = config.model_copy(update={"epochs": 1})
    exhibit = frameworks.load(name)
    steps = code.read(name).steps

    def watching(function: str) -> AbstractContextManager[dict[int, dict[str, Told]]]:
        return watched(str(exhibit.__file__), {line for lines in steps[function].values() for line in lines})

    images, labels = data.epoch(0)
    lines: dict[str, dict[int, dict[str, Told]]] = {}
    with watching("build") as lines["build"]:
        model = exhibit.build(config.network, weights, config.seed)
    before = exhibit.get_weights(model)
    loss_before = _cross_entropy(exhibit.predict(model, images), labels)
    reported = _Loss()
    with watching("train") as lines["train"]:
        exhibit.train(model, data, config, reported)
    after = exhibit.get_weights(model)
    with watching("predict") as lines["predict"]:
        probabilities = np.asarray(exhibit.predict(model, images))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, exhibit.MODEL_FILE)
        with watching("save") as lines["save"]:
            exhibit.save(model, path)
        size = path.stat().st_size
        with watching("load") as lines["load"]:
            loaded = exhibit.load(path)
    again = np.asarray(exhibit.predict(loaded, images))
    return {
        "lines": lines,
        "seed": config.seed,
        "batch": [list(images.shape), list(labels.shape)],
        "weights": [list(array.shape) for array in before],
        "first_range": [float(before[0].min()), float(before[0].max())],
        "loss": reported.loss,
        "accuracy": reported.accuracy,
        "gradient_norm": _gradient_norm(exhibit, config, before, data),
        "change_norm": _norm(before, after),
        "loss_before": loss_before,
        "loss_after": _cross_entropy(probabilities, labels),
        "probabilities": list(probabilities.shape),
        "first_sum": float(probabilities[0].sum()),
        "first_right": float(probabilities[0, labels[0]]),
        "file_name": exhibit.MODEL_FILE,
        "file_bytes": size,
        "loaded_type": type(loaded).__name__,
        "loaded_differs": float(np.abs(again - probabilities).max()),
    }


def _gradient_norm(exhibit: Any, config: RunConfig, start: list[np.ndarray], data: OneBatchEpochs) -> float:
    """Length of the gradient, read off a step of plain gradient descent from the same start and dropout."""
    model = exhibit.build(config.network, start, config.seed)
    exhibit.train(model, data, config.model_copy(update=GRADIENT_READER), Callback())
    return _norm(start, exhibit.get_weights(model))


def _norm(before: list[np.ndarray], after: list[np.ndarray]) -> float:
    """Euclidean distance between two sets of weights."""
    pairs = zip(before, after, strict=True)
    return float(np.sqrt(sum(np.square(np.subtract(a, b, dtype=np.float64)).sum() for a, b in pairs)))


def _cross_entropy(probabilities: Any, labels: np.ndarray) -> float:
    right = np.asarray(probabilities, np.float64)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(right, np.finfo(np.float32).tiny)).mean())


def main(folder: Path) -> None:
    """Measures the exhibits that the task names and writes `<name>.json` for each."""
    give_way()
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    config = RunConfig(**task["config"])
    with np.load(folder / "batch.npz", allow_pickle=False) as found:
        data = OneBatchEpochs(found["images"], found["labels"], len(found["labels"]))
        weights = [found[f"weight_{place}"] for place in range(task["weights"])] or None
    for name in task["names"]:
        told = measure(name, config.model_copy(update={"framework": name}), weights, data)
        (folder / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
