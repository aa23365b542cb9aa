"""The live chart of a race: loss and accuracy of all runs, as plain JSON for `Plotly.react`."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.charts.colours import GREY, SYMBOLS, silk
from core.charts.figure import DASHES, LEGEND, dashed, named, numbered
from core.words import percent

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


def live_figure(
    lanes: Sequence[Curves], titles: Mapping[str, str], by: str = "step", smoothing: float = 0
) -> dict[str, Any]:
    """Loss and accuracy of all runs side by side, as plain JSON for `Plotly.react`.

    A line wears its framework's colour and dashes: training is the line alone, validation a thin one
    through markers, another marker for each seed; all curves of a framework share one entry of the
    legend. The revision is constant, so zoom and hidden curves survive every redraw.

    Args:
        lanes: the runs.
        titles: framework → name in the legend.
        by: "step" or "seconds", the training clock.
        smoothing: of the training curves, see `smoothed`; behind one that is smoothed lies what it was.
    """
    lanes = sorted(lanes, key=lambda lane: silk(lane.framework).number)
    seeds = sorted({lane.seed for lane in lanes})
    traces, entered = _line_styles(), set()
    for lane in lanes:
        title = titles.get(lane.framework, lane.framework)
        label = f"{title}, seed {lane.seed}" if len(seeds) > 1 else title
        symbol = SYMBOLS[seeds.index(lane.seed) % len(SYMBOLS)]
        curves = [
            curve
            for metric in PANELS
            for curve in (
                *_training(lane, metric, by, label, smoothing),
                _validation(lane, metric, by, label, symbol),
            )
        ]
        for curve in curves:
            curve.update(name=numbered(title, lane.framework), legendgroup=lane.framework, showlegend=False)
        curves[0]["showlegend"] = lane.framework not in entered
        entered.add(lane.framework)
        traces += curves
    return {"data": traces, "layout": _live_layout(lanes, by) | {"meta": {"alt": _alt(lanes, titles)}}}


def smoothed(values: Sequence[float | None], weight: float) -> list[float | None]:
    """The exponential moving average that TensorBoard draws, its start corrected for what is missing.

    Args:
        values: of a curve; None where a point is missing.
        weight: of what came before, from 0 (nothing is changed) to 0.99.
    """
    mean, seen = 0.0, 0
    result: list[float | None] = []
    for value in values:
        if value is None:
            result.append(None)
            continue
        mean, seen = weight * mean + (1 - weight) * value, seen + 1
        result.append(mean / (1 - weight**seen))
    return result


def _alt(lanes: Sequence[Curves], titles: Mapping[str, str]) -> str:
    parts = []
    for lane in lanes:
        known = [value for value in lane.validation["val_accuracy"] if value is not None]
        if known:
            parts.append(f"{titles.get(lane.framework, lane.framework)} {percent(known[-1])}")
    return f"Validation accuracy so far: {named(parts)}." if parts else "No epoch has ended yet."


def _line_styles() -> list[dict[str, Any]]:
    """Two curves without points, which explain lines and markers in the legend."""
    return [
        {
            "type": "scatter",
            "uid": name,
            "name": name,
            "mode": mode,
            "x": [None],
            "y": [None],
            "line": {"color": GREY, "width": width},
            "marker": {"color": GREY, "size": 8},
        }
        for name, mode, width in (("training", "lines", 2), ("validation", "lines+markers", 1))
    ]


def _training(lane: Curves, metric: str, by: str, label: str, smoothing: float) -> list[dict[str, Any]]:
    curve = _curve(lane, metric, by, lane.train[by], lane.train[metric], f"{label}, training")
    curve |= {"uid": f"{lane.run} {metric} training", "mode": "lines", "line": dashed(lane.framework)}
    if not smoothing:
        return [curve]
    before = curve | {"uid": f"{lane.run} {metric} before", "opacity": 0.25, "hoverinfo": "skip"}
    before.pop("hovertemplate")
    return [curve | {"y": smoothed(curve["y"], smoothing)}, before]


def _validation(lane: Curves, metric: str, by: str, label: str, symbol: str) -> dict[str, Any]:
    values = lane.validation[f"val_{metric}"]
    line = dashed(lane.framework, width=1)
    return _curve(lane, metric, by, lane.validation[by], values, f"{label}, validation") | {
        "uid": f"{lane.run} {metric} validation",
        "mode": "lines+markers",
        "line": line,
        "marker": {"color": line["color"], "size": 9, "symbol": symbol},
    }


def _curve(
    lane: Curves, metric: str, by: str, where: Sequence[float], values: Sequence[float | None], label: str
) -> dict[str, Any]:
    x_axis, y_axis = PANELS[metric]
    shown, unit = "%{y:.4f}", "s" if by == "seconds" else ""
    if metric == "accuracy":
        shown = "%{y:.2f} %"
        values = [None if value is None else 100 * value for value in values]
    return {
        "type": "scatter",
        "x": where,
        "y": values,
        "xaxis": x_axis,
        "yaxis": y_axis,
        "hovertemplate": f"{shown}, {by.rstrip('s')} %{{x:,.4~r}}{unit}<extra>{label}</extra>",
    }


def _live_layout(lanes: Sequence[Curves], by: str) -> dict[str, Any]:
    x_axis = _x_axis(lanes, by)
    return {
        "uirevision": "live",
        "hovermode": "closest",
        "xaxis": {**x_axis, "domain": [0, 0.47], "anchor": "y"},
        "xaxis2": {**x_axis, "domain": [0.53, 1], "anchor": "y2", "matches": "x"},
        "yaxis": _loss_axis(lanes),
        "yaxis2": _accuracy_axis(lanes),
        "legend": LEGEND | DASHES,
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
