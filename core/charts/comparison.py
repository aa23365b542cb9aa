"""Figures of a comparison, as functions of plain data. A framework keeps its colour on every one."""

from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts.colours import GREY, GRID, SYMBOLS, colour, tint
from core.scores import Calibration, time_to
from core.words import whole

PHASES = {
    "import_s": "import",
    "data_s": "data",
    "build_s": "build",
    "first_step_s": "first step",
    "train_time_sec": "training",
    "validation_s": "validation",
    "test_s": "test",
}
# Zooming is dragging, panning is dragging an axis, a double click shows everything again.
_NO_BUTTONS = ["zoom", "pan", "select", "lasso", "zoomIn", "zoomOut", "autoScale"]
_PATTERNS = ("", "/", "\\", "x", "", "-", ".")
_STRENGTHS = (0.35, 0.35, 0.35, 0.6, 1.0, 0.6, 0.35)
TARGETS = (0.97, 0.98, 0.99)
CURVES = {
    "val_accuracy": "validation accuracy",
    "accuracy": "training accuracy",
    "val_loss": "validation loss",
    "loss": "training loss",
}


def _figure(height: int, x: str = "", y: str = "", figure: go.Figure | None = None) -> go.Figure:
    figure = figure or go.Figure()
    figure.update_layout(
        height=height,
        # A phone shows the buttons all the time: few, in a strip of their own at the right.
        margin={"l": 10, "r": 40, "t": 30, "b": 10},
        modebar={"orientation": "v", "bgcolor": "rgba(0,0,0,0)", "remove": _NO_BUTTONS},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        hovermode="closest",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    figure.update_xaxes(title=x, automargin=True, gridcolor=GRID, zeroline=False)
    figure.update_yaxes(title=y, automargin=True, gridcolor=GRID, zeroline=False)
    return figure


def _with_symbols(lines: Iterable) -> Iterator[tuple[str, Any]]:
    """Each line of a chart with a symbol of its own: colour alone does not tell them apart for everybody."""
    return zip(cycle(SYMBOLS), lines, strict=False)


def _rows_height(rows: int) -> int:
    return 90 + 34 * max(rows, 2)


# ── accuracy, time, size ────────────────────────────────────────────────────────────


def accuracy_chart(frame: pd.DataFrame, rows: dict[str, str]) -> go.Figure:
    """Test accuracy of each run with its 95 % interval; a bar marks the mean where a row has several.

    Args:
        frame: rows of `Results.frame`.
        rows: run → the line that it is drawn on (a framework's name, or the run's own).
    """
    frame = frame.assign(row=frame.run.map(rows))
    order = frame.groupby("row").test_accuracy.mean().sort_values().index
    figure = _figure(_rows_height(len(order)), x="test accuracy (%)")
    for row in order:
        runs = frame[frame.row == row]
        several = len(runs) > 1
        paint = colour(str(runs.framework.iloc[0]))
        figure.add_scatter(
            x=100 * runs.test_accuracy, y=[row] * len(runs), mode="markers", name=row, showlegend=False,
            marker={"color": paint, "size": 10, "opacity": 0.55 if several else 1},
            error_x={
                "array": 100 * (runs.accuracy_high - runs.test_accuracy),
                "arrayminus": 100 * (runs.test_accuracy - runs.accuracy_low),
                "thickness": 1 if several else 2, "color": paint,
            },
            customdata=np.stack([100 * runs.accuracy_low, 100 * runs.accuracy_high], axis=1),
            text=runs.title,
            hovertemplate="%{text}<br>%{x:.2f} (%{customdata[0]:.2f} – %{customdata[1]:.2f})<extra></extra>",
        )  # fmt: skip
        if several:
            figure.add_scatter(
                x=[100 * runs.test_accuracy.mean()], y=[row], mode="markers", showlegend=False,
                marker={"symbol": "line-ns", "size": 22, "line": {"color": paint, "width": 4}},
                hovertemplate=f"mean of {len(runs)}: %{{x:.2f}} %<extra>{row}</extra>",
            )  # fmt: skip
    return figure.update_yaxes(categoryorder="array", categoryarray=list(order))


def time_chart(frame: pd.DataFrame, rows: dict[str, str]) -> go.Figure:
    """Where the seconds of each run go; means where a row has several runs."""
    frame = frame.assign(row=frame.run.map(rows))
    means = frame.groupby("row")[list(PHASES)].mean()
    means = means.loc[means.sum(axis=1).sort_values(ascending=False).index]
    paints = _row_colours(frame, means.index)
    figure = _figure(_rows_height(len(means)) + 20, x="seconds").update_layout(barmode="stack")
    for (column, phase), pattern, strength in zip(PHASES.items(), _PATTERNS, _STRENGTHS, strict=True):
        texture = {"shape": pattern, "solidity": 0.25}
        for row, seconds, paint in zip(means.index, means[column], paints, strict=True):
            figure.add_bar(
                y=[row], x=[seconds], orientation="h", name=phase, showlegend=False,
                marker={
                    "color": tint(paint, strength),
                    "pattern": {**texture, "fgcolor": paint, "fillmode": "overlay"},
                    "line": {"color": paint, "width": 0.5},
                },
                hovertemplate=f"{phase}: %{{x:.1f}} s<extra>%{{y}}</extra>",
            )  # fmt: skip
        # The legend explains patterns, so its swatches carry no framework's colour.
        grey = {
            "color": tint(GREY, strength),
            "pattern": {**texture, "fgcolor": GREY, "fillmode": "overlay"},
        }
        figure.add_bar(y=[None], x=[None], name=phase, hoverinfo="skip", marker=grey)
    return figure


def _row_colours(frame: pd.DataFrame, rows: pd.Index) -> list[str]:
    frameworks = frame.groupby("row").framework.first().reindex(rows).astype(str)
    return [colour(name) for name in frameworks]


def frontier(times: np.ndarray, accuracies: np.ndarray) -> np.ndarray:
    """Indices of the runs that no other beats in both time and accuracy, fastest first."""
    order = np.lexsort((-accuracies, times))
    best = np.maximum.accumulate(accuracies[order])
    first = np.r_[True, best[1:] > best[:-1]]
    return order[first]


def trade_chart(frame: pd.DataFrame, rows: dict[str, str]) -> go.Figure:
    """Accuracy against train time, with the frontier: what no other run beats in both."""
    frame = frame.dropna(subset=["train_time_sec", "test_accuracy"]).assign(
        row=lambda runs: runs.run.map(rows)
    )
    figure = _figure(380, x="train time (s)", y="test accuracy (%)")
    if len(frame) > 1:
        edge = frame.iloc[frontier(frame.train_time_sec.to_numpy(), frame.test_accuracy.to_numpy())]
        figure.add_scatter(
            x=edge.train_time_sec, y=100 * edge.test_accuracy, mode="lines", name="frontier",
            line={"color": GREY, "dash": "dot", "shape": "hv"}, hoverinfo="skip",
        )  # fmt: skip
    for symbol, (row, runs) in _with_symbols(frame.groupby("row", sort=False)):
        figure.add_scatter(
            x=runs.train_time_sec, y=100 * runs.test_accuracy, name=row, text=runs.title, mode="markers",
            marker={"color": colour(str(runs.framework.iloc[0])), "size": 12, "symbol": symbol},
            hovertemplate="%{text}<br>%{x:.1f} s, %{y:.2f} %<extra></extra>",
        )  # fmt: skip
    return figure


def size_chart(frame: pd.DataFrame, rows: dict[str, str]) -> go.Figure:
    """Parameters, effective lines and model size side by side."""
    panels = {
        "params": ("parameters", 1),
        "effective_loc": ("effective lines", 1),
        "model_bytes": ("model (MB)", 1e6),
    }
    frame = frame.assign(row=frame.run.map(rows))
    means = frame.groupby("row")[list(panels)].mean().sort_index(ascending=False)
    paints = _row_colours(frame, means.index)
    titles = [title for title, _ in panels.values()]
    figure = make_subplots(1, 3, shared_yaxes=True, subplot_titles=titles, horizontal_spacing=0.04)
    for place, (column, (title, unit)) in enumerate(panels.items(), start=1):
        values = means[column] / unit
        digits = 2 if unit > 1 else 0
        shown = ["" if pd.isna(value) else f"{value:,.{digits}f}" for value in values]
        figure.add_bar(
            y=means.index, x=values, orientation="h", marker_color=paints, text=shown, showlegend=False,
            textposition="outside", cliponaxis=False, name=title, row=1, col=place,
            hovertemplate=f"%{{y}}: %{{text}}<extra>{title}</extra>",
        )  # fmt: skip
        if values.notna().any():
            figure.update_xaxes(range=[0, 2.2 * values.max() or 1], row=1, col=place)  # room for the number
    figure.update_annotations(font_size=12)  # three titles side by side on a phone
    _figure(_rows_height(len(means)), figure=figure).update_xaxes(showticklabels=False, showgrid=False)
    return figure.update_yaxes(showgrid=False)


# ── learning ────────────────────────────────────────────────────────────────────────


def curves_chart(
    histories: dict[str, pd.DataFrame],
    series: dict[str, str],
    frameworks: dict[str, str],
    column: str,
    x: str,
) -> go.Figure:
    """Learning curves; the mean of the runs of a series, and the band from the lowest to the highest.

    Args:
        histories: run → `Details.history`.
        series: run → the line that it belongs to.
        frameworks: line → framework, for the colour.
        column: a key of CURVES.
        x: "epoch" or "seconds" (of training; with several runs the mean at the end of each epoch).
    """
    title = CURVES[column]
    scale, unit = (100, " (%)") if "accuracy" in column else (1, "")
    axis = "epochs done" if x == "epoch" else "training time (s)"
    figure = _figure(400, x=axis, y=title + unit).update_layout(hovermode="x unified")
    for symbol, name in _with_symbols(dict.fromkeys(series.values())):
        table = pd.concat(
            [history for run, history in histories.items() if series[run] == name] or [pd.DataFrame()]
        )
        if table.empty or table[column].isna().all():
            continue
        epochs = table.assign(epoch=table.epoch + 1).groupby("epoch", as_index=False)
        where = epochs[x].mean()[x] if x == "seconds" else epochs[column].mean()["epoch"]
        low, mean, high = (scale * getattr(epochs[column], kind)()[column] for kind in ("min", "mean", "max"))
        paint = colour(frameworks[name])
        if not np.allclose(low, high, equal_nan=True):
            figure.add_scatter(
                x=[*where, *where[::-1]], y=[*high, *low[::-1]], fill="toself", mode="lines",
                hoverinfo="skip", fillcolor=tint(paint, 0.18), line={"width": 0},
                showlegend=False, legendgroup=name,
            )  # fmt: skip
        figure.add_scatter(
            x=where, y=mean, name=name, legendgroup=name, mode="lines+markers",
            line={"color": paint, "width": 2}, marker={"symbol": symbol, "size": 8},
            hovertemplate=f"%{{y:{'.2f' if unit else '.4f'}}}",
        )  # fmt: skip
    if x == "epoch":
        longest = max((len(history) for history in histories.values()), default=1)
        return figure.update_xaxes(dtick=1 if longest <= 20 else None, tickformat="d")
    return figure.update_xaxes(rangemode="tozero")


def target_table(
    histories: dict[str, pd.DataFrame], series: dict[str, str], targets: tuple[float, ...] = TARGETS
) -> pd.DataFrame:
    """Mean training seconds to each validation accuracy, one row a series; NaN when any run missed it."""
    times = pd.DataFrame(
        {target: [time_to(history, target) for history in histories.values()] for target in targets},
        index=[series[run] for run in histories],
    )
    by_series = times.groupby(level=0, sort=False)
    return by_series.mean().where(by_series.count().eq(by_series.size(), axis=0))


def target_chart(table: pd.DataFrame, frameworks: dict[str, str]) -> go.Figure:
    """Seconds to 97, 98 and 99 % validation accuracy, at the end of the epoch that reached it.

    Args:
        table: of `target_table`.
        frameworks: line → framework, for the colour.
    """
    figure = _figure(340, x="validation accuracy reached", y="training time (s)").update_layout(
        barmode="group"
    )
    labels = [f"{100 * target:g} %" for target in table.columns.to_numpy(float)]
    seconds = table.to_numpy(float)
    for name, times in zip(map(str, table.index), seconds, strict=True):
        shown = [whole(value) for value in times]
        figure.add_bar(
            x=labels, y=np.nan_to_num(times), name=name, marker_color=colour(frameworks[name]),
            text=[f"{name} {value}" for value in shown], textposition="outside", textangle=-90,
            constraintext="none", textfont_size=11,
            hovertemplate="%{x}: %{text}<extra></extra>",
        )  # fmt: skip
    if not np.isnan(seconds).all():
        figure.update_yaxes(range=[0, 1.9 * np.nanmax(seconds)])  # room for the names
    return figure.update_xaxes(type="category")


# ── errors ──────────────────────────────────────────────────────────────────────────


def confusion_chart(confusion: np.ndarray, framework: str, classes: list[str]) -> go.Figure:
    """Mistakes in the framework's colour; the diagonal (right answers) is written but not coloured.

    Args:
        confusion: (classes, classes) counts, rows = true.
        framework: for the colour.
        classes: names of the classes.
    """
    errors = confusion.astype(float)
    np.fill_diagonal(errors, np.nan)
    figure = _figure(420, x="guess", y="true class")
    figure.add_heatmap(
        z=errors, x=classes, y=classes, showscale=False, xgap=1, ygap=1, zmin=0,
        colorscale=[[0, tint(colour(framework), 0.04)], [1, tint(colour(framework), 0.7)]],
        hovertemplate="true %{y}, guess %{x}: %{z}<extra></extra>", hoverongaps=False,
    )  # fmt: skip
    # Written by a trace of its own: a heatmap picks its text colour as if the page were white.
    rows, columns = np.nonzero(confusion)
    figure.add_scatter(
        x=[classes[column] for column in columns], y=[classes[row] for row in rows], mode="text",
        text=confusion[rows, columns].astype(str), hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    figure.update_xaxes(type="category", showgrid=False, constrain="domain")
    return figure.update_yaxes(type="category", autorange="reversed", showgrid=False, scaleanchor="x")


def calibration_chart(curves: dict[str, Calibration], frameworks: dict[str, str]) -> go.Figure:
    """Reliability: how often a run is right against how sure it was; on the dotted line both agree."""
    figure = _figure(400, x="confidence (%)", y="right (%)")
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"color": GREY, "dash": "dot"},
        name="perfect",
        hoverinfo="skip",
    )
    for symbol, (name, curve) in _with_symbols(curves.items()):
        figure.add_scatter(
            x=100 * curve.confidence, y=100 * curve.accuracy, name=name, mode="lines+markers",
            line={"color": colour(frameworks[name])}, customdata=curve.images,
            marker={"size": 4 + 3 * np.log10(curve.images), "symbol": symbol},  # few images say little
            hovertemplate="sure %{x:.0f} %, right %{y:.0f} % of %{customdata}<extra>" + name + "</extra>",
        )  # fmt: skip
    return figure


def class_chart(scores: dict[str, np.ndarray], frameworks: dict[str, str], classes: list[str]) -> go.Figure:
    """F1 of each class, one mark a line of the comparison.

    Args:
        scores: line → F1 of each class, a fraction.
        frameworks: line → framework, for the colour.
        classes: names of the classes.
    """
    figure = _figure(360, x="class", y="F1 (%)").update_layout(scattermode="group")
    for symbol, (name, values) in _with_symbols(scores.items()):
        figure.add_scatter(
            x=classes, y=100 * values, name=name, mode="markers",
            marker={"color": colour(frameworks[name]), "size": 10, "symbol": symbol},
            hovertemplate="%{x}: %{y:.2f} %<extra>" + name + "</extra>",
        )  # fmt: skip
    lowest = min((100 * np.nanmin(values) for values in scores.values()), default=0)
    figure.update_yaxes(range=[np.floor(2 * lowest - 0.5) / 2, 100.1])
    return figure.update_xaxes(type="category")
