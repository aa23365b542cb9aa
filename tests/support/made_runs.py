"""Finished runs as training leaves them, with predictions drawn from NumPy instead of a trained model,
and copies of the reference runs."""

import json
import shutil
from pathlib import Path

import numpy as np

from core.comparison.results import Results, ResultsReader
from core.config import RunConfig
from core.places import PROJECT
from core.runs import records
from core.runs.curves import grid, rounded
from core.scores import score

FRAMEWORKS = ("numpy_scratch", "pytorch", "tensorflow_tape", "keras_fit", "sklearn_scikeras")
SPEED = dict(zip(FRAMEWORKS, (110.0, 24.0, 22.0, 28.0, 30.0), strict=True))  # seconds
LINES = dict(zip(FRAMEWORKS, (212, 74, 81, 52, 60), strict=True))
NOTEBOOK = {  # what a notebook of somebody else writes
    "framework": "PyTorch",
    "test_accuracy": 0.9871,
    "test_loss": 0.04,
    "train_time_sec": 61.5,
    "params": 206922,
    "epochs": 5,
    "device": "cpu",
    "effective_loc": 80,
}


def made_labels(images: int = 10_000, seed: int = 1) -> np.ndarray:
    """(images,) uint8, the same for the same seed."""
    return np.random.default_rng(seed).integers(0, 10, images).astype(np.uint8)


def made_probabilities(labels: np.ndarray, accuracy: float, seed: int) -> np.ndarray:
    """(N, 10) float32 whose expected accuracy is `accuracy`; hard images are hard for every seed."""
    hardness = np.random.default_rng(len(labels)).random(len(labels))  # shared by all runs
    rng = np.random.default_rng(seed)
    rank = 0.8 * hardness + 0.2 * rng.random(len(labels))
    reached = np.clip(accuracy + rng.normal(0, 0.0006), 0, 1)  # seeds differ by about as much on MNIST
    wrong = rank >= np.quantile(rank, reached)
    guesses = np.where(wrong, (labels + rng.integers(1, 10, len(labels))) % 10, labels)
    logits = rng.normal(0, 1, (len(labels), 10))
    sure = np.where(wrong, rng.uniform(3, 7, len(labels)), rng.uniform(4, 14, len(labels)))
    logits[np.arange(len(labels)), guesses] = logits.max(axis=1) + sure
    table = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (table / table.sum(axis=1, keepdims=True)).astype(np.float32)


def made_metrics(
    config: RunConfig, run: str, result: dict, machine: str = "0a1b2c3d", rng_seed: int = 0
) -> dict:
    """What training writes for a finished run."""
    rng = np.random.default_rng([rng_seed, config.seed, len(config.framework)])
    seconds = SPEED[config.framework] * config.epochs / 5 * rng.uniform(0.97, 1.03)
    epochs = np.arange(1, config.epochs + 1)
    accuracy = result["test_accuracy"] - 0.03 / epochs**1.5
    per_epoch = seconds / config.epochs
    return {
        "schema": records.SCHEMA,
        "run": run,
        "race": "made",
        "framework": config.framework,
        "test_accuracy": result["test_accuracy"],
        "test_loss": result["test_loss"],
        "train_time_sec": seconds,
        "params": config.network.parameter_count(),
        "epochs": config.epochs,
        "device": config.device,
        "effective_loc": LINES[config.framework],
        "status": "finished",
        "dataset": config.dataset,
        "architecture": config.network.name,
        "protocol": config.protocol,
        "seed": config.seed,
        "images_per_second": 55_000 / per_epoch,
        "config": config.model_dump(mode="json"),
        "environment": {
            "versions": {"numpy": "2.4.6"},
            "python": "3.11.9",
            "platform": "Linux",
            "cpu": "A processor",
            "cores": 2,
            "threads": config.threads,
            "machine": machine,
        },
        "timing": {
            "import_s": 2.1, "data_s": 0.4, "build_s": 0.2,
            "first_step_s": 0.6, "validation_s": 1.9, "test_s": 0.5,
        },
        "history": {
            "epoch": (epochs - 1).tolist(),
            "loss": (0.25 / epochs).tolist(),
            "accuracy": (1 - 0.06 / epochs).tolist(),
            "val_loss": (0.2 / epochs + 0.02).tolist(),
            "val_accuracy": accuracy.tolist(),
            "seconds": (epochs * per_epoch).tolist(),
        },
        "curve": made_curve(config, seconds),
        "confusion": result["confusion"],
        "peak_memory_mb": 400.0 + 10 * len(config.framework),
        "model_bytes": 830_000 + 1000 * len(config.framework),
        "predict_ms": 0.4 + 0.1 * len(config.framework),
        "created": f"2026-11-20T10:00:{config.seed % 60:02d}+00:00",
    }  # fmt: skip


def made_curve(config: RunConfig, seconds: float, images: int = 55_000) -> dict[str, list]:
    """A loss that falls and an accuracy that rises, at the points where training records them."""
    per_epoch = -(-images // config.batch_size)
    steps = [
        epoch * per_epoch + step for epoch in range(config.epochs) for step in grid(per_epoch, config.epochs)
    ]
    done = np.array(steps) / steps[-1]
    loss = 2.3 / (1 + 40 * done)
    curve = {"step": steps, "seconds": seconds * done, "loss": loss, "accuracy": 1 - loss / 2.6}
    return rounded({name: np.asarray(values).tolist() for name, values in curve.items()})


def make_finished_run(
    artifacts: Path,
    run: str,
    framework: str = "pytorch",
    accuracy: float = 0.99,
    labels: np.ndarray | None = None,
    machine: str = "0a1b2c3d",
    predictions: bool = True,
    **settings,
) -> dict:
    """Writes one finished run (folder, predictions, metrics file) and returns its metrics."""
    config = RunConfig.from_preset(framework, **{"device": "cpu", **settings})
    labels = made_labels(2000) if labels is None else labels
    table = made_probabilities(labels, accuracy, seed=hash_of(framework, config.seed))
    metrics = made_metrics(config, run, score(table, labels), machine)
    folder = records.run_dir(artifacts, run)
    folder.mkdir(parents=True)
    records.write_config(artifacts, run, config, "made")
    if predictions:
        np.save(folder / "test_probabilities.npy", table)
        np.save(folder / "test_labels.npy", labels)
    records.write_json(records.metrics_path(artifacts, run), metrics)
    return metrics


def hash_of(framework: str, seed: int) -> int:
    """A seed for NumPy that is the same in every process (unlike `hash`)."""
    return 1000 * FRAMEWORKS.index(framework) + seed


def make_finished_race(
    artifacts: Path, seeds=(0,), accuracies=None, prefix="20261120-100000", **settings
) -> list[str]:
    """Five frameworks × seeds, and the names of their runs."""
    accuracies = accuracies or dict.fromkeys(FRAMEWORKS, 0.99)
    runs = []
    for seed in seeds:
        for framework in FRAMEWORKS:
            run = f"{prefix}-{framework}-small-cnn-s{seed}"
            make_finished_run(artifacts, run, framework, accuracies[framework], seed=seed, **settings)
            runs.append(run)
    return runs


def make_mixed_folder(folder: Path) -> None:
    """A race over three seeds in which NumPy is clearly worse, a notebook's file and a broken one."""
    make_finished_race(folder, (0, 1, 2), {**dict.fromkeys(FRAMEWORKS, 0.99), "numpy_scratch": 0.93})
    (folder / "notebook_metrics.json").write_text('{"framework": "<i>x</i>|y", "test_accuracy": 0.9}')
    (folder / "broken_metrics.json").write_text("{")


def copy_reference_runs(target: Path) -> Path:
    """Copies the runs that ship with the project, and returns `target`."""
    target.mkdir(parents=True, exist_ok=True)
    for source in (PROJECT / "artifacts").glob("reference-*"):
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, target / source.name)
    return target


def write_metrics(folder: Path, name: str, content: str | dict) -> None:
    """Writes the metrics file of `name` as it is given: text, or an object as JSON."""
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / f"{name}_metrics.json").write_text(text, encoding="utf-8")


def read_results(folder: Path) -> Results:
    """All results of a folder, read anew."""
    return ResultsReader(folder).read()
