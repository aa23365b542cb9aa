"""What all figures share: an empty one, silks upon it, and the sentence that stands for it."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from core.charts.colours import GRID, INK, SYMBOLS, paint, silk

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Zooming is dragging, panning is dragging an axis, a double click shows everything again.
_NO_BUTTONS = ["zoom", "pan", "select", "lasso", "zoomIn", "zoomOut", "autoScale"]
_MOST_NAMED = 8  # lines of a figure that its sentence names
# Above the plot, as many rows as it takes.
LEGEND: dict[str, Any] = {
    "orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal",
}  # fmt: skip
DASHES = {"itemwidth": 46}  # of a legend whose samples show a pattern of dashes


def blank(height: int, x: str = "", y: str = "", figure: "go.Figure | None" = None) -> "go.Figure":
    """A figure without paper of its own, its height in pixels, the titles of its axes."""
    import plotly.graph_objects as go  # the live chart is plain JSON and needs none of it

    figure = figure or go.Figure()
    figure.update_layout(
        height=height,
        # A phone shows the buttons all the time: few, in a strip of their own at the right.
        margin={"l": 10, "r": 40, "t": 30, "b": 10},
        modebar={"orientation": "v", "bgcolor": "rgba(0,0,0,0)", "remove": _NO_BUTTONS},
        legend={**LEGEND, "font": {"color": INK}},
        hovermode="closest",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure.update_xaxes(axis(x)).update_yaxes(axis(y))


def axis(title: str) -> dict[str, Any]:
    """An axis that is written in ink: the frontend's own grey is hard to read."""
    return {
        "title": {"text": title, "font": {"color": INK}},
        "tickfont": {"color": INK},
        "automargin": True,
        "gridcolor": GRID,
        "zeroline": False,
    }


# ── silks ───────────────────────────────────────────────────────────────────────────


def numbered(name: str, framework: str) -> str:
    """A line's name behind its framework's number, as Plotly writes it: "<b>1</b> PyTorch"."""
    return f"<b>{silk(framework).number}</b> {name}"


def in_order(frameworks: Mapping[str, str]) -> list[str]:
    """The lines of a figure by the numbers of their frameworks, those of one framework as they came."""
    return sorted(frameworks, key=lambda row: silk(frameworks[row]).number)


def dashed(framework: str, width: float = 2) -> dict[str, Any]:
    """A line in a framework's colour and dashes, `width` in pixels."""
    return {"color": paint(framework), "dash": silk(framework).dash or "solid", "width": width}


def symbols(frameworks: Mapping[str, str]) -> dict[str, str]:
    """A symbol for each line, so that lines of one framework differ too."""
    seen: dict[str, int] = {}
    chosen = {}
    for row, framework in frameworks.items():
        seen[framework] = seen.get(framework, -1) + 1
        chosen[row] = SYMBOLS[seen[framework] % len(SYMBOLS)]
    return chosen


# ── in words ────────────────────────────────────────────────────────────────────────


def say(figure: "go.Figure", sentence: str) -> "go.Figure":
    """Gives a figure the finding that it shows, for those who cannot see it."""
    return figure.update_layout(meta={"alt": sentence})


def alt(figure: "go.Figure | Mapping[str, Any]") -> str:
    """The finding that a figure shows, in a sentence or two."""
    return figure["layout"]["meta"]["alt"]


def named(parts: Iterable[str]) -> str:
    """Several lines of a figure in a sentence: "PyTorch 99.0 %, Keras 98.9 % and 3 more"."""
    known = list(parts)
    shown, more = known[:_MOST_NAMED], len(known) - _MOST_NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
