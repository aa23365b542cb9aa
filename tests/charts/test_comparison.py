"""The figures of a comparison, over the reference runs: silks, one order, and the findings in words."""

import numpy as np
import pytest

from core.charts import comparison as charts
from core.charts import errors, learning
from core.charts.colours import SILKS, paint, silk
from core.charts.figure import alt
from core.comparison.compare import compare_runs
from core.comparison.results import ResultsReader
from core.runs.details import read_details
from support.made_runs import copy_reference_runs

NAMES = ["PyTorch", "TensorFlow", "Keras", "scikit-learn", "NumPy"]
NUMBERED = [f"<b>{number}</b> {name}" for number, name in enumerate(NAMES, start=1)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return copy_reference_runs(tmp_path_factory.mktemp("reference") / "artifacts")


@pytest.fixture(scope="module")
def comparison(folder):
    frame = ResultsReader(folder).read().frame
    return compare_runs(folder, frame[frame.run.str.endswith("small-cnn")])


@pytest.fixture(scope="module")
def histories(folder, comparison):
    return {run: read_details(folder, run).history for run in comparison.frame.run}


def test_rows_stand_in_the_order_of_the_numbers(comparison):
    for draw in (charts.accuracy_chart, charts.time_chart, charts.size_chart):
        figure = draw(comparison.frame, comparison.rows())
        assert list(figure.layout.yaxis.categoryarray) == NUMBERED[::-1], draw  # upwards


def test_every_line_wears_its_frameworks_silk(comparison, histories):
    rows = comparison.rows()
    lines = comparison.frameworks_of(rows)
    figure = learning.curves_chart(histories, rows, lines, "val_accuracy", "epoch")
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == NUMBERED
    for trace, framework in zip(figure.data, SILKS, strict=True):
        assert (trace.line.color, trace.line.dash) == (paint(framework), silk(framework).dash or "solid")
    reliability = errors.calibration_chart(comparison.calibrations, lines)
    assert [trace.line.dash for trace in reliability.data[1:]] == [trace.line.dash for trace in figure.data]


def test_a_run_alone_on_its_line_carries_its_number(comparison):
    for draw in (charts.accuracy_chart, charts.trade_chart):
        discs = [
            trace for trace in draw(comparison.frame, comparison.rows()).data if trace.mode == "markers+text"
        ]
        assert [trace.text[0] for trace in discs] == [f"<b>{number}</b>" for number in range(1, 6)]


def test_figures_say_what_they_show(comparison, histories):
    rows, frame = comparison.rows(), comparison.frame
    lines = comparison.frameworks_of(rows)
    assert alt(charts.accuracy_chart(frame, rows)).endswith("All their intervals overlap.")
    fastest = rows[frame.set_index("run").train_time_sec.idxmin()]
    assert alt(charts.time_chart(frame, rows)).startswith(f"Training: {fastest} ")
    assert "PyTorch" in alt(charts.trade_chart(frame, rows))
    assert "Code lines: TensorFlow " in alt(charts.size_chart(frame, rows))
    curves = learning.curves_chart(histories, rows, lines, "val_accuracy", "epoch")
    assert alt(curves).startswith("At the end, validation accuracy: PyTorch 9")
    targets = learning.target_chart(learning.target_table(histories, rows), lines)
    assert alt(targets).startswith("Seconds of training to 97 %: PyTorch ")


def test_figures_of_mistakes_say_which(comparison):
    confusion = np.array([[8, 2], [1, 9]])
    assert alt(errors.confusion_chart(confusion, "pytorch", ["zero", "one"])) == (
        "17 of 20 right. Taken most often: zero for one 2 times, one for zero 1 times."
    )
    scores = {"PyTorch": np.array([0.99, 0.97]), "Own": np.array([np.nan, np.nan])}
    figure = errors.class_chart(scores, {"PyTorch": "pytorch", "Own": "zig"}, ["zero", "one"])
    assert alt(figure) == "Hardest class: one for PyTorch (97.00 %)."
    lines = comparison.frameworks_of(comparison.rows())
    assert "PyTorch is 9" in alt(errors.calibration_chart(comparison.calibrations, lines))


def test_figures_of_times_are_empty_when_none_counts(comparison):
    for draw in (charts.time_chart, charts.trade_chart):
        figure = draw(comparison.frame.iloc[:0], comparison.rows())
        assert alt(figure) == "No run has a time that counts."


def test_lines_of_one_framework_differ_in_symbol(comparison, histories):
    own = {run: f"run {number}" for number, run in enumerate(histories)}  # five
    figure = learning.curves_chart(histories, own, dict.fromkeys(own.values(), "pytorch"), "loss", "seconds")
    assert len({trace.marker.symbol for trace in figure.data}) == len(own)


def test_unbeaten_are_those_that_nobody_beats_in_both():
    times, accuracies = np.array([3.0, 1.0, 2.0]), np.array([0.99, 0.97, 0.96])
    assert charts.unbeaten(times, accuracies).tolist() == [1, 0]
