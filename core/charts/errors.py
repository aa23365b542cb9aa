"""Figures of mistakes: what is taken for what, how sure it was, and which classes are hard."""

import numpy as np
import plotly.graph_objects as go

from core.charts.colours import GREY, paint, tint
from core.charts.figure import DASHES, blank, dashed, in_order, named, numbered, say, symbols
from core.scores import Calibration, confused_pairs
from core.words import percent, whole


def confusion_chart(confusion: np.ndarray, framework: str, classes: list[str]) -> go.Figure:
    """Mistakes in the framework's colour; the diagonal (right answers) is written but not coloured.

    Args:
        confusion: (classes, classes) counts, rows = true.
        framework: for the colour.
        classes: names of the classes.
    """
    errors = confusion.astype(float)
    np.fill_diagonal(errors, np.nan)
    figure = blank(420, x="guess", y="true class")
    figure.add_heatmap(
        z=errors, x=classes, y=classes, showscale=False, xgap=1, ygap=1, zmin=0, opacity=0.7,
        colorscale=[[0, tint(GREY, 0.05)], [1, paint(framework)]],
        hovertemplate="true %{y}, guess %{x}: %{z}<extra></extra>", hoverongaps=False,
    )  # fmt: skip
    # Written by a trace of its own: a heatmap picks its text colour as if the page were white.
    rows, columns = np.nonzero(confusion)
    figure.add_scatter(
        x=[classes[column] for column in columns], y=[classes[row] for row in rows], mode="text",
        text=confusion[rows, columns].astype(str), hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    pairs = [
        f"{classes[true]} for {classes[guess]} {times} times"
        for true, guess, times in confused_pairs(confusion)
    ]
    right = f"{whole(np.trace(confusion))} of {whole(confusion.sum())} right"
    say(figure, f"{right}. Taken most often: {named(pairs)}." if pairs else f"{right}.")
    figure.update_xaxes(type="category", showgrid=False, constrain="domain")
    return figure.update_yaxes(type="category", autorange="reversed", showgrid=False, scaleanchor="x")


def calibration_chart(curves: dict[str, Calibration], frameworks: dict[str, str]) -> go.Figure:
    """Reliability: how often a run is right against how sure it was; on the dotted line both agree.

    Args:
        curves: line of the comparison → its bins.
        frameworks: line → framework, for its silk.
    """
    figure = blank(400, x="how sure it was (%)", y="how often it was right (%)").update_layout(legend=DASHES)
    figure.add_scatter(
        x=[0, 100], y=[0, 100], mode="lines", line={"color": GREY, "dash": "dot"},
        name="as sure as right", hoverinfo="skip",
    )  # fmt: skip
    lines = {name: frameworks[name] for name in curves}
    marks, parts = symbols(lines), []
    for name in in_order(lines):
        curve = curves[name]
        figure.add_scatter(
            x=100 * curve.confidence, y=100 * curve.accuracy, name=numbered(name, lines[name]),
            mode="lines+markers", line=dashed(lines[name]), customdata=curve.images,
            marker={"size": 4 + 3 * np.log10(curve.images), "symbol": marks[name]},  # few images say little
            hovertemplate="sure %{x:.0f} %, right %{y:.0f} % of %{customdata}<extra>" + name + "</extra>",
        )  # fmt: skip
        sure, right = (
            np.average(values, weights=curve.images) for values in (curve.confidence, curve.accuracy)
        )
        parts.append(f"{name} is {percent(sure, 1)} sure and {percent(right, 1)} right")
    return say(figure, f"On average {named(parts)}.")


def class_chart(scores: dict[str, np.ndarray], frameworks: dict[str, str], classes: list[str]) -> go.Figure:
    """F1 of each class, one mark a line of the comparison.

    Args:
        scores: line → F1 of each class, a fraction.
        frameworks: line → framework, for its silk.
        classes: names of the classes.
    """
    figure = blank(360, x="class", y="F1 (%)").update_layout(scattermode="group")
    lines = {name: frameworks[name] for name in scores}
    marks, hardest = symbols(lines), []
    for name in in_order(lines):
        values = scores[name]
        figure.add_scatter(
            x=classes, y=100 * values, name=numbered(name, lines[name]), mode="markers",
            marker={"color": paint(lines[name]), "size": 10, "symbol": marks[name]},
            hovertemplate="%{x}: %{y:.2f} %<extra>" + name + "</extra>",
        )  # fmt: skip
        if not np.isnan(values).all():
            worst = int(np.nanargmin(values))
            hardest.append(f"{classes[worst]} for {name} ({percent(values[worst])})")
    known = [100 * value for values in scores.values() for value in values if not np.isnan(value)]
    lowest = min(known, default=0)
    say(figure, f"Hardest class: {named(hardest)}.")
    figure.update_yaxes(range=[np.floor(2 * lowest - 0.5) / 2, 100.1])
    return figure.update_xaxes(type="category")
