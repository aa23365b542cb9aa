"""The order of trials: by accuracy from the highest, by time from the shortest."""

from collections.abc import Iterable, Sequence
from statistics import fmean

from core.tuning.space import fits_per_trial
from core.tuning.study import FitResult, StudySpec, Trial


def fits_at(trial: Trial, epochs: int) -> list[FitResult]:
    """A trial's finished fits of so many epochs."""
    return [fit for fit in trial.fits if fit.epochs == epochs and fit.status == "finished"]


def ended_at(spec: StudySpec, trial: Trial, epochs: int) -> bool:
    """Whether no fit of so many epochs is still to come: all finished, or the trial is out."""
    return trial.status in ("failed", "dismissed") or len(fits_at(trial, epochs)) >= fits_per_trial(spec)


def score_at(spec: StudySpec, trial: Trial, epochs: int) -> float | None:
    """The mean over all its fits of so many epochs; None while one is missing or has no score."""
    scores = [fit.score for fit in fits_at(trial, epochs) if fit.score is not None]
    return fmean(scores) if len(scores) >= fits_per_trial(spec) else None


def ranked_at(spec: StudySpec, trials: Iterable[Trial], epochs: int) -> list[Trial]:
    """Those with a score after so many epochs, whatever became of them later; the best first."""
    scores = [(one, score_at(spec, one, epochs)) for one in trials]
    scored = [each for each in scores if each[1] is not None]
    return [one for one, _ in sorted(scored, key=lambda each: _order(spec, *each))]


def ranked(spec: StudySpec, trials: Iterable[Trial]) -> list[Trial]:
    """The finished trials, the best first; those that never reached the objective come last.

    Successive halving compares what was trained alike: the more epochs a trial got, the further in front.
    """
    finished = [one for one in trials if one.status == "finished"]
    return sorted(finished, key=lambda one: (-_epochs(spec, one), *_order(spec, one, one.score)))


def best_trials(spec: StudySpec, trials: Sequence[Trial]) -> dict[str, int]:
    """The number of the best trial of each framework that has one, or under "all" of the common best."""
    best: dict[str, int] = {}
    for trial in ranked(spec, trials):
        if trial.score is not None:
            best.setdefault("all" if spec.common else trial.settings["framework"], trial.number)
    return {name: best[name] for name in ("all", *spec.frameworks) if name in best}


def _epochs(spec: StudySpec, trial: Trial) -> int:
    return max((fit.epochs for fit in trial.fits), default=0) if spec.strategy == "halving" else 0


def _order(spec: StudySpec, trial: Trial, score: float | None) -> tuple[float, int]:
    """What trials are sorted by; of equal ones the earlier is in front."""
    if score is None:
        return float("inf"), trial.number
    return (-score if spec.objective == "accuracy" else score), trial.number
