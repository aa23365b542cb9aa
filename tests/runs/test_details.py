"""What only one run has: its learning curve, its confusion matrix."""

import math

import pytest

from core.runs import records
from core.runs.details import read_details
from support.made_runs import make_finished_run, read_results


def test_numbers_without_end_cost_only_themselves(tmp_path):
    huge = "1" + "0" * 400
    text = f'{{"framework": "mine", "test_accuracy": 0.9, "confusion": [[{huge}]], '
    (tmp_path / "big_metrics.json").write_text(text + f'"history": {{"epoch": [{huge}]}}}}')
    assert list(read_results(tmp_path).frame.index) == ["big"]
    details = read_details(tmp_path, "big")
    assert set(details.problems) == {"history", "confusion"}


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        (None, "no learning curve"),
        ("rising", "no learning curve"),
        ({"epoch": []}, "no learning curve"),
        ({"epoch": [0, 1], "loss": [1.0]}, "different lengths"),
        ({"epoch": [0, 1], "loss": "low"}, "different lengths"),
        ({"epoch": [0], "loss": ["low"]}, "something else than numbers"),
        ({"epoch": 5}, "different lengths"),
    ],
)
def test_a_broken_history_costs_only_the_learning_curve(tmp_path, history, reason):
    metrics = make_finished_run(tmp_path, "one")
    records.write_json(records.metrics_path(tmp_path, "one"), {**metrics, "history": history})
    found = read_details(tmp_path, "one")
    assert found.history is None
    assert reason in found.problems["history"]
    assert found.confusion is not None
    assert list(read_results(tmp_path).frame.run) == ["one"]


@pytest.mark.parametrize("confusion", [None, [], [[1, 2]], [[1, -2], [0, 1]], [["a", 1], [1, 1]], {"a": 1}])
def test_a_broken_confusion_matrix_costs_only_itself(tmp_path, confusion):
    metrics = make_finished_run(tmp_path, "one")
    records.write_json(records.metrics_path(tmp_path, "one"), {**metrics, "confusion": confusion})
    found = read_details(tmp_path, "one")
    assert found.confusion is None
    assert "confusion" in found.problems["confusion"]
    assert found.history is not None
    assert math.isnan(read_results(tmp_path).frame.accuracy_low["one"])
