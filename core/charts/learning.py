"""Figures of learning: curves by epoch or by second, and the time to an accuracy."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts.colours import paint
from core.charts.figure import DASHES, blank, dashed, in_order, named, numbered, say, symbols
from core.scores import time_to
from core.words import percent, seconds, whole

TARGETS = (0.97, 0.98, 0.99)
CURVES = {
    "val_accuracy": "validation accuracy",
    "accuracy": "training accuracy",
    "val_loss": "validation loss",
    "loss": "training loss",
}


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
        frameworks: line → framework, for its silk.
        column: a key of CURVES.
        x: "epoch" or "seconds" (of training; with several runs the mean at the end of each epoch).
    """
    accuracy = "accuracy" in column
    axis = "epochs done" if x == "epoch" else "training time (s)"
    figure = blank(400, x=axis, y=CURVES[column] + (" (%)" if accuracy else ""))
    figure.update_layout(hovermode="x unified", legend=DASHES)
    lines = {name: frameworks[name] for name in dict.fromkeys(series.values())}
    marks, last = symbols(lines), []
    for name in in_order(lines):
        runs = [history for run, history in histories.items() if series[run] == name]
        table = pd.concat(runs or [pd.DataFrame()])
        if table.empty or table[column].isna().all():
            continue
        epochs = table.assign(epoch=table.epoch + 1).groupby("epoch", as_index=False)
        where = epochs[x].mean()[x] if x == "seconds" else epochs[column].mean()["epoch"]
        low, mean, high = (getattr(epochs[column], kind)()[column] for kind in ("min", "mean", "max"))
        if not np.allclose(low, high, equal_nan=True):
            figure.add_scatter(**_band(where, low, high, lines[name], accuracy), legendgroup=name)
        figure.add_scatter(
            x=where, y=100 * mean if accuracy else mean, name=numbered(name, lines[name]), legendgroup=name,
            mode="lines+markers", line=dashed(lines[name]), marker={"symbol": marks[name], "size": 8},
            hovertemplate=f"%{{y:{'.2f' if accuracy else '.4f'}}}",
        )  # fmt: skip
        end = mean.dropna().iloc[-1]
        last.append(f"{name} {percent(end) if accuracy else format(end, '.4f')}")
    say(figure, f"At the end, {CURVES[column]}: {named(last)}." if last else "No curve.")
    if x == "epoch":
        longest = max((len(history) for history in histories.values()), default=1)
        return figure.update_xaxes(dtick=1 if longest <= 20 else None, tickformat="d")
    return figure.update_xaxes(rangemode="tozero")


def _band(
    where: pd.Series, low: pd.Series, high: pd.Series, framework: str, accuracy: bool
) -> dict[str, Any]:
    scale = 100 if accuracy else 1
    return {
        "x": [*where, *where[::-1]],
        "y": [*(scale * high), *(scale * low[::-1])],
        "fill": "toself",
        "mode": "lines",
        "line": {"width": 0, "color": paint(framework)},
        "fillcolor": paint(framework),
        "opacity": 0.18,
        "hoverinfo": "skip",
        "showlegend": False,
    }


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
        frameworks: line → framework, for its silk.
    """
    figure = blank(340, x="validation accuracy reached", y="training time (s)").update_layout(barmode="group")
    labels = [f"{100 * target:g} %" for target in table.columns.to_numpy(float)]
    table = table.loc[in_order({str(name): frameworks[str(name)] for name in table.index})]
    for name, times in zip(map(str, table.index), table.to_numpy(float), strict=True):
        label = numbered(name, frameworks[name])
        figure.add_bar(
            x=labels, y=np.nan_to_num(times), name=label, marker_color=paint(frameworks[name]),
            text=[f"{label} {whole(value)}" for value in times], textposition="outside", textangle=-90,
            constraintext="none", textfont_size=12, hovertemplate="%{x}: %{text}<extra></extra>",
        )  # fmt: skip
    if not np.isnan(table.to_numpy(float)).all():
        figure.update_yaxes(range=[0, 1.9 * np.nanmax(table.to_numpy(float))])  # room for the names
    parts = [
        f"to {label}: {named(f'{name} {seconds(value)}' for name, value in column.dropna().items())}"
        for label, (_, column) in zip(labels, table.items(), strict=True)
        if column.notna().any()
    ]
    say(figure, f"Seconds of training {'; '.join(parts)}.")
    return figure.update_xaxes(type="category")
