"""The fresh runs at the end: the winner, the runner-up and the preset's recipe, scored on the test images.

They train on all training images with seeds that the search never used, and are ordinary runs: with a
model, listed, compared. Where the winner is the preset's recipe its runs stand for both.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.races.setup import preset_values
from core.runs import records
from core.runs.status import run_status
from core.tuning.fits import Fit, Role
from core.tuning.outlook import epochs_of, ranking
from core.tuning.plan import ALL, fraction, score_of
from core.tuning.space import SEARCHABLE, config_of
from core.tuning.study import Study, StudySpec, Trial

LAYERS = ("filters", "dense_units", "dropout")
FIRST_SEED = 100  # of the fresh ones
ROLES: tuple[Role, ...] = ("best", "runner-up", "preset")


@dataclass(frozen=True)
class FinalRun:
    """A fresh run in one of the roles that it has; `fit` is the training, which two roles may share."""

    role: Role
    trial: int | None  # None: the preset's recipe
    fit: Fit


def fresh_seeds(spec: StudySpec) -> list[int]:
    """The seeds of the fresh runs: from 100 on, those that the search did not use."""
    return list(islice((seed for seed in count(FIRST_SEED) if seed not in spec.seeds), spec.final_seeds))


def final_runs(study: Study) -> list[FinalRun]:
    """Every fresh run, seed by seed, so that the pairs that are tested grow evenly."""
    found: list[FinalRun] = []
    for seed in fresh_seeds(study.spec):
        for name in study.best:
            for framework in study.spec.frameworks if name == ALL else (name,):
                found += _of_one_seed(study, name, framework, seed)
    return found


def _of_one_seed(study: Study, name: str, framework: str, seed: int) -> Iterator[FinalRun]:
    trained: dict[RunConfig, Fit] = {}
    for role, trial in _roles(study, name):
        config = _final_config(study.spec, trial, framework, seed)
        fit = trained.setdefault(config, Fit(study.spec.name, trial.number if trial else 0, config, role))
        yield FinalRun(role, trial.number if trial else None, fit)


def _roles(study: Study, name: str) -> list[tuple[Role, Trial | None]]:
    best, *others = ranking(study, name)[:2]
    return [("best", best), *(("runner-up", other) for other in others), ("preset", None)]


def _final_config(spec: StudySpec, trial: Trial | None, framework: str, seed: int) -> RunConfig:
    """All training images, none held out. Seconds to an accuracy need validation images to see it by."""
    settings = trial.settings if trial else _recipe(spec)
    config = config_of(spec, settings, framework=framework, seed=seed)
    if trial and "epochs" not in settings:
        config = config.model_copy(update={"epochs": epochs_of(trial)})
    held_out = 0 if spec.objective == "accuracy" else config.validation_size
    return config.model_copy(update={"validation_size": held_out, "train_size": None})


def _recipe(spec: StudySpec) -> dict[str, Any]:
    """The preset's own values of what a recipe says, in place of those that the study fixed.

    Epochs and training images stay the study's: they are what all its runs may spend. A network that goes
    on from another run's weights keeps its layers.
    """
    kept = ("epochs", "train_size", *(LAYERS if spec.fixed["start_from"] else ()))
    preset = preset_values(spec.fixed["architecture"])
    return {name: preset[name] for name in SEARCHABLE if name not in kept or name in spec.search}


def is_done(artifacts: Path, fit: Fit) -> bool:
    """Whether the fresh run has ended, well or not; one of other settings, an earlier winner's, has not."""
    if not _is_of(artifacts, fit):
        return False
    if records.metrics_path(artifacts, fit.run).is_file():
        return True
    events, _ = records.read_events(artifacts, fit.run)
    return any(event["event"] == "ended" and event.get("status") == "failed" for event in events)


def _is_of(artifacts: Path, fit: Fit) -> bool:
    """Whether the run that is there was asked to train what the fit is."""
    try:
        return records.read_config(artifacts, fit.run)[0] == fit.config
    except records.RecordError:
        return False


def result_of(artifacts: Path, spec: StudySpec, one: FinalRun) -> dict[str, Any]:
    """How a fresh run went; figures are None until it is finished. `status` is a run's, or "waiting"."""
    run = one.fit.run
    found: dict[str, Any] = {
        "run": run, "role": one.role, "framework": one.fit.config.framework, "seed": one.fit.config.seed,
        "trial": one.trial, "status": "waiting", "reason": "", "test_accuracy": None, "score": None,
        "train_time_sec": None, "busy": None,
    }  # fmt: skip
    if not _is_of(artifacts, one.fit):
        return found
    status = run_status(artifacts, run)
    found |= {"status": status.state, "reason": status.reason}
    if status.state != "finished":
        return found
    try:
        metrics = records.read_object(records.metrics_path(artifacts, run))
        score = None if spec.objective == "accuracy" else score_of(spec.objective, metrics)
        accuracy, seconds = fraction(metrics["test_accuracy"]), float(metrics["train_time_sec"])
    except (records.RecordError, KeyError, TypeError, ValueError) as error:
        return {**found, "status": "failed", "reason": f"its record cannot be read: {error}"}
    found |= {"test_accuracy": accuracy, "train_time_sec": seconds, "busy": metrics.get("busy")}
    return {**found, "score": score if score is None or math.isfinite(score) else None}
