"""What a study's trials add up to: the ranking of one framework, how long the search still takes."""

from core.tuning.plan import ALL
from core.tuning.ranking import ranked
from core.tuning.study import Study, Trial


def ranking(study: Study, name: str) -> list[Trial]:
    """The finished trials of a framework, or under "all" those of a common best, with a score; best first."""
    return [
        trial
        for trial in ranked(study.spec, study.trials)
        if trial.score is not None and (name == ALL or trial.settings.get("framework", name) == name)
    ]


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
