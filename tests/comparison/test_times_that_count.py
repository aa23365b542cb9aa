"""Runs on a busy machine and runs that did not learn: shown everywhere, in no ranking of times."""

import json
import math
import subprocess
import sys

import pytest

from core.comparison.compare import compare_runs
from core.comparison.findings import findings
from core.comparison.results import ResultsReader, public_rows
from core.comparison.tables import ranking_table, run_table
from core.export.report import build_report
from core.places import PROJECT
from core.runs import records
from core.runs.metrics import read_row
from support.made_runs import make_finished_run

WHY = "The loss rose to 8.1e9 in the first epoch: the learning rate of 10 is far too high. Try 0.01."
LOST = {"learned": False, "diagnosis": WHY, "remedy": {"learning_rate": 0.01}}


def write(artifacts, run, framework, seconds, **told):
    metrics = make_finished_run(artifacts, run, framework, seed=told.pop("seed", 0))
    path = records.metrics_path(artifacts, run)
    records.write_json(path, {**metrics, "train_time_sec": seconds, **told})


def compared(artifacts):
    return compare_runs(artifacts, ResultsReader(artifacts).read().frame)


def speed(artifacts):
    return next(item for item in findings(compared(artifacts)) if item.question == "Fastest training")


def test_a_busy_run_is_shown_but_its_times_are_not_ranked(tmp_path):
    write(tmp_path, "torch", "pytorch", 10.0, busy=False)
    write(tmp_path, "keras", "keras_fit", 20.0)  # an older record: it does not say
    write(tmp_path, "numpy", "numpy_scratch", 1.0, busy=True)
    comparison = compared(tmp_path)
    ranking = comparison.ranking()
    assert comparison.untimed == {"numpy": "the machine was busy"}
    assert set(ranking.index) == {"pytorch", "keras_fit", "numpy_scratch"}  # accuracy ranks all three
    assert ranking.train_time_sec.dropna().to_dict() == {"pytorch": 10.0, "keras_fit": 20.0}
    assert math.isnan(ranking.images_per_second["numpy_scratch"])
    found = speed(tmp_path)
    assert found.answer == "PyTorch, 10.0 s"
    assert found.detail == "Keras takes 2.0 times as long. Not ranked by time: 1 run (the machine was busy)."
    assert "finished, the machine was busy" in set(run_table(comparison.frame).status)


def test_a_run_that_did_not_learn_wins_no_race(tmp_path):
    write(tmp_path, "tape", "tensorflow_tape", 1.0, **LOST)
    write(tmp_path, "torch", "pytorch", 10.0, learned=True, diagnosis=None)
    assert speed(tmp_path).answer == "PyTorch, 10.0 s"
    assert "did not learn" in speed(tmp_path).detail


def test_where_no_run_learned_nobody_is_most_accurate(tmp_path):
    write(tmp_path, "tape", "tensorflow_tape", 1.0, **LOST)
    accuracy = findings(compared(tmp_path))[0]
    assert (accuracy.answer, accuracy.detail) == ("Nobody", "No run here learned.")
    write(tmp_path, "torch", "pytorch", 10.0, learned=True, diagnosis=None)
    assert "Nobody" not in findings(compared(tmp_path))[0].answer


def test_nobody_is_fastest_where_no_time_counts(tmp_path):
    write(tmp_path, "tape", "tensorflow_tape", 1.0, busy=True)
    write(tmp_path, "torch", "pytorch", 10.0, busy=True, **LOST)
    found = speed(tmp_path)
    assert (found.answer, found.framework) == ("Not ranked", None)
    assert found.detail == (
        "No time counts: 1 run (did not learn, the machine was busy) and 1 run (the machine was busy)."
    )


@pytest.mark.parametrize(
    ("seconds", "answer"),
    [
        (13.9, "Photo finish: PyTorch and TensorFlow, too close to call"),
        (14.1, "PyTorch, 10.0 s"),
    ],
)
def test_single_times_need_to_lie_far_apart(tmp_path, seconds, answer):
    write(tmp_path, "torch", "pytorch", 10.0)
    write(tmp_path, "tape", "tensorflow_tape", seconds)
    write(tmp_path, "numpy", "numpy_scratch", 50.0)
    found = speed(tmp_path)
    assert found.answer == answer
    assert (found.framework is None) == answer.startswith("Photo finish")
    assert "NumPy takes 5.0 times as long." in found.detail
    assert "oo close to tell" not in found.detail


def test_repeats_of_one_seed_count_as_repeats_and_show_minimum_and_range(tmp_path):
    for turn, (torch, keras) in enumerate([(10.0, 14.0), (10.4, 14.5), (10.2, 14.2)]):
        write(tmp_path, f"torch-{turn}", "pytorch", torch)
        write(tmp_path, f"keras-{turn}", "keras_fit", keras)
    comparison = compared(tmp_path)
    (test,) = comparison.time_tests
    assert (test.seeds, test.real) == (3, True)
    found = speed(tmp_path)
    assert found.answer == "PyTorch, 10.0 s"
    assert "The fastest of 3 runs, 10.0 to 10.4 s." in found.detail
    table = ranking_table(comparison.ranking())
    assert table.loc["keras_fit", ["train time", "range of times"]].tolist() == ["14.0 s", "14.0 to 14.5 s"]


def test_a_difference_that_a_drifting_machine_makes_is_none(tmp_path):
    """All of one first, then all of the other: a few per cent, hardly any spread."""
    for turn in range(4):
        write(tmp_path, f"torch-{turn}", "pytorch", 10.0 + 0.01 * turn)
        write(tmp_path, f"keras-{turn}", "keras_fit", 10.8 + 0.01 * turn)
    (test,) = compared(tmp_path).time_tests
    assert test.p < 0.001
    assert not test.real
    assert speed(tmp_path).answer == "Photo finish: PyTorch and Keras, too close to call"


def test_the_table_carries_the_keys(tmp_path):
    write(tmp_path, "numpy", "numpy_scratch", 1.0, busy=True, **LOST)
    write(tmp_path, "old", "pytorch", 2.0)
    rows = {row["run"]: row for row in public_rows(ResultsReader(tmp_path).read().frame)}
    assert (rows["numpy"]["busy"], rows["numpy"]["learned"], rows["numpy"]["diagnosis"]) == (True, False, WHY)
    assert (rows["old"]["busy"], rows["old"]["learned"], rows["old"]["diagnosis"]) == (None, None, None)


@pytest.mark.parametrize("told", [{"busy": "yes"}, {"learned": 1}, {"diagnosis": ["x"]}])
def test_a_word_where_true_or_false_belongs_is_refused(tmp_path, told):
    write(tmp_path, "odd", "pytorch", 1.0, **told)
    with pytest.raises(records.RecordError, match=next(iter(told))):
        read_row(records.metrics_path(tmp_path, "odd"))


def test_the_report_says_which_times_do_not_count(tmp_path):
    write(tmp_path, "torch", "pytorch", 10.0)
    write(tmp_path, "numpy", "numpy_scratch", 1.0, busy=True)
    write(tmp_path, "tape", "tensorflow_tape", 1.0, **LOST)
    page = build_report(tmp_path, compared(tmp_path))
    for words in ("finished, the machine was busy", "finished, did not learn", "Not ranked by time: ", WHY):
        assert words in page


def test_the_report_of_busy_runs_alone_is_written(tmp_path):
    write(tmp_path, "torch", "pytorch", 10.0, busy=True)
    write(tmp_path, "numpy", "numpy_scratch", 1.0, busy=True)
    assert "Not ranked" in build_report(tmp_path, compared(tmp_path))


def test_the_command_line_says_it_too(tmp_path):
    write(tmp_path, "torch", "pytorch", 10.0)
    write(tmp_path, "numpy", "numpy_scratch", 1.0, busy=True)
    write(tmp_path, "tape", "tensorflow_tape", 1.0, **LOST)
    command = [sys.executable, "-m", "core", "compare", "--artifacts", str(tmp_path)]

    def compare(*options):
        done = subprocess.run([*command, *options], cwd=PROJECT, capture_output=True, text=True, check=True)
        return done.stdout

    text = compare()
    assert "numpy is not ranked by time: the machine was busy. Race again: python -m core race" in text
    assert f"tape is not ranked by time: did not learn. {WHY}" in text
    found = json.loads(compare("--format", "json"))
    (group,) = found["groups"]
    assert group["not_ranked_by_time"] == {"numpy": "the machine was busy", "tape": "did not learn"}
    assert {row["framework"]: row["train_time_sec"] for row in group["ranking"]} == {
        "pytorch": 10.0,
        "numpy_scratch": None,
        "tensorflow_tape": None,
    }
    assert "busy,learned,diagnosis" in compare("--format", "csv").splitlines()[0]
