"""Parallel coordinates: all trials of a search over all its settings.

Drawn with plain lines: Plotly's own `parcoords` needs WebGL, and has neither dashes nor marks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.candidates import REVISION, Measure, Setting, by_framework, empty, said_of, values_of, who
from core.charts.colours import GREY, INK, PAPER, paint
from core.charts.figure import DASHES, blank, dashed, numbered, say
from core.words import counted, show

MOST_LINES = 400  # the best; more are a cloud
STANDS_OUT = 3.5  # pixels
MARKS = (0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)  # on the axis of an accuracy
SMALLEST_ERROR = 1e-4  # whose logarithm that axis still has


def parallel_chart(
    frame: pd.DataFrame, settings: Sequence[Setting], measure: Measure, titles: Mapping[str, str]
) -> go.Figure:
    """Parallel coordinates: a line for each trial through its settings to its score; the best bold, on top.

    An accuracy stands on the scale of its logarithmic error, on which 98 and 99 % lie apart.

    Args:
        frame: as for `slice_chart`.
        settings: the axes, from left to right; the score is the last.
        measure: what the score is.
        titles: framework → name in the legend.
    """
    figure = blank(430).update_layout(uirevision=REVISION)
    ranked = measure.best_first(frame)
    if ranked.empty:
        return say(figure, "No trial has a score yet.")
    axes = [_axis(ranked, one) for one in settings] + [_axis_of_scores(ranked, measure)]
    shown = ranked[:MOST_LINES]
    heights = pd.DataFrame({place: axis.place(shown) for place, axis in enumerate(axes)}, index=shown.index)
    crowd, best, told = [], [], []
    for framework, trials in by_framework(shown).items():
        if trials.empty:
            continue
        crowd.append(_lines(framework, trials, heights, settings, measure, titles))
        first = trials.iloc[:1]
        best.append(_lines(framework, first, heights, settings, measure, titles, bold=True))
        told.append(f"{who(framework, titles)}{said_of(first.iloc[0], settings, measure)}")
    figure.add_traces([go.Scatter(line) for line in (*crowd, *best)])
    _draw_axes(figure, axes)
    figure.update_layout(showlegend="framework" in frame, margin={"r": 44}, legend=DASHES)
    whole = counted(len(ranked), "trial")
    drawn = f", the {MOST_LINES} best drawn" if len(ranked) > MOST_LINES else ""
    return say(figure, f"{whole}{drawn}. Best: {'; '.join(told)}.")


@dataclass(frozen=True)
class _Axis:
    title: str
    column: str
    ticks: dict[str, float]  # in words → height from 0 to 1
    heights: pd.Series  # of each trial; NaN where it has no value

    def place(self, trials: pd.DataFrame) -> pd.Series:
        """How high these trials cross it."""
        return self.heights.loc[trials.index]


def _axis(frame: pd.DataFrame, setting: Setting) -> _Axis:
    if setting.scale == "list":
        values = values_of(frame, setting)
        ticks = {value: _share(place, 0, len(values) - 1) for place, value in enumerate(values)}
        heights = frame[setting.name].map(lambda value: np.nan if empty(value) else ticks[show(value)])
        return _Axis(setting.title, setting.name, ticks, heights.astype(float))
    numbers = frame[setting.name].astype(float)
    points = numbers.map(log10) if setting.scale == "log" else numbers
    low, high = float(points.min()), float(points.max())
    ends = {f"{numbers.min():.3g}": low, f"{numbers.max():.3g}": high}
    if setting.scale == "log":
        inner = {f"{10.0**power:g}": float(power) for power in range(ceil(low), floor(high) + 1)}
    else:
        inner = {f"{(low + high) / 2:.3g}": (low + high) / 2}
    return _scaled(setting.title, setting.name, points, {**ends, **inner})


def _axis_of_scores(frame: pd.DataFrame, measure: Measure) -> _Axis:
    """The best at the top. The trials come best first."""
    points = -frame.score if measure.by_time else frame.score.map(_nines)
    first, last = float(points.iloc[0]), float(points.iloc[-1])
    ends = {measure.shown(frame.score.iloc[0]): first, measure.shown(frame.score.iloc[-1]): last}
    inner = {} if measure.by_time else {f"{100 * mark:g} %": _nines(mark) for mark in MARKS}
    inner = {word: point for word, point in inner.items() if last < point < first}
    return _scaled(measure.title, "score", points, {**ends, **inner})


def _nines(accuracy: float) -> float:
    """Minus the logarithm of the error: 1 at 90 %, 2 at 99 %."""
    return -log10(max(1 - accuracy, SMALLEST_ERROR))


def _scaled(title: str, column: str, points: pd.Series, ticks: Mapping[str, float]) -> _Axis:
    """An axis from the least to the largest point; in the middle where all are one."""
    low, high = float(points.min()), float(points.max())
    heights = points.map(lambda point: _share(point, low, high), na_action="ignore")
    return _Axis(title, column, _apart({word: _share(at, low, high) for word, at in ticks.items()}), heights)


def _share(value: float, low: float, high: float) -> float:
    return float((value - low) / (high - low)) if high > low else 0.5


def _apart(ticks: Mapping[str, float], room: float = 0.06) -> dict[str, float]:
    """The ticks that do not lie over one another; those that come first, the ends, stay."""
    kept: dict[str, float] = {}
    for word, height in ticks.items():
        if all(abs(height - other) >= room for other in kept.values()):
            kept[word] = height
    return kept


def _lines(
    framework: str,
    trials: pd.DataFrame,
    heights: pd.DataFrame,
    settings: Sequence[Setting],
    measure: Measure,
    titles: Mapping[str, str],
    bold: bool = False,
) -> dict[str, Any]:
    """The trials' lines as one trace, with gaps between them."""
    across = [*range(heights.shape[1]), None]
    up = [value for row in heights.loc[trials.index].to_numpy() for value in (*row, None)]
    words = [
        f"trial {row.number}: {said_of(row, settings, measure)}".replace(" with ", "<br>")
        for _, row in trials.iterrows()
    ]
    return {
        "x": across * len(trials),
        "y": [None if value is None or np.isnan(value) else float(value) for value in up],
        "customdata": [word for word in words for _ in across],
        "mode": "lines+markers" if bold else "lines",
        "line": dashed(framework, width=STANDS_OUT if bold else 1),
        "marker": {"size": 9, "color": paint(framework)},
        "opacity": 1 if bold else 0.4,
        "name": numbered(titles.get(framework, framework), framework),
        "legendgroup": framework,
        "showlegend": bold,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _draw_axes(figure: go.Figure, axes: Sequence[_Axis]) -> None:
    """Upright lines with their values beside them and their titles below."""
    for place, axis in enumerate(axes):
        for word, height in axis.ticks.items():
            figure.add_annotation(
                x=place, y=height, text=word, showarrow=False, xanchor="left", xshift=5, bgcolor=PAPER,
                borderpad=1, opacity=0.85, font={"size": 11, "color": INK},
            )  # fmt: skip
        figure.add_shape(
            type="line", x0=place, x1=place, y0=0, y1=1, layer="below", line={"color": GREY, "width": 1}
        )
    figure.update_xaxes(
        tickvals=list(range(len(axes))), ticktext=[axis.title.replace(" ", "<br>") for axis in axes],
        showgrid=False, range=[-0.3, len(axes) - 0.55], tickangle=0,
    )  # fmt: skip
    figure.update_yaxes(visible=False, range=[-0.05, 1.05])
