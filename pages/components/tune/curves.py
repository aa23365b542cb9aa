"""The learning curves of the trials, in a chart that keeps its zoom while they come in."""

from collections.abc import Sequence

import streamlit as st

from core import frameworks
from core.charts.figure import alt
from core.charts.trials import MOST_CURVES, TrialCurve, trials_figure
from core.tuning.study import FitResult, Study, Trial
from pages.components.live_chart import live_chart


def show_curves(study: Study, chosen: int | None) -> None:
    """A line for each trial; the best ones and the one that the visitor chose stand out."""
    curves = trial_curves(study, chosen)
    if not curves:
        return
    many = f" The {MOST_CURVES} that reach most are drawn." if len(curves) > MOST_CURVES else ""
    st.caption(
        "How the trials learned: accuracy on validation images, which are held back from training, after "
        f"each epoch. Bold: the best.{many}"
    )
    titles = {curve.framework: frameworks.title(curve.framework) for curve in curves}
    figure = trials_figure(curves, titles, study.spec.name)
    live_chart(figure, alt(figure))


def trial_curves(study: Study, chosen: int | None) -> list[TrialCurve]:
    """A curve for each trial and framework that has one."""
    curves = []
    best = set(study.best.values())
    for trial in study.trials:
        for framework in dict.fromkeys(fit.framework for fit in trial.fits):
            if accuracy := _mean_curve(trial, framework):
                told = (trial.number, trial.name, framework, accuracy)
                curves.append(TrialCurve(*told, trial.number in best, trial.number == chosen))
    return curves


def _mean_curve(trial: Trial, framework: str) -> tuple[float, ...]:
    """Validation accuracy by epoch, the mean over those fits that went farthest."""
    told = [_accuracies(fit) for fit in trial.fits if fit.framework == framework]
    longest = max(map(len, told), default=0)
    whole = [values for values in told if len(values) == longest > 0]
    return tuple(sum(column) / len(column) for column in zip(*whole, strict=True))


def _accuracies(fit: FitResult) -> Sequence[float]:
    """Of each epoch; of none, where one of them is not known."""
    values = fit.history.get("val_accuracy", [])
    return values if all(isinstance(value, int | float) for value in values) else []
