"""The learning curves of a study's trials, as plain JSON for `Plotly.react`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.charts.colours import order, silk
from core.charts.figure import DASHES, LEGEND, dashed, named, numbered
from core.charts.live import FLOORS
from core.words import percent

MOST_CURVES = 80  # more are a grey cloud, and slow to draw


@dataclass(frozen=True)
class TrialCurve:
    """How a trial learned: validation accuracy after each of its epochs, the mean over its fits."""

    number: int
    name: str
    framework: str
    accuracy: tuple[float, ...]
    best: bool = False
    chosen: bool = False  # by the visitor

    @property
    def stands_out(self) -> bool:
        """Whether it is drawn before the others."""
        return self.best or self.chosen


def trials_figure(curves: Sequence[TrialCurve], titles: Mapping[str, str], study: str) -> dict[str, Any]:
    """Validation accuracy by epoch, a line for each trial, the best of each framework in bold.

    Args:
        curves: those to draw; of many, MOST_CURVES that reach most.
        titles: framework → name in the legend.
        study: its name; zoom and hidden curves stay as long as it is the same.
    """
    shown = most_telling(curves)
    traces = [_entry(name, titles.get(name, name)) for name in order(list({one.framework for one in shown}))]
    traces += [_line(curve) for curve in shown]
    floor = _floor([value for curve in shown for value in curve.accuracy])
    layout = {
        "uirevision": study,
        "hovermode": "closest",
        "xaxis": _epochs(max((len(curve.accuracy) for curve in shown), default=1)),
        "yaxis": {"title": {"text": "validation accuracy (%)"}, "range": [100 * floor, 100.2]},
        "legend": LEGEND | DASHES,
        "meta": {"alt": _alt(curves, titles)},
    }
    return {"data": traces, "layout": layout}


def most_telling(curves: Sequence[TrialCurve]) -> list[TrialCurve]:
    """Those that are drawn: what stands out, then what reaches most; those that stand out last, on top."""
    told = [curve for curve in curves if curve.accuracy]
    ranked = sorted(told, key=lambda curve: (curve.stands_out, curve.accuracy[-1]), reverse=True)
    return sorted(ranked[:MOST_CURVES], key=lambda curve: (curve.stands_out, curve.number))


def _entry(framework: str, title: str) -> dict[str, Any]:
    """A curve without points, which names the framework in the legend."""
    return {
        "type": "scatter",
        "uid": framework,
        "name": numbered(title, framework),
        "legendgroup": framework,
        "mode": "lines",
        "x": [None],
        "y": [None],
        "line": dashed(framework),
    }


def _epochs(longest: int) -> dict[str, Any]:
    """The horizontal axis: whole epochs, each written where there is room."""
    axis: dict[str, Any] = {"title": {"text": "epoch"}, "range": [0.8, max(longest, 2) + 0.2]}
    return axis | ({"dtick": 1} if longest <= 12 else {"nticks": 10, "tickformat": "d"})


def _line(curve: TrialCurve) -> dict[str, Any]:
    line = dashed(curve.framework, width=3.5 if curve.stands_out else 1)
    epochs = list(range(1, len(curve.accuracy) + 1))
    return {
        "type": "scatter",
        "uid": f"trial-{curve.number}-{curve.framework}",  # Plotly makes a selector of it
        "legendgroup": curve.framework,
        "showlegend": False,
        "x": epochs,
        "y": [100 * value for value in curve.accuracy],
        "mode": "lines+markers" if curve.stands_out or len(epochs) == 1 else "lines",
        "line": line,
        "marker": {"color": line["color"], "size": 8},
        "opacity": 1 if curve.stands_out else 0.45,
        "hovertemplate": f"%{{y:.2f}} %, epoch %{{x}}<extra>trial {curve.number}<br>{curve.name}</extra>",
    }


def _floor(values: Sequence[float]) -> float:
    """Where the accuracy axis begins: the highest step below four fifths of the points."""
    points = sorted(values)
    low = points[len(points) // 5] if points else 0.0
    return next((floor for floor in FLOORS if floor <= low), 0.0)


def _alt(curves: Sequence[TrialCurve], titles: Mapping[str, str]) -> str:
    best = sorted((curve for curve in curves if curve.best), key=lambda curve: silk(curve.framework).number)
    parts = [
        f"{titles.get(curve.framework, curve.framework)} {percent(curve.accuracy[-1])} (trial {curve.number})"
        for curve in best
        if curve.accuracy
    ]
    if not parts:
        return "Learning curves of the trials: none has one yet."
    return f"Learning curves of the trials, validation accuracy by epoch. The best so far: {named(parts)}."
