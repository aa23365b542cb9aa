"""Accuracy over bytes: the front, names that share a place, marks that nobody needs colour for."""

import pytest

from core.charts.colours import GREY, paint
from core.charts.figure import alt
from core.charts.pareto import SYMBOLS, Mark, pareto_chart

OWN = [
    Mark("PyTorch · a · as trained", 828_000, 0.9953, framework="pytorch"),
    Mark("PyTorch · a · ONNX", 828_000, 0.9953, framework="pytorch"),
    Mark("PyTorch · a · C, 8 bits", 207_000, 0.9952, "8 bits", "pytorch"),
    Mark("NumPy · b · C, 4 bits", 103_000, 0.9947, "4 bits", "numpy_scratch"),
    Mark("NumPy · b · C, 8 bits", 207_000, 0.9940, "8 bits", "numpy_scratch"),
]
OTHERS = [Mark("a small one", 5_400, 0.9906), Mark("a good one", 11_300, 0.9955)]


@pytest.fixture(scope="module")
def figure():
    return pareto_chart(OWN, OTHERS)


def trace(figure, name):
    return next(one for one in figure.data if one.name and name in one.name)


def test_the_front_holds_what_nothing_here_beats(figure):
    front = trace(figure, "unbeaten")
    assert [round(x, -3) for x in front.x] == [
        103_000,
        195_000,
        828_000,
    ]  # of two that share a place the left
    assert list(front.y) == pytest.approx([99.47, 99.52, 99.53])
    said = alt(figure)
    assert said.startswith("Unbeaten here in both: NumPy · b · C, 4 bits (103 kB, 99.47 %), ")
    assert said.endswith("published networks are smaller, the most accurate: a good one (11.3 kB, 99.55 %).")


def test_models_at_one_place_are_one_mark_with_both_names(figure):
    silk = trace(figure, "PyTorch")
    assert list(silk.customdata[0]) == ["PyTorch · a · as trained<br>PyTorch · a · ONNX", "828 kB"]
    assert list(silk.marker.symbol) == [SYMBOLS["float"], SYMBOLS["8 bits"]]
    assert set(silk.text) == {"<b>1</b>"}
    assert silk.marker.color == paint("pytorch")


def test_published_points_are_grey_and_the_axis_counts_bytes(figure):
    assert trace(figure, "published").marker.line.color == GREY
    axis = figure.layout.xaxis
    assert axis.type == "log"
    assert {"5 kB", "10 kB", "100 kB", "1 MB"} <= set(axis.ticktext)


def test_one_model_alone_is_drawn_too():
    assert alt(pareto_chart(OWN[:1])) == "Unbeaten here in both: PyTorch · a · as trained (828 kB, 99.53 %)."
