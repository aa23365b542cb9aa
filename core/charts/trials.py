"""The learning curves of a study's trials, as plain JSON for `Plotly.react`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.charts.colours import order, silk
from core.charts.figure import DASHES, LEGEND, dashed, named, numbered
from core.charts.live import FLOORS
from core.words import counted, percent

MOST_CURVES = 80  # more are a grey cloud, and slow to draw


@dataclass(frozen=True)
class TrialCurve:
    """How a trial learned: validation accuracy after each of its epochs, the mean over its fits.

    Or how one of its fits has learned so far, which still trains.
    """

    number: int
    name: str
    framework: str
    accuracy: tuple[float, ...]
    best: bool = False
    chosen: bool = False  # by the visitor
    training: str = ""  # the fit that still trains, such as "fold 2, seed 0"

    @property
    def stands_out(self) -> bool:
        """Whether it is drawn before the others."""
        return self.best or self.chosen


def trials_figure(
    curves: Sequence[TrialCurve], titles: Mapping[str, str], study: str, epochs: int = 1
) -> dict[str, Any]:
    """Validation accuracy by epoch, a line for each trial, the best of each framework in bold.

    A fit that still trains has a line of its own, with a ring at its end.

    Args:
        curves: those to draw; of many, MOST_CURVES that reach most.
        titles: framework → name in the legend.
        study: its name; zoom and hidden curves stay as long as it is the same.
        epochs: that a fit trains at most, so that the axis stands still while lines grow.
    """
    shown = most_telling(curves)
    traces = [_entry(name, titles.get(name, name)) for name in order(list({one.framework for one in shown}))]
    traces += [_line(curve) for curve in shown]
    floor = _floor([value for curve in shown for value in curve.accuracy])
    layout = {
        "uirevision": study,
        "hovermode": "closest",
        "xaxis": _epochs(max([epochs, *(len(curve.accuracy) for curve in shown)])),
        "yaxis": {"title": {"text": "validation accuracy (%)"}, "range": [100 * floor, 100.2]},
        "legend": LEGEND | DASHES,
        "meta": {"alt": _alt(curves, titles)},
    }
    return {"data": traces, "layout": layout}


def most_telling(curves: Sequence[TrialCurve]) -> list[TrialCurve]:
    """Those that are drawn: what stands out or grows, then what reaches most; the bold ones last, on top."""
    told = [curve for curve in curves if curve.accuracy]
    ranked = sorted(told, key=lambda curve: (_is_kept(curve), curve.accuracy[-1]), reverse=True)
    return sorted(ranked[:MOST_CURVES], key=lambda curve: (curve.stands_out, curve.number))


def _is_kept(curve: TrialCurve) -> bool:
    """Whether it is drawn however many others there are."""
    return curve.stands_out or bool(curve.training)


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
    line = dashed(curve.framework, width=3.5 if curve.stands_out else 2 if curve.training else 1)
    epochs = list(range(1, len(curve.accuracy) + 1))
    name = f"{curve.name}<br>{curve.training}, trains now" if curve.training else curve.name
    return {
        "type": "scatter",
        "uid": _uid(curve),
        "legendgroup": curve.framework,
        "showlegend": False,
        "x": epochs,
        "y": [100 * value for value in curve.accuracy],
        "mode": "lines+markers" if _is_kept(curve) or len(epochs) == 1 else "lines",
        "line": line,
        "marker": {"color": line["color"], **_marks(curve)},
        "opacity": 1 if _is_kept(curve) else 0.45,
        "hovertemplate": f"%{{y:.2f}} %, epoch %{{x}}<extra>trial {curve.number}<br>{name}</extra>",
    }


def _uid(curve: TrialCurve) -> str:
    """The same from look to look; letters and digits, because Plotly makes a selector of it."""
    parts = ("trial", str(curve.number), curve.framework, *re.findall(r"\w+", curve.training))
    return "-".join(parts)


def _marks(curve: TrialCurve) -> dict[str, Any]:
    """A dot at every epoch; where the line still grows only a ring at its end."""
    if not curve.training:
        return {"size": 8}
    before = len(curve.accuracy) - 1
    return {"size": [*[0] * before, 11], "symbol": "circle-open", "opacity": 1, "line": {"width": 2}}


def _floor(values: Sequence[float]) -> float:
    """Where the accuracy axis begins: the highest step below four fifths of the points."""
    points = sorted(values)
    low = points[len(points) // 5] if points else 0.0
    return next((floor for floor in FLOORS if floor <= low), 0.0)


def _alt(curves: Sequence[TrialCurve], titles: Mapping[str, str]) -> str:
    best = sorted((curve for curve in curves if curve.best), key=lambda curve: silk(curve.framework).number)
    growing = sum(bool(curve.training) for curve in curves)
    more = f" {counted(growing, 'line')} still growing." if growing else ""
    parts = [
        f"{titles.get(curve.framework, curve.framework)} {percent(curve.accuracy[-1])} (trial {curve.number})"
        for curve in best
        if curve.accuracy
    ]
    told = f"The best so far: {named(parts)}." if parts else "None has ended yet."
    return f"Learning curves of the trials, validation accuracy by epoch. {told}{more}"
