"""The proof that the frameworks start equal: same weights, same batches, same losses.

As a process, `python -m core.training.parity FOLDER` lets the frameworks of one runtime follow the batches
that lie in FOLDER; torch and TensorFlow cannot share a process.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from core import frameworks
from core.architectures import Architecture, Dropout, initial_weights
from core.config import RunConfig
from core.contract import Callback
from core.machine import processes
from core.machine.environment import thread_environment

REFERENCE = "pytorch"
LOGIT_IMAGES = 256  # images whose logits are compared at the start

# SGD is the same arithmetic everywhere. Its rate is small because rounding decides now and then
# whether a ReLU lets a value pass: at 0.003 such a moment grows to 4e-4 within 50 steps (measured over
# ten starts), at 0.001 to 2e-6. The other optimizers divide by the size of gradients that are partly
# rounding, and add epsilon in places of their own, so that their losses only stay near each other.
LEARNING_RATES = {"sgd": 1e-3, "adam": 1e-3, "rmsprop": 1e-3, "adadelta": 1.0}
TOLERANCES = {"sgd": 1e-5, "adam": 0.05, "rmsprop": 0.25, "adadelta": 0.05}


class ParityError(Exception):
    """A framework could not follow the batches; the message has the end of what it said."""


@dataclass(frozen=True, eq=False)
class Track:
    """What one framework did: centred logits (N, classes) at the start, and the loss of every batch."""

    logits: np.ndarray
    losses: np.ndarray


class OneBatchEpochs:
    """Training data whose every epoch is one batch, so that a mean over an epoch is one batch's loss."""

    steps_per_epoch = 1

    def __init__(self, images: np.ndarray, labels: np.ndarray, batch_size: int) -> None:
        """Takes images (steps × batch_size, 28, 28, 1) float32 and labels int64, in training order."""
        self.x_train, self.y_train, self._batch_size = images, labels, batch_size

    def epoch(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Batch number `epoch`."""
        batch = slice(epoch * self._batch_size, (epoch + 1) * self._batch_size)
        return self.x_train[batch], self.y_train[batch]

    def batches(self, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Batch number `epoch`, alone."""
        yield self.epoch(epoch)


# ── measuring ───────────────────────────────────────────────────────────────────────


def measure_parity(
    architecture_preset: str = "small-cnn",
    optimizer: str = "sgd",
    steps: int = 50,
    *,
    names: Sequence[str] | None = None,
    data_dir: Path | str | None = None,
    batch_size: int = 64,
    seed: int = 0,
    threads: int = 2,
) -> dict[str, Any]:
    """Gives every framework the same start and the same batches and compares what they make of them.

    Trains on MNIST when its files are there, else on the digits inside scikit-learn. Dropout is
    left out, because every framework draws masks of its own.

    Args:
        architecture_preset: a key of `core.architectures.PRESETS`.
        optimizer: "sgd", "adam", "rmsprop" or "adadelta".
        steps: number of batches, 1 to 200.
        names: the frameworks, None for all; the reference is added.
        data_dir: where to look for MNIST.
        batch_size: images a batch.
        seed: of the shared start and of the batch order.
        threads: per process.

    Returns:
        {"tolerance", "steps", "reference", "frameworks": {name: {"logits", "loss"}}}: the largest
        absolute difference from the reference in centred logits at the start, and in the loss of
        any batch.

    Raises:
        ParityError: a framework failed.
        pydantic.ValidationError: a value that no run could have.
    """
    wanted = dict.fromkeys([REFERENCE, *(names or frameworks.names())])
    config = RunConfig.from_preset(
        REFERENCE, architecture_preset, optimizer=optimizer, dropout=0, schedule="constant",
        learning_rate=LEARNING_RATES.get(optimizer, 1e-3), epochs=steps, batch_size=batch_size,
        seed=seed, threads=threads, device="cpu",
    )  # fmt: skip
    images, labels = training_batches(config, data_dir)
    weights = initial_weights(without_dropout(config.network), seed)
    tracks: dict[str, Track] = {}
    for _, group in groupby(sorted(wanted, key=frameworks.runtime), frameworks.runtime):
        tracks |= follow(list(group), config, weights, images, labels)
    return compare({name: tracks[name] for name in wanted}, TOLERANCES[optimizer])


def passed(parity: dict[str, Any]) -> bool:
    """Whether every framework stayed within the tolerance, in logits and in loss."""
    differences = [value for row in parity["frameworks"].values() for value in row.values()]
    return all(value <= parity["tolerance"] for value in differences)  # False for NaN


def compare(tracks: dict[str, Track], tolerance: float) -> dict[str, Any]:
    """The largest differences of every track from the reference's, in the shape of `measure_parity`."""
    reference = tracks[REFERENCE]
    rows = {
        name: {
            "logits": float(np.abs(track.logits - reference.logits).max()),
            "loss": float(np.abs(track.losses - reference.losses).max()),
        }
        for name, track in tracks.items()
    }
    return {
        "tolerance": tolerance,
        "steps": len(reference.losses),
        "reference": REFERENCE,
        "frameworks": rows,
    }


def training_batches(config: RunConfig, data_dir: Path | str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Normalised images and labels, `epochs` × `batch_size` of them; a small dataset comes round again."""
    from core.data.catalogue import find_dataset
    from core.data.datasets import prepare_data
    from core.data.files import status

    files = status(find_dataset("mnist"), data_dir)
    dataset = "mnist" if all(file.ok for file in files) else "digits"
    needed = config.epochs * config.batch_size
    changes = {"dataset": dataset, "validation_size": 0, "train_size": needed}
    images, labels = prepare_data(config.model_copy(update=changes), data_dir).train.epoch(0)
    order = np.resize(np.arange(len(images)), needed)
    return images[order], labels[order]


def without_dropout(architecture: Architecture) -> Architecture:
    """The same layers but for dropout."""
    layers = tuple(layer for layer in architecture.layers if not isinstance(layer, Dropout))
    return replace(architecture, layers=layers)


def centred_logits(probabilities: np.ndarray) -> np.ndarray:
    """Logits up to their mean, from probabilities (N, classes).

    Softmax forgets a constant that is added to all logits of an image, so log-probabilities are
    logits up to such a constant; without their mean they can be compared.
    """
    logarithms = np.log(probabilities.astype(np.float64))
    return logarithms - logarithms.mean(axis=1, keepdims=True)


# ── one process per runtime ─────────────────────────────────────────────────────────


def follow(
    names: Sequence[str],
    config: RunConfig,
    weights: Sequence[np.ndarray],
    images: np.ndarray,
    labels: np.ndarray,
) -> dict[str, Track]:
    """Lets the frameworks of one runtime train in a process of their own.

    Args:
        names: frameworks that share a runtime.
        config: `epochs` is the number of batches, `batch_size` their size; a device that is resolved.
        weights: the start, in the shared layout, for `config.network` without dropout.
        images: (epochs × batch_size, 28, 28, 1) float32 in training order.
        labels: (epochs × batch_size,) int64.

    Raises:
        ParityError: the process failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        task = {"names": list(names), "config": config.model_dump(mode="json")}
        Path(folder, "task.json").write_text(json.dumps(task), encoding="utf-8")
        np.savez(Path(folder, "batches.npz"), images=images, labels=labels)
        np.savez(Path(folder, "weights.npz"), *weights)
        runtime = frameworks.runtime(names[0])
        variables = thread_environment(config.threads, config.device, runtime)
        process = processes.run(__name__, folder, variables=variables)
        if process.returncode:
            said = "\n".join((process.stdout + process.stderr).splitlines()[-15:])
            raise ParityError(
                f"{', '.join(names)} ended with exit status {process.returncode}; at the end:\n{said}"
            )
        return {name: _read_track(Path(folder, f"{name}-track.npz")) for name in names}


def _read_track(path: Path) -> Track:
    with np.load(path, allow_pickle=False) as found:
        return Track(found["logits"], found["losses"])


def _follow_here(folder: Path) -> None:
    """What the process of `follow` does."""
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    config = RunConfig(**task["config"])
    with np.load(folder / "weights.npz", allow_pickle=False) as found:
        weights = [found[f"arr_{position}"] for position in range(len(found.files))]
    with np.load(folder / "batches.npz", allow_pickle=False) as found:
        data = OneBatchEpochs(found["images"], found["labels"], config.batch_size)
    for name in task["names"]:
        track = _follow_one(name, config, weights, data)
        np.savez(folder / f"{name}-track.npz", logits=track.logits, losses=track.losses)


def _follow_one(name: str, config: RunConfig, weights: list[np.ndarray], data: OneBatchEpochs) -> Track:
    framework = frameworks.load(name)
    model = framework.build(without_dropout(config.network), weights, config.seed)
    logits = centred_logits(framework.predict(model, data.x_train[:LOGIT_IMAGES]))
    losses = _Losses()
    framework.train(model, data, config, losses)
    return Track(logits, np.array(losses.values))


class _Losses(Callback):
    def __init__(self) -> None:
        self.values: list[float] = []

    def on_batch_end(self, step: int, loss: Any, accuracy: Any) -> None:
        self.values.append(float(loss))


if __name__ == "__main__":
    _follow_here(Path(sys.argv[1]))
