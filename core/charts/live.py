"""The live chart of a race: loss and accuracy of all runs, as plain JSON for `Plotly.react`."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.charts.colours import GREY, SYMBOLS, colour

FLOORS = (0.95, 0.9, 0.8, 0.5)  # where the accuracy axis may begin, when nearly all points lie above
MOST_DECADES = 1e5  # of losses on an axis that also writes the twos and fives
PANELS = {"loss": ("x", "y"), "accuracy": ("x2", "y2")}


class Curves(Protocol):
    """What a live chart needs to know of a run (`core.races.live.Lane` has it)."""

    @property
    def run(self) -> str:
        """Its name."""

    @property
    def framework(self) -> str:
        """Decides the colour."""

    @property
    def seed(self) -> int:
        """Decides the symbol."""

    @property
    def total_steps(self) -> int | None:
        """Of the whole training, once it is known."""

    @property
    def train(self) -> Mapping[str, list]:
        """`step`, `seconds`, `loss` and `accuracy`, equally long."""

    @property
    def validation(self) -> Mapping[str, list]:
        """`step`, `seconds`, `val_loss` and `val_accuracy`, equally long."""


def live_figure(lanes: Sequence[Curves], titles: Mapping[str, str], by: str = "step") -> dict[str, Any]:
    """Loss and accuracy of all runs side by side, as plain JSON for `Plotly.react`.

    Training is a solid line, validation a dashed one with markers, another marker for each seed; all
    curves of a framework share one entry of the legend. The revision is constant, so zoom and hidden
    curves survive every redraw.

    Args:
        lanes: the runs, in the order of the legend.
        titles: framework → name in the legend.
        by: "step" or "seconds", the training clock.
    """
    seeds = sorted({lane.seed for lane in lanes})
    traces, named = _line_styles(), set()
    for lane in lanes:
        title = titles.get(lane.framework, lane.framework)
        label = f"{title}, seed {lane.seed}" if len(seeds) > 1 else title
        symbol = SYMBOLS[seeds.index(lane.seed) % len(SYMBOLS)]
        curves = [
            _curve(lane, metric, by, label, symbol, validation)
            for metric in PANELS
            for validation in (False, True)
        ]
        for curve in curves:
            curve.update(name=title, legendgroup=lane.framework, showlegend=False)
        curves[0]["showlegend"] = lane.framework not in named
        named.add(lane.framework)
        traces += curves
    return {"data": traces, "layout": _live_layout(lanes, by)}


def _line_styles() -> list[dict[str, Any]]:
    """Two curves without points, which explain solid and dashed in a legend of their own."""
    return [
        {
            "type": "scatter",
            "uid": name,
            "name": name,
            "legend": "legend2",
            "mode": mode,
            "x": [None],
            "y": [None],
            "line": {"color": GREY, "dash": dash},
            "marker": {"color": GREY, "size": 8},
        }
        for name, mode, dash in (("training", "lines", "solid"), ("validation", "lines+markers", "dash"))
    ]


def _curve(lane: Curves, metric: str, by: str, label: str, symbol: str, validation: bool) -> dict[str, Any]:
    points = lane.validation if validation else lane.train
    values = points[f"val_{metric}" if validation else metric]
    x_axis, y_axis = PANELS[metric]
    kind, unit = "validation" if validation else "training", "s" if by == "seconds" else ""
    shown = "%{y:.4f}"
    if metric == "accuracy":
        shown = "%{y:.2f} %"
        values = [None if value is None else 100 * value for value in values]
    line = {"color": colour(lane.framework), "width": 1.5 if validation else 2}
    if validation:
        line["dash"] = "dash"
    return {
        "type": "scatter",
        "uid": f"{lane.run} {metric} {kind}",
        "mode": "lines+markers" if validation else "lines",
        "x": points[by],
        "y": values,
        "xaxis": x_axis,
        "yaxis": y_axis,
        "line": line,
        "marker": {"color": line["color"], "size": 8, "symbol": symbol},
        "hovertemplate": f"{shown} {kind}, {by.rstrip('s')} %{{x:,.4~r}}{unit}<extra>{label}</extra>",
    }


def _live_layout(lanes: Sequence[Curves], by: str) -> dict[str, Any]:
    x_axis, legend = _x_axis(lanes, by), {"orientation": "h", "y": 1.02, "yanchor": "bottom"}
    return {
        "uirevision": "live",
        "hovermode": "closest",
        "xaxis": {**x_axis, "domain": [0, 0.47], "anchor": "y"},
        "xaxis2": {**x_axis, "domain": [0.53, 1], "anchor": "y2", "matches": "x"},
        "yaxis": _loss_axis(lanes),
        "yaxis2": _accuracy_axis(lanes),
        "legend": {**legend, "x": 0},
        "legend2": {**legend, "x": 1, "xanchor": "right", "itemclick": False, "itemdoubleclick": False},
    }


def _x_axis(lanes: Sequence[Curves], by: str) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": {"text": "training step" if by == "step" else "seconds of training"}}
    axis |= {"rangemode": "tozero", "uirevision": by, "nticks": 7}
    if by == "step" and (steps := [lane.total_steps for lane in lanes if lane.total_steps]):
        axis["range"] = [0, 1.01 * max(steps)]  # the whole way, from the start
    elif not any(lane.train[by] for lane in lanes):
        axis["range"] = [0, 1]
    return axis


def _loss_axis(lanes: Sequence[Curves]) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": {"text": "loss (log scale)"}, "type": "log", "anchor": "x"}
    losses = [value for lane in lanes for value in lane.train["loss"] if value is not None and value > 0]
    if not losses:
        axis["range"] = [-2, 0.5]  # powers of ten
    if not losses or max(losses) < MOST_DECADES * min(losses):
        axis |= {"dtick": "D2", "tickformat": "~g"}  # 0.5, where Plotly would write a small 5 below 1
    return axis


def _accuracy_axis(lanes: Sequence[Curves]) -> dict[str, Any]:
    floor = accuracy_floor(lanes)
    return {
        "title": {"text": "accuracy (%)"},
        "tickformat": ".0f" if floor < FLOORS[0] else ".1f",
        "range": [100 * floor, 100.2],
        "anchor": "x2",
    }


def accuracy_floor(lanes: Sequence[Curves]) -> float:
    """Where the accuracy axis begins, a fraction: the highest step below nine tenths of the points, or 0."""
    points = sorted(
        value
        for lane in lanes
        for value in (*lane.train["accuracy"], *lane.validation["val_accuracy"])
        if value is not None
    )
    if not points:
        return 0.0
    low = points[len(points) // 10]
    return next((floor for floor in FLOORS if floor <= low), 0.0)
