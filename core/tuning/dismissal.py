"""A candidate that is clearly behind after a few of its fits is given up: the others would be in vain.

Optuna's WilcoxonPruner decides, which is documented for scores in cross-validation: a signed-rank test pairs
each fit with the best trial's on the same fold, seed and framework.
"""

import warnings
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from core.tuning.ranking import fits_at, ranked_at
from core.tuning.space import fits_per_trial
from core.tuning.study import StudySpec, Trial
from core.words import percent

if TYPE_CHECKING:
    import optuna

FEWEST = 5  # fits of a trial for which anything can be saved
# Below four pairs even one that is always behind has a p of 1/8 or more; four make it 1/16. The level is
# Optuna's own default.
FIRST_LOOK = 4
LEVEL = 0.1
Place = tuple[str, int, int]  # framework, fold, seed


def dismissal(spec: StudySpec, trials: Sequence[Trial], trial: Trial) -> str:
    """Why a running trial is given up, in a sentence with figures; empty where it goes on.

    Never where times are compared, nor where the folds and seeds are too few, nor the best so far.

    Args:
        spec: of the study.
        trials: all of it.
        trial: one of them, some of whose fits have ended.
    """
    if spec.objective != "accuracy" or fits_per_trial(spec) < FEWEST:
        return ""
    epochs = max((fit.epochs for fit in trial.fits), default=0)
    rivals = (one for one in trials if one.number != trial.number and _same_search(one, trial))
    ranked = ranked_at(spec, rivals, epochs)
    scores = _scores(trial, epochs)
    if trial.status != "running" or not ranked or not FIRST_LOOK <= len(scores) < fits_per_trial(spec):
        return ""
    best = _scores(ranked[0], epochs)
    return _sentence(ranked[0], scores, best) if _behind(scores, best) else ""


def _same_search(one: Trial, other: Trial) -> bool:
    return one.settings.get("framework") == other.settings.get("framework")


def _scores(trial: Trial, epochs: int) -> dict[Place, float]:
    """The scores of its finished fits by what they can be paired on."""
    return {
        (fit.framework, fit.fold or 0, fit.seed): fit.score
        for fit in fits_at(trial, epochs)
        if fit.score is not None
    }


def _behind(scores: dict[Place, float], best: dict[Place, float]) -> bool:
    """What Optuna's pruner says of a trial beside the best one."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    steps = {place: step for step, place in enumerate(sorted(best))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        pruner = optuna.pruners.WilcoxonPruner(p_threshold=LEVEL, n_startup_steps=FIRST_LOOK)
    study = optuna.create_study(direction="maximize")
    study.add_trial(_told(best, steps, value=fmean(best.values())))
    return pruner.prune(study, _told(scores, steps))


def _told(
    scores: dict[Place, float], steps: dict[Place, int], value: float | None = None
) -> "optuna.trial.FrozenTrial":
    """A trial as Optuna sees it: each fit's score is that of a step; without a `value` it still runs."""
    from optuna.trial import TrialState, create_trial

    return create_trial(
        state=TrialState.RUNNING if value is None else TrialState.COMPLETE,
        value=value,
        intermediate_values={steps[place]: score for place, score in scores.items()},
    )


def _sentence(best: Trial, scores: dict[Place, float], theirs: dict[Place, float]) -> str:
    lost = sum(score < theirs[place] for place, score in scores.items())
    return (
        f"clearly behind trial {best.number}, worse in {lost} of {len(scores)} fits: "
        f"{_mean(scores.values())} against {_mean(theirs[place] for place in scores)} on the same ones "
        f"(Wilcoxon signed-rank test, p < {LEVEL})"
    )


def _mean(scores: Iterable[float]) -> str:
    return percent(fmean(scores))
