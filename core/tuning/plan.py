"""Which fits a trial consists of, and how well one did: from the study's spec and the fit's record."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.tuning.fits import Fit, fit_name
from core.tuning.study import Objective, StudySpec

GOALS = {"time-to-98": 0.98, "time-to-99": 0.99}  # objective → the accuracy that has to be reached
ALL = "all"  # stands for all frameworks together where they share a best


@dataclass(frozen=True)
class PlannedFit:
    """One training that a trial asks for, known by the name of its run."""

    run: str
    framework: str
    seed: int
    fold: int | None
    epochs: int


def planned_fits(
    spec: StudySpec, number: int, settings: Mapping[str, Any], epochs: int | None
) -> tuple[PlannedFit, ...]:
    """The fits of a trial, in the order in which they train: fold by fold, so that a trial that is
    clearly behind can be given up after a few.

    Args:
        spec: what the study is asked to do.
        number: the trial's.
        settings: the trial's values of the searched fields.
        epochs: of this attempt where the strategy decides it, else None.
    """
    length = epochs or settings.get("epochs") or spec.fixed["epochs"]
    chosen = (settings["framework"],) if "framework" in settings else spec.frameworks
    folds: tuple[int | None, ...] = tuple(range(spec.folds)) if spec.folds else (None,)
    return tuple(
        PlannedFit(fit_name(spec.name, number, framework, length, fold, seed), framework, seed, fold, length)
        for fold in folds
        for seed in spec.seeds
        for framework in chosen
    )


def fit_of(spec: StudySpec, number: int, settings: Mapping[str, Any], planned: PlannedFit) -> Fit:
    """What a worker gets for a planned fit.

    Raises:
        core.tuning.space.SpaceError: the settings do not make a run.
    """
    from core.tuning.space import config_of

    config = config_of(
        spec,
        settings,
        framework=planned.framework,
        seed=planned.seed,
        fold=planned.fold,
        epochs=planned.epochs,
    )
    return Fit(spec.name, number, config)


def score_of(objective: Objective, metrics: Mapping[str, Any]) -> float | None:
    """A finished fit's score: its validation accuracy, or the seconds of training until the goal.

    Args:
        objective: of the study.
        metrics: the fit's record.

    Returns:
        None where the goal was never reached.

    Raises:
        KeyError, TypeError, ValueError: the record does not hold what it has to.
    """
    if objective == "accuracy":
        return fraction(metrics["val_accuracy"])
    history = metrics["history"]
    for accuracy, seconds in zip(history["val_accuracy"], history["seconds"], strict=True):
        if accuracy is not None and accuracy >= GOALS[objective]:
            return float(seconds)
    return None


def fraction(accuracy: Any) -> float:
    """An accuracy of a record.

    Raises:
        TypeError, ValueError: it is none.
    """
    if not 0 <= float(accuracy) <= 1:
        raise ValueError(f"an accuracy of {accuracy} is no fraction from 0 to 1")
    return float(accuracy)


def cost(objective: Objective, score: float | None) -> float:
    """A score turned so that less is better; what has none comes last."""
    if score is None:
        return math.inf
    return -score if objective == "accuracy" else score
