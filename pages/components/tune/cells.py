"""The squares of a study's grid: where each of a trial's fits stands, its state and its colour."""

from collections.abc import Mapping
from typing import Any

from core import frameworks
from core.charts.colours import order
from core.tuning.study import FitResult, Study, Trial
from pages.components.tune.scores import by_time, score_text

PALEST = 0.1  # of the scores lie below the palest colour: one hopeless trial would take it all
Ends = tuple[float | None, float | None]  # the scores of the palest and of the fullest colour
Place = tuple[str, int, int | None]  # framework, seed, fold


def places(study: Study, trial: Trial) -> list[Place]:
    """Where a trial's fits stand, row after row: a framework and seed is a row of folds."""
    own = trial.settings.get("framework")
    chosen = [own] if own else order(list(study.spec.frameworks))
    folds = range(study.spec.folds) if study.spec.folds else (None,)
    return [(framework, seed, fold) for framework in chosen for seed in study.spec.seeds for fold in folds]


def newest_fits(trial: Trial) -> dict[Place, FitResult]:
    """The fits that have begun; of several budgets of epochs the largest."""
    ranked = sorted(trial.fits, key=lambda fit: fit.epochs)
    begun = [fit for fit in ranked if fit.status != "waiting"]
    return {(fit.framework, fit.seed, fit.fold): fit for fit in begun}


def fits_in_order(study: Study, trial: Trial) -> list[FitResult]:
    """The same in the order of the grid."""
    newest = newest_fits(trial)
    return [newest[place] for place in places(study, trial) if place in newest]


def cells(study: Study, trial: Trial, ends: Ends) -> list[dict[str, Any]]:
    """A square for each place: state, level of colour, and in words."""
    newest = newest_fits(trial)
    return [_cell(study, trial, place, newest, ends) for place in places(study, trial)]


def _cell(
    study: Study, trial: Trial, place: Place, newest: Mapping[Place, FitResult], ends: Ends
) -> dict[str, Any]:
    fit = newest.get(place)
    if fit is not None:
        state: str = fit.status
    else:  # never begun: it waits, or nobody waits for it any longer
        state = {"dismissed": "dismissed", "failed": "left out"}.get(trial.status, "waiting")
    score = fit.score if fit is not None else None
    text = score_text(study.spec, score) if state == "finished" else state
    return {"state": state, "level": level(score, ends), "text": f"{place_name(study, place)}: {text}"}


def place_name(study: Study, place: Place) -> str:
    """What tells a fit from the others of its trial, such as "fold 2, seed 0"."""
    framework, seed, fold = place
    parts = [frameworks.title(framework)] if study.spec.common and len(study.spec.frameworks) > 1 else []
    parts += [f"fold {fold + 1}"] if fold is not None else []
    return ", ".join([*parts, f"seed {seed}"])


def ends_of(study: Study) -> Ends:
    """The scores of the palest and of the fullest colour; the fullest is the best."""
    scores = sorted(
        (fit.score for trial in study.trials for fit in trial.fits if fit.score is not None),
        reverse=by_time(study.spec),
    )
    return (scores[int(PALEST * (len(scores) - 1))], scores[-1]) if scores else (None, None)


def level(score: float | None, ends: Ends) -> float | None:
    """From 0 (the palest) to 1 (the best); None where there is no score."""
    low, high = ends
    if score is None or low is None or high is None:
        return None
    return 1.0 if low == high else round(min(1.0, max(0.0, (score - low) / (high - low))), 2)
