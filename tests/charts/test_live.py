"""The live chart: valid for Plotly, whose `go.Figure` checks each figure, and steady from tick to tick."""

from dataclasses import dataclass, field

import plotly.graph_objects as go
import pytest

from core.charts import colours, live
from core.charts.figure import alt


@dataclass
class Run:
    run: str
    framework: str
    seed: int = 0
    total_steps: int | None = 100
    train: dict = field(
        default_factory=lambda: {
            "step": [1, 50, 100], "seconds": [0.1, 5, 10],
            "loss": [2.3, 0.4, 0.1], "accuracy": [0.1, 0.9, 0.97],
        }
    )  # fmt: skip
    validation: dict = field(
        default_factory=lambda: {
            "step": [50, 100], "seconds": [5, 10], "val_loss": [0.3, 0.2], "val_accuracy": [0.93, 0.96],
        }
    )  # fmt: skip


def empty(run: str, framework: str) -> Run:
    series = {"step": [], "seconds": []}
    train, validation = series | {"loss": [], "accuracy": []}, series | {"val_loss": [], "val_accuracy": []}
    return Run(run, framework, 0, None, train, validation)


@pytest.mark.parametrize("by", ["step", "seconds"])
def test_every_run_has_four_curves_in_its_colour(by):
    runs = [Run("a", "pytorch"), Run("b", "keras_fit")]
    figure = go.Figure(live.live_figure(runs, {"pytorch": "PyTorch"}, by))
    for run in runs:
        curves = [trace for trace in figure.data if trace.legendgroup == run.framework]
        assert [(trace.xaxis, trace.mode) for trace in curves] == [
            ("x", "lines"), ("x", "lines+markers"), ("x2", "lines"), ("x2", "lines+markers"),
        ]  # fmt: skip
        assert {trace.line.color for trace in curves} == {colours.paint(run.framework)}
        assert {trace.line.dash for trace in curves} == {colours.silk(run.framework).dash or "solid"}
        assert [trace.showlegend for trace in curves].count(True) == 1
        assert list(curves[0].x) == run.train[by]
        assert list(curves[3].y) == [93.0, 96.0]  # per cent


def test_what_plotly_keeps_by_stays_the_same_from_tick_to_tick():
    earlier = live.live_figure([empty("a", "pytorch"), empty("b", "keras_fit")], {})
    later = live.live_figure([Run("a", "pytorch"), Run("b", "keras_fit")], {})
    assert [trace["uid"] for trace in earlier["data"]] == [trace["uid"] for trace in later["data"]]
    assert earlier["layout"]["uirevision"] == later["layout"]["uirevision"]
    assert earlier["layout"]["xaxis"]["uirevision"] == later["layout"]["xaxis"]["uirevision"]


def test_another_unit_forgets_the_zoom_of_the_time_axis_alone():
    by_step, by_second = (live.live_figure([Run("a", "pytorch")], {}, by) for by in ("step", "seconds"))
    assert by_step["layout"]["uirevision"] == by_second["layout"]["uirevision"]
    assert by_step["layout"]["xaxis"]["uirevision"] != by_second["layout"]["xaxis"]["uirevision"]


def test_seeds_share_an_entry_of_the_legend_and_differ_in_symbol_and_hover():
    figure = go.Figure(
        live.live_figure([Run("a", "pytorch", 0), Run("b", "pytorch", 7)], {"pytorch": "PyTorch"})
    )
    first, second = figure.data[-8], figure.data[-4]
    assert "<extra>PyTorch, seed 0, training</extra>" in first.hovertemplate
    assert "<extra>PyTorch, seed 7, training</extra>" in second.hovertemplate
    assert figure.data[-7].marker.symbol != figure.data[-3].marker.symbol  # validation
    curves = [trace for trace in figure.data if trace.legendgroup == "pytorch"]
    assert [trace.name for trace in curves if trace.showlegend] == [
        "<b>1</b> PyTorch"
    ]  # one entry hides them all


def test_frameworks_stand_in_the_order_of_their_numbers():
    figure = live.live_figure([Run("a", "numpy_scratch"), Run("b", "pytorch")], {"pytorch": "PyTorch"})
    shown = [trace["name"] for trace in figure["data"] if trace.get("showlegend")]
    assert shown == ["<b>1</b> PyTorch", "<b>5</b> numpy_scratch"]


def test_smoothing_is_the_moving_average_of_tensorboard():
    assert live.smoothed([4.0, None, 2.0, 2.0], 0.5) == [
        4.0,
        None,
        pytest.approx(8 / 3),
        pytest.approx(16 / 7),
    ]
    assert live.smoothed([0.3, 0.2], 0) == [0.3, 0.2]


def test_smoothed_curves_have_what_they_were_behind_them():
    run = Run("a", "pytorch")
    figure = go.Figure(live.live_figure([run], {}, smoothing=0.9))
    smooth, before, validation = (trace for trace in figure.data if trace.uid.startswith("a loss"))
    assert list(smooth.y) == live.smoothed(run.train["loss"], 0.9)
    assert (list(before.y), before.opacity, before.showlegend) == (run.train["loss"], 0.25, False)
    assert list(validation.y) == run.validation["val_loss"]


def test_the_chart_says_how_far_the_runs_are():
    assert alt(live.live_figure([Run("a", "pytorch")], {"pytorch": "PyTorch"})) == (
        "Validation accuracy so far: PyTorch 96.00 %."
    )
    assert alt(live.live_figure([empty("a", "pytorch")], {})) == "No epoch has ended yet."


def test_race_without_a_point_has_axes_with_sensible_ends():
    layout = go.Figure(live.live_figure([empty("a", "pytorch")], {})).layout
    assert tuple(layout.xaxis.range) == (0, 1)
    assert layout.yaxis2.range[0] == 0
    assert live.live_figure([], {})["layout"]


@pytest.mark.parametrize(
    ("values", "floor"),
    [([], 0.0), ([0.1] * 5, 0.0), ([0.1, *[0.93] * 20], 0.9), ([0.1, *[0.6] * 20], 0.5), ([0.99] * 9, 0.95)],
)
def test_accuracy_axis_begins_where_nearly_all_points_are(values, floor):
    run = empty("a", "pytorch")
    run.train["accuracy"] = values
    run.validation["val_accuracy"] = [None]
    assert live.accuracy_floor([run]) == floor
