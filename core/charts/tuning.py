"""Figures of a search: its trials over one setting, over two, and which settings mattered."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.candidates import REVISION, Measure, Setting, by_framework, said_of, values_of, who
from core.charts.colours import GREY, INK, order, paint, tint
from core.charts.figure import blank, named, numbered, say, symbols
from core.charts.live import FLOORS
from core.words import counted, percent, show

CELLS = 6  # along a side of the heat map that is a range
MOST_WRITTEN = 12  # columns of a heat map that still have room for figures


# ── one setting ─────────────────────────────────────────────────────────────────────


def slice_chart(
    frame: pd.DataFrame, setting: Setting, measure: Measure, titles: Mapping[str, str]
) -> go.Figure:
    """The score over one setting, a mark for each trial; the best of each framework large, in a ring.

    Args:
        frame: number, name, framework (unless all share a best), status, score, the settings.
        setting: the one along the axis.
        measure: what the score is.
        titles: framework → name in the legend.
    """
    figure = blank(340, x=setting.title, y=measure.axis).update_layout(uirevision=REVISION)
    frame = frame.dropna(subset=["score", setting.name])
    groups = by_framework(frame)
    marks, best = _symbols(groups), []
    for framework, trials in groups.items():
        if trials.empty:
            continue
        figure.add_scatter(**_dots(framework, trials, setting, measure, marks[framework], titles))
        first = measure.best_first(trials).iloc[:1]
        figure.add_scatter(**_ring(framework, first, setting, measure, marks[framework]))
        best.append(f"{who(framework, titles)}{said_of(first.iloc[0], [setting], measure)}")
    figure.update_layout(showlegend="framework" in frame)
    _setting_axis(figure, frame, setting)
    below = _score_axis(figure, frame, measure)
    hidden = f" {counted(below, 'trial')} below the picture." if below else ""
    if hidden:
        note = f"↓ {hidden.strip(' .')}"
        figure.add_annotation(
            text=note, x=1, y=0, xref="paper", yref="paper", showarrow=False, yanchor="bottom"
        )
    return say(figure, f"Best: {'; '.join(best)}.{hidden}" if best else "No trial has a score yet.")


def _symbols(groups: Mapping[str, Any]) -> dict[str, str]:
    """A symbol of its own for each framework, so that marks can be told apart without their colours."""
    return symbols(dict.fromkeys(groups, ""))


def _dots(
    framework: str, trials: pd.DataFrame, setting: Setting, measure: Measure, mark: str, titles: Mapping
) -> dict[str, Any]:
    """The trials of one framework; open marks where one was given up early."""
    given_up = trials.status == "dismissed"
    return {
        "x": _along(trials, setting),
        "y": measure.drawn(trials.score),
        "mode": "markers",
        "name": numbered(titles.get(framework, framework), framework),
        "marker": {
            "color": paint(framework),
            "symbol": np.where(given_up, f"{mark}-open", mark).tolist(),
            "size": 9,
            "opacity": 0.75,
        },
        "customdata": [f"trial {row.number}<br>{row['name']}" for _, row in trials.iterrows()],
        "hovertemplate": f"%{{y:.2f}} {'s' if measure.by_time else '%'}<extra>%{{customdata}}</extra>",
    }


def _ring(
    framework: str, best: pd.DataFrame, setting: Setting, measure: Measure, mark: str
) -> dict[str, Any]:
    return {
        "x": _along(best, setting),
        "y": measure.drawn(best.score),
        "mode": "markers",
        "marker": {"color": paint(framework), "symbol": mark, "size": 15, "line": {"color": INK, "width": 2}},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _along(trials: pd.DataFrame, setting: Setting) -> list[Any]:
    values = list(trials[setting.name])
    return [show(value) for value in values] if setting.scale == "list" else values


def _setting_axis(figure: go.Figure, frame: pd.DataFrame, setting: Setting) -> None:
    if setting.scale == "list":
        figure.update_xaxes(type="category", categoryorder="array", categoryarray=values_of(frame, setting))
    elif setting.scale == "log":
        values = frame[setting.name].astype(float)
        decades = len(frame) and values.max() >= 10 * values.min()  # else Plotly's own marks
        figure.update_xaxes(type="log", tickformat="~g", dtick=1 if decades else None)
    else:
        figure.update_xaxes(nticks=8)


def _score_axis(figure: go.Figure, frame: pd.DataFrame, measure: Measure) -> int:
    """Begins the axis where the better candidates lie; how many then are not seen until one zooms out."""
    if frame.empty or measure.by_time:
        figure.update_yaxes(rangemode="tozero")
        return 0
    floor = _floor(frame.score)
    top = 100 * float(frame.score.max())
    if floor:
        figure.update_yaxes(range=[100 * floor, top + 0.06 * (top - 100 * floor)])
    return int((frame.score < floor).sum())


def _floor(scores: pd.Series) -> float:
    """The highest step that a quarter of the trials at most lies below, or 0."""
    low = float(scores.quantile(0.25, interpolation="higher"))
    return next((floor for floor in (0.98, 0.97, *FLOORS) if floor <= low), 0.0)


# ── two settings ────────────────────────────────────────────────────────────────────


def heat_chart(
    frame: pd.DataFrame, settings: Sequence[Setting], measure: Measure, framework: str = ""
) -> go.Figure:
    """The mean score over two settings, in the framework's colour; ranges are cut into CELLS of equal width.

    The darkest is the best; whatever lies below the better three quarters has no colour, its figure stays.

    Args:
        frame: the trials of one framework, as for `slice_chart`.
        settings: two.
        measure: what the score is.
        framework: for the colour; empty where all share a best.
    """
    across, up = settings
    frame = frame.dropna(subset=["score", across.name, up.name])
    figure = blank(400, x=across.title, y=up.title).update_layout(uirevision=REVISION)
    if frame.empty:
        return say(figure, "No trial has a score yet.")
    columns, rows = _cells(frame, across), _cells(frame, up)
    table = frame.score.groupby([rows, columns], observed=False).mean().unstack()
    good = -table if measure.by_time else table
    figure.add_heatmap(
        z=good, x=list(table.columns), y=list(table.index), xgap=1, ygap=1, showscale=False, opacity=0.7,
        zmin=float(np.nanquantile(good, 0.25)), zmax=float(np.nanmax(good)) + 1e-12,
        colorscale=[[0, tint(GREY, 0.08)], [1, paint(framework)]], hoverongaps=False, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(**_figures(table, measure))
    categories = {"type": "category", "categoryorder": "array", "showgrid": False}
    figure.update_xaxes(**categories, categoryarray=list(table.columns))
    figure.update_yaxes(**categories, categoryarray=list(table.index))
    best = said_of(measure.best_first(frame).iloc[0], settings, measure)
    return say(figure, f"{counted(len(frame), 'trial')} over {across.title} and {up.title}. Best: {best}.")


def _cells(frame: pd.DataFrame, setting: Setting) -> "pd.Categorical[Any]":
    """Which cell along a side each trial lies in, in words, as an ordered category."""
    if setting.scale == "list":
        return pd.Categorical(frame[setting.name].map(show), values_of(frame, setting), ordered=True)
    values = frame[setting.name].astype(float)
    points = np.log10(values) if setting.scale == "log" else values
    if points.min() == points.max():
        return pd.Categorical([show(float(values.iloc[0]))] * len(values))
    edges = np.linspace(points.min(), points.max(), CELLS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    middles = 10**middles if setting.scale == "log" else middles
    place = np.clip(np.searchsorted(edges, points, side="right") - 1, 0, CELLS - 1)
    words = [f"≈ {middle:.2g}" for middle in middles]
    return pd.Categorical([words[cell] for cell in place], list(dict.fromkeys(words)), ordered=True)


def _figures(table: pd.DataFrame, measure: Measure) -> dict[str, Any]:
    """The scores written into the cells, and what one reads on pointing at them."""
    known = [
        (row, column, float(score))
        for column, cells in table.items()
        for row, score in cells.dropna().items()
    ]
    scores = [score for _, _, score in known]
    written = [f"{score:.1f}" if measure.by_time else f"{100 * score:.1f}" for score in scores]
    return {
        "x": [column for _, column, _ in known],
        "y": [row for row, _, _ in known],
        "text": written if table.shape[1] <= MOST_WRITTEN else None,
        "mode": "text" if table.shape[1] <= MOST_WRITTEN else "markers",
        "marker": {"opacity": 0},
        "customdata": [measure.shown(score) for score in scores],
        "hovertemplate": "%{x}, %{y}: %{customdata}<extra></extra>",
        "textfont": {"size": 11, "color": INK},
        "showlegend": False,
    }


# ── which settings mattered ─────────────────────────────────────────────────────────


def importance_chart(
    shares: Mapping[str, Mapping[str, float]], titles: Mapping[str, str], words: Mapping[str, str]
) -> go.Figure:
    """How much each setting decided, a bar for each framework.

    Args:
        shares: framework (empty where all share a best) → setting → share of 1.
        titles: framework → name in the legend.
        words: setting → what to call it.
    """
    told = {framework: parts for framework, parts in shares.items() if parts}
    names = list(dict.fromkeys(name for parts in told.values() for name in parts))
    figure = blank(max(170, 70 + len(names) * (26 * max(len(told), 1) + 12)), x="share of what decided (%)")
    figure.update_layout(uirevision=REVISION, barmode="group", showlegend=len(told) > 1, bargap=0.25)
    for framework in order(list(told)):
        values = [told[framework].get(name, 0.0) for name in names]
        label = numbered(titles.get(framework, framework), framework) if framework in titles else ""
        figure.add_bar(
            x=[100 * value for value in values], y=[words.get(name, name) for name in names], orientation="h",
            name=label, marker_color=paint(framework), textposition="outside", constraintext="none",
            text=[f"{label[:8] if len(told) > 1 else ''} {percent(value, 0)}".strip() for value in values],
            textfont={"size": 12, "color": INK}, hoverinfo="skip", cliponaxis=False,
        )  # fmt: skip
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(range=[0, 118], tickvals=[0, 50, 100])
    parts = []
    for framework in order(list(told)):
        each = [f"{words.get(name, name)} {percent(share, 0)}" for name, share in told[framework].items()]
        parts.append(f"{who(framework, titles)}{named(each)}")
    sentence = f"Share of what decided the score. {'; '.join(parts)}." if parts else "Too few trials to say."
    return say(figure, sentence)
