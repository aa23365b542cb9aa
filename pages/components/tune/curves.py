"""The learning curves of the trials, in a chart that keeps its zoom while they come in."""

from collections.abc import Iterator, Sequence

import streamlit as st

from core import frameworks
from core.charts.figure import alt
from core.charts.trials import MOST_CURVES, TrialCurve, trials_figure
from core.tuning.study import FitResult, Study, Trial
from pages.components.live_chart import live_chart
from pages.components.tune.cells import place_name


def show_curves(study: Study, chosen: int | None) -> None:
    """A line for each trial; the best ones and the one that the visitor chose stand out."""
    curves = trial_curves(study, chosen)
    if not curves:
        return
    st.caption(
        "How the trials learned: accuracy on validation images, which are held back from training, after "
        f"each epoch. Bold: the best.{_more(study, curves)}"
    )
    titles = {curve.framework: frameworks.title(curve.framework) for curve in curves}
    longest = max(fit.epochs for trial in study.trials for fit in trial.fits)
    figure = trials_figure(curves, titles, study.spec.name, longest)
    live_chart(figure, alt(figure))


def _more(study: Study, curves: Sequence[TrialCurve]) -> str:
    """What else there is to know of the lines."""
    told = ""
    if any(curve.training for curve in curves):
        told += " A ring at its end: a training that goes on."
    if study.spec.cluster and study.state == "searching":
        told += " Trainings on a cluster show theirs once they have ended."
    if len(curves) > MOST_CURVES:
        told += f" The {MOST_CURVES} that reach most are drawn."
    return told


def trial_curves(study: Study, chosen: int | None) -> list[TrialCurve]:
    """A curve for each trial and framework that has one, and for each training that goes on."""
    curves = []
    best = set(study.best.values())
    for trial in study.trials:
        for framework in dict.fromkeys(fit.framework for fit in trial.fits):
            if accuracy := _mean_curve(trial, framework):
                told = (trial.number, trial.name, framework, accuracy)
                curves.append(TrialCurve(*told, trial.number in best, trial.number == chosen))
        curves += _growing(study, trial)
    return curves


def _growing(study: Study, trial: Trial) -> Iterator[TrialCurve]:
    """The curves of its fits that train now, as far as they have come."""
    for fit in trial.fits:
        if fit.status == "running" and (accuracy := tuple(_accuracies(fit))):
            place = place_name(study, (fit.framework, fit.seed, fit.fold))
            yield TrialCurve(trial.number, trial.name, fit.framework, accuracy, training=place)


def _mean_curve(trial: Trial, framework: str) -> tuple[float, ...]:
    """Validation accuracy by epoch, the mean over those ended fits that went farthest."""
    ended = [fit for fit in trial.fits if fit.framework == framework and fit.status != "running"]
    told = [_accuracies(fit) for fit in ended]
    longest = max(map(len, told), default=0)
    whole = [values for values in told if len(values) == longest > 0]
    return tuple(sum(column) / len(column) for column in zip(*whole, strict=True))


def _accuracies(fit: FitResult) -> Sequence[float]:
    """Of each epoch; of none, where one of them is not known."""
    values = fit.history.get("val_accuracy", [])
    return values if all(isinstance(value, int | float) for value in values) else []
