"""Accuracy over the bytes of weights: whole models, those of 8 and of 4 bits, and what others published."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log10

import numpy as np
import plotly.graph_objects as go

from core.charts.colours import GREY, PAPER, order, paint, silk
from core.charts.comparison import unbeaten
from core.charts.figure import blank, named, numbered, say
from core.words import file_size, percent

# What a weight takes → its symbol: nobody needs to see colour, nor to point at a mark.
SYMBOLS = {"float": "circle", "8 bits": "square", "4 bits": "diamond"}
_OTHERS = "x-thin"  # of published points
_APART = 0.05  # decades: what a mark is wide where there is room
_SIZE = 18  # px: room for a framework's number
_STEPS = (1, 2, 5)  # of each decade, where the axis has its marks


@dataclass(frozen=True)
class Mark:
    """One model: the bytes of its weights, its test accuracy (a fraction), what it is called.

    `form` is a key of SYMBOLS, `framework` "" for what others published.
    """

    called: str
    size: float
    accuracy: float
    form: str = "float"
    framework: str = ""
    aside: float = 0.0  # decades to the right of its place, where others would hide it

    @property
    def x(self) -> float:
        """Where it is drawn."""
        return self.size * 10**self.aside


def pareto_chart(own: Sequence[Mark], others: Sequence[Mark] = ()) -> go.Figure:
    """Every model over the bytes of its weights, with a line along those that none here beats in both.

    Args:
        own: the visitor's models and their variants, at least one.
        others: published ones, in grey.
    """
    figure = blank(420, x="bytes of the weights (logarithmic)", y="test accuracy (%)")
    figure.update_layout(legend={"entrywidth": 58, "font": {"size": 11}})  # two side by side on a phone
    marks = _side_by_side(_together(own))
    best = [marks[at] for at in _front(marks)]
    if len(marks) > 1:
        figure.add_scatter(
            x=[mark.x for mark in best], y=[100 * mark.accuracy for mark in best], mode="lines",
            name="unbeaten", line={"color": GREY, "dash": "dot", "shape": "hv"}, hoverinfo="skip",
        )  # fmt: skip
    if others:
        symbol = {"symbol": _OTHERS, "size": 11, "line": {"color": GREY, "width": 3}}
        figure.add_scatter(**_points(others), name="published", mode="markers", marker=symbol)
    for form in [form for form in SYMBOLS if any(mark.form == form for mark in marks)]:
        figure.add_scatter(
            x=[None], y=[None], name=form, mode="markers", hoverinfo="skip",
            marker={"symbol": SYMBOLS[form], "color": GREY, "size": 13},
        )  # fmt: skip
    for framework in order(list({mark.framework for mark in marks})):
        _add_silk(figure, framework, [mark for mark in marks if mark.framework == framework])
    _byte_axis(figure, [mark.size for mark in (*marks, *others)])
    return say(figure, _sentence(best, others))


def _together(own: Sequence[Mark]) -> list[Mark]:
    """One mark for models that lie at the same place, with all their names."""
    places: dict[tuple[str, float, float, str], list[str]] = {}
    for mark in own:
        names = places.setdefault((mark.framework, mark.size, mark.accuracy, mark.form), [])
        if mark.called not in names:
            names.append(mark.called)
    return [
        Mark("<br>".join(names), size, accuracy, form, framework)
        for (framework, size, accuracy, form), names in places.items()
    ]


def _side_by_side(marks: Sequence[Mark]) -> list[Mark]:
    """Frameworks whose models take the same bytes a little apart: one network is as large in all of them."""
    there: dict[float, set[str]] = {}
    for mark in marks:
        there.setdefault(mark.size, set()).add(mark.framework)
    moved = []
    for mark in marks:
        row = order(list(there[mark.size]))
        moved.append(replace(mark, aside=_APART * (row.index(mark.framework) - (len(row) - 1) / 2)))
    return moved


def _front(marks: Sequence[Mark]) -> np.ndarray:
    return unbeaten(np.array([mark.size for mark in marks]), np.array([mark.accuracy for mark in marks]))


def _add_silk(figure: go.Figure, framework: str, marks: Sequence[Mark]) -> None:
    """A framework's models, each a symbol with its number."""
    name = numbered(marks[0].called.partition(" · ")[0], framework)
    figure.add_scatter(
        **_points(marks), mode="markers+text", showlegend=False, name=name,
        text=[f"<b>{silk(framework).number}</b>"] * len(marks), textfont={"color": PAPER, "size": 11},
        marker={
            "color": paint(framework), "size": _SIZE, "symbol": [SYMBOLS[mark.form] for mark in marks],
            "line": {"color": PAPER, "width": 1},
        },
    )  # fmt: skip


def _points(marks: Sequence[Mark]) -> dict[str, object]:
    return {
        "x": [mark.x for mark in marks],
        "y": [100 * mark.accuracy for mark in marks],
        "customdata": [[mark.called, file_size(mark.size)] for mark in marks],
        "hovertemplate": "%{customdata[0]}<br>%{customdata[1]}, %{y:.2f} %<extra></extra>",
    }


def _byte_axis(figure: go.Figure, sizes: Sequence[float]) -> None:
    """Marks in kB and MB, from a little below the smallest to a little above the largest."""
    low, high = log10(min(sizes)), log10(max(sizes))
    decades = range(int(low) - 1, int(high) + 2)
    ticks = [step * 10**decade for decade in decades for step in _STEPS]
    inside = [tick for tick in ticks if low - 0.35 <= log10(tick) <= high + 0.35]
    shown = [tick for tick in inside if str(tick)[0] != "2"] if len(inside) > 7 else inside
    words = [file_size(tick).replace(".0 ", " ").replace(".00 ", " ") for tick in shown]
    figure.update_xaxes(type="log", tickvals=shown, ticktext=words, range=[low - 0.15, high + 0.15])


def _sentence(best: Sequence[Mark], others: Sequence[Mark]) -> str:
    here = [_told(mark) for mark in best]
    said = f"Unbeaten here in both: {named(here)}."
    smaller = [mark for mark in others if mark.size < min(own.size for own in best)]
    if smaller:
        top = max(smaller, key=lambda mark: mark.accuracy)
        said += f" {len(smaller)} published networks are smaller, the most accurate: {_told(top)}."
    return said


def _told(mark: Mark) -> str:
    return f"{mark.called.replace('<br>', ' and ')} ({file_size(mark.size)}, {percent(mark.accuracy)})"
