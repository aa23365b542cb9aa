"""The order of trials that were trained for equally many epochs."""

from collections.abc import Iterable
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
    """Those with a score after so many epochs, the best first; of equal ones the earlier is in front."""
    sign = -1 if spec.objective == "accuracy" else 1
    scores = [(score_at(spec, one, epochs), one) for one in trials]
    scored = [(sign * score, one.number, one) for score, one in scores if score is not None]
    return [one for _, _, one in sorted(scored, key=lambda each: each[:2])]
