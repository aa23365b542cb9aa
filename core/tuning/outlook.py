"""What a study's trials add up to: the best, how many there will be, how long it still takes."""

from collections.abc import Sequence

from core.charts.colours import order
from core.tuning.plan import ALL, cost
from core.tuning.study import Study, StudySpec, Trial


def best_trials(spec: StudySpec, trials: Sequence[Trial]) -> dict[str, int]:
    """The best finished trial of each framework, or under "all" the common best; the earlier of two equals.

    Where the strategy gives some trials more epochs, only those with the most are compared: a score after
    two epochs and one after eight say different things.
    """
    names = [ALL] if spec.common else order(spec.frameworks)
    found = {}
    for name in names:
        if ranked := ranking(spec, trials, name):
            found[name] = ranked[0].number
    return found


def ranking(spec: StudySpec, trials: Sequence[Trial], name: str) -> list[Trial]:
    """The finished trials of a framework (or "all") with a score, the best first."""
    scored = [
        trial
        for trial in trials
        if trial.status == "finished"
        and trial.score is not None
        and (name == ALL or trial.settings.get("framework", name) == name)
    ]
    if spec.strategy == "halving":
        return sorted(scored, key=lambda one: (-epochs_of(one), cost(spec.objective, one.score), one.number))
    return sorted(scored, key=lambda one: (cost(spec.objective, one.score), one.number))


def epochs_of(trial: Trial) -> int:
    """The most epochs that a fit of the trial trained."""
    return max((fit.epochs for fit in trial.fits), default=0)


def seconds_left(study: Study) -> float | None:
    """How long the search still takes, judged by the trials so far; None while none has ended.

    The fresh runs at the end are not counted: they train on all images, of which no trial tells.
    """
    if study.state != "searching":
        return None
    bounds = []
    ended = sum(trial.status != "running" for trial in study.trials)
    if study.spec.minutes is not None:
        bounds.append(max(0.0, 60 * study.spec.minutes - study.seconds))
    if study.planned and ended:
        bounds.append(study.seconds / ended * max(0, study.planned - ended))
    return min(bounds, default=None)
