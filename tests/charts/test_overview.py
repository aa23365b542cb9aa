"""The figures of the start page; `go.Figure` checks each by Plotly's own schema."""

import math

import plotly.graph_objects as go
import pytest

from core.charts import colours, overview
from core.charts.figure import alt


def test_newest_results_show_the_interval_where_it_is_known():
    row = {"framework": "pytorch", "train_time_sec": 20.0, "test_accuracy": 0.98}
    unknown = {"accuracy_low": float("nan"), "accuracy_high": float("nan")}
    rows = [
        row | {"accuracy_low": 0.97, "accuracy_high": 0.985},
        row | unknown | {"train_time_sec": 30.0, "test_accuracy": 0.99},
        row | unknown | {"framework": "keras_fit"},
    ]
    figure = go.Figure(overview.accuracy_and_time(rows, {"pytorch": "PyTorch"}))
    dot, bar, other, _ = figure.data
    assert (list(dot.x), list(dot.y)) == ([98.0, 99.0], ["<b>1</b> PyTorch"] * 2)
    assert (list(bar.x), list(bar.y)) == ([25.0], ["<b>1</b> PyTorch"])  # one bar, the mean
    assert figure.layout.xaxis2.title.text.startswith("mean")
    assert list(dot.error_x.array) == pytest.approx([0.5, math.nan], nan_ok=True)
    assert list(dot.error_x.arrayminus) == pytest.approx([1.0, math.nan], nan_ok=True)
    assert math.isnan(other.error_x.array[0])
    assert {dot.marker.color, bar.marker.color} == {colours.paint("pytorch")}
    assert (
        alt(figure)
        == "Test accuracy and training time: PyTorch 98.50 % in 25.0 s, keras_fit 98.00 % in 20.0 s."
    )


def test_class_counts_stack_training_and_test_images():
    figure = go.Figure(overview.class_counts(["0", "1"], [10, 20], [1, 2]))
    assert [list(trace.y) for trace in figure.data] == [[10, 20], [1, 2]]
    assert figure.layout.barmode == "stack"
    assert alt(figure) == "2 classes with 11 to 22 images each."
