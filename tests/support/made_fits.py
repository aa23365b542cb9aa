"""A study's fits as its workers leave them: a folder with config and events, a small metrics file."""

from pathlib import Path

import numpy as np

from core.config import RunConfig
from core.runs import records
from core.tuning.fits import Fit
from support.made_runs import made_metrics

_NOT_OF_A_FIT = (
    "test_accuracy", "test_loss", "confusion", "curve", "peak_memory_mb", "model_bytes", "predict_ms",
)  # fmt: skip


def make_fit(artifacts: Path, study: str, trial: int, accuracy: float, **settings) -> str:
    """Writes one finished fit and returns the name of its run."""
    config = RunConfig.from_preset(**{"framework": "pytorch", "device": "cpu", **settings})
    fit = Fit(study, trial, config)
    fit.prepare(artifacts)
    result = {"test_accuracy": accuracy, "test_loss": 0.05, "confusion": [[1, 0], [0, 1]]}
    metrics = made_metrics(config, fit.run, result) | {"race": study, **fit.mark()}
    metrics |= {"val_accuracy": accuracy, "val_loss": 0.06}
    metrics = {key: value for key, value in metrics.items() if key not in _NOT_OF_A_FIT}
    records.append_event(artifacts, fit.run, "ended", status="finished", reason="")
    records.write_json(records.metrics_path(artifacts, fit.run), metrics)
    return fit.run


def make_study(artifacts: Path, study: str = "lr", trials: int = 6, folds: int = 0, frameworks=("pytorch",)):
    """The fits of trials over learning rate and dropout, in turns between the frameworks; their names."""
    random = np.random.default_rng(len(study))
    runs = []
    for number in range(1, trials + 1):
        settings = {
            "framework": frameworks[number % len(frameworks)],
            "learning_rate": round(10 ** random.uniform(-4, -1), 5),
            "dropout": round(random.uniform(0.1, 0.5), 2),
            "epochs": 3,
        }
        for fold in range(folds) or [None]:
            part = {} if fold is None else {"folds": folds, "fold": fold}
            accuracy = 0.97 + 0.002 * number + 0.0005 * (fold or 0)
            runs.append(make_fit(artifacts, study, number, accuracy, **settings, **part))
    return runs
