"""Figures of a comparison, as functions of plain data: accuracy, time, both together, size."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts.colours import GREY, INK, PAPER, paint, silk
from core.charts.figure import blank, in_order, named, numbered, say, symbols
from core.words import megabytes, percent, seconds, whole

# Phase → its name and the texture that it is drawn with; training, which is compared, is solid.
PHASES = {
    "import_s": ("import", "|"),
    "data_s": ("data", "/"),
    "build_s": ("build", "\\"),
    "first_step_s": ("first step", "x"),
    "train_time_sec": ("training", ""),
    "validation_s": ("validation", "-"),
    "test_s": ("test", "."),
}
_DISC = 20  # px: room for a framework's number


def _with_rows(frame: pd.DataFrame, rows: dict[str, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The runs with the line that each is drawn on, and the lines' frameworks, by their numbers."""
    frame = frame.assign(row=frame.run.map(rows))
    frameworks = {str(row): str(name) for row, name in zip(frame.row, frame.framework, strict=True)}
    return frame, {row: frameworks[row] for row in in_order(frameworks)}


def _rows_height(rows: int) -> int:
    return 90 + 34 * max(rows, 2)


def _top_down(figure: go.Figure, lines: dict[str, str]) -> go.Figure:
    """Names on the left, the first on top."""
    names = [numbered(row, framework) for row, framework in lines.items()]
    return figure.update_yaxes(categoryorder="array", categoryarray=names[::-1])


def accuracy_chart(
    frame: pd.DataFrame,
    rows: dict[str, str],
    names: dict[str, str] | None = None,
    measure: str = "test accuracy",
) -> go.Figure:
    """Accuracy of each run with its 95 % interval; a bar marks the mean where a row has several.

    Args:
        frame: rows of `Results.frame`.
        rows: run → the line that it is drawn on (a framework's name, or the run's own).
        names: run → what it is called where somebody points at it; its line unless somebody says.
        measure: what `test_accuracy` is; fits have their validation accuracy there, and no interval.
    """
    frame, lines = _with_rows(frame.assign(called=frame.run.map(names or rows)), rows)
    figure = blank(_rows_height(len(lines)), x=f"{measure} (%)")
    for row, framework in lines.items():
        runs = frame[frame.row == row]
        figure.add_scatter(**_dots(runs, numbered(row, framework), framework))
        if len(runs) > 1:
            figure.add_scatter(
                x=[100 * runs.test_accuracy.mean()], y=[numbered(row, framework)], mode="markers",
                marker={"symbol": "line-ns", "size": 22, "line": {"color": paint(framework), "width": 4}},
                hovertemplate=f"mean of {len(runs)}: %{{x:.2f}} %<extra>{row}</extra>", showlegend=False,
            )  # fmt: skip
    means = frame.groupby("row").test_accuracy.mean().dropna().sort_values(ascending=False)
    overlaps = len(frame) > 1 and frame.accuracy_low.max() <= frame.accuracy_high.min()
    overlap = " All their intervals overlap." if overlaps else ""
    told = named(f"{row} {percent(mean)}" for row, mean in means.items())
    say(figure, f"{measure.capitalize()}: {told}.{overlap}")
    return _top_down(figure, lines)


def _dots(runs: pd.DataFrame, row: str, framework: str) -> dict[str, Any]:
    """A disc with the framework's number for one run, small dots for several."""
    alone = len(runs) == 1
    return {
        "x": 100 * runs.test_accuracy,
        "y": [row] * len(runs),
        "mode": "markers+text" if alone else "markers",
        "showlegend": False,
        "marker": {
            "color": paint(framework),
            "size": _DISC if alone else 10,
            "opacity": 1 if alone else 0.55,
        },
        "text": [f"<b>{silk(framework).number}</b>"] * len(runs),
        "textfont": {"color": PAPER},
        "error_x": {
            "array": 100 * (runs.accuracy_high - runs.test_accuracy),
            "arrayminus": 100 * (runs.test_accuracy - runs.accuracy_low),
            "thickness": 2 if alone else 1,
            "color": paint(framework),
        },
        "customdata": [
            name if pd.isna(low) else f"{name}<br>({100 * low:.2f} – {100 * high:.2f})"
            for name, low, high in zip(runs.called, runs.accuracy_low, runs.accuracy_high, strict=True)
        ],
        "hovertemplate": "%{x:.2f} %<br>%{customdata}<extra></extra>",
    }


def time_chart(frame: pd.DataFrame, rows: dict[str, str]) -> go.Figure:
    """Where the seconds of each run go; means where a row has several runs."""
    frame, lines = _with_rows(frame, rows)
    means = frame.groupby("row")[list(PHASES)].mean().reindex(list(lines))
    figure = blank(_rows_height(len(means)) + 40, x="seconds")
    # Narrow entries: two side by side on a phone.
    figure.update_layout(barmode="stack", legend={"entrywidth": 52, "font": {"size": 11}})
    for column, (phase, shape) in PHASES.items():
        texture = {"shape": shape, "solidity": 0.35, "fillmode": "replace"}
        for (row, framework), value in zip(lines.items(), means[column], strict=True):
            figure.add_bar(
                y=[numbered(row, framework)], x=[value], orientation="h", name=phase, showlegend=False,
                marker={
                    "color": paint(framework), "pattern": texture,
                    "line": {"color": paint(framework), "width": 1},
                },
                hovertemplate=f"{phase}: %{{x:.1f}} s<extra>%{{y}}</extra>",
            )  # fmt: skip
        # The legend explains textures, so its swatches carry no framework's colour.
        figure.add_bar(
            y=[None], x=[None], name=phase, hoverinfo="skip", marker={"color": GREY, "pattern": texture}
        )
    training = means.train_time_sec.dropna().sort_values()
    times = named(f"{row} {seconds(value)}" for row, value in training.items())
    say(figure, f"Training: {times}." if times else "No run has a time that counts.")
    return _top_down(figure, lines)


def unbeaten(times: np.ndarray, accuracies: np.ndarray) -> np.ndarray:
    """Indices of the runs that no other beats in both time and accuracy (Pareto), fastest first."""
    order = np.lexsort((-accuracies, times))
    best = np.maximum.accumulate(accuracies[order])
    return order[np.diff(best, prepend=-np.inf) > 0]


def trade_chart(frame: pd.DataFrame, rows: dict[str, str], names: dict[str, str] | None = None) -> go.Figure:
    """Accuracy against training time, and a line along the runs that no other beats in both.

    Args:
        frame: as of `accuracy_chart`.
        rows: as there.
        names: as there.
    """
    frame = frame.assign(called=frame.run.map(names or rows))
    frame, lines = _with_rows(frame.dropna(subset=["train_time_sec", "test_accuracy"]), rows)
    figure = blank(380, x="training time (s)", y="test accuracy (%)")
    edge = frame.iloc[unbeaten(frame.train_time_sec.to_numpy(), frame.test_accuracy.to_numpy())]
    if len(frame) > 1:
        figure.add_scatter(
            x=edge.train_time_sec, y=100 * edge.test_accuracy, mode="lines", name="unbeaten in both",
            line={"color": GREY, "dash": "dot", "shape": "hv"}, hoverinfo="skip",
        )  # fmt: skip
    marks = symbols(lines)
    for row, framework in lines.items():
        runs = frame[frame.row == row]
        figure.add_scatter(
            x=runs.train_time_sec, y=100 * runs.test_accuracy, name=numbered(row, framework),
            mode="markers+text", text=[f"<b>{silk(framework).number}</b>"] * len(runs),
            textfont={"color": PAPER}, customdata=runs.called,
            marker={"color": paint(framework), "size": _DISC, "symbol": marks[row]},
            hovertemplate="%{customdata}<br>%{x:.1f} s, %{y:.2f} %<extra></extra>",
        )  # fmt: skip
    best = [
        f"{row} ({seconds(time)}, {percent(accuracy)})"
        for row, time, accuracy in zip(edge.row, edge.train_time_sec, edge.test_accuracy, strict=True)
    ]
    return say(figure, f"Unbeaten in both: {named(best)}." if best else "No run has a time that counts.")


def size_chart(frame: pd.DataFrame, rows: dict[str, str]) -> go.Figure:
    """Parameters, effective lines and model size side by side."""
    panels: dict[str, tuple[str, Callable[[float], str]]] = {
        "params": ("parameters", whole),
        "effective_loc": ("code lines", whole),
        "model_bytes": ("model (MB)", megabytes),
    }
    frame, lines = _with_rows(frame, rows)
    means = frame.groupby("row")[list(panels)].mean().reindex(list(lines))
    names = [numbered(row, framework) for row, framework in lines.items()]
    titles = [title for title, _ in panels.values()]
    figure = make_subplots(1, 3, shared_yaxes=True, subplot_titles=titles, horizontal_spacing=0.06)
    for place, (column, (title, in_words)) in enumerate(panels.items(), start=1):
        values = means[column]
        shown = ["" if pd.isna(value) else in_words(value).removesuffix(" MB") for value in values]
        figure.add_bar(
            y=names, x=values, orientation="h", marker_color=[paint(name) for name in lines.values()],
            text=shown, textfont_color=INK, textposition="outside", cliponaxis=False, name=title,
            hovertemplate=f"%{{y}}: %{{text}}<extra>{title}</extra>", showlegend=False, row=1, col=place,
        )  # fmt: skip
        if values.notna().any():
            figure.update_xaxes(range=[0, 3 * values.max() or 1], row=1, col=place)  # room for the number
    figure.update_annotations(font={"size": 11, "color": INK})  # three titles side by side on a phone
    blank(_rows_height(len(means)), figure=figure).update_xaxes(showticklabels=False, showgrid=False)
    say(figure, " ".join(_sizes(means[column], title, words) for column, (title, words) in panels.items()))
    return _top_down(figure, lines).update_yaxes(showgrid=False)


def _sizes(values: pd.Series, title: str, in_words: Callable[[float], str]) -> str:
    known, title = values.dropna().sort_values(), title[:1].upper() + title[1:]
    if known.nunique() == 1 and len(known) > 1:
        return f"{title}: {in_words(known.iloc[0])} each."
    return f"{title}: {named(f'{row} {in_words(value)}' for row, value in known.items())}."
