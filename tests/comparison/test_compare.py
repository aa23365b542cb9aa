"""Runs side by side: which are paired, and what happens to those without predictions."""

import numpy as np
import pytest

from core.comparison.compare import MOST_RUNS, compare_runs, cut_note
from core.comparison.findings import findings
from core.runs import records
from support.made_runs import FRAMEWORKS, made_labels, make_finished_race, make_finished_run, read_results


def test_seeds_without_predictions_are_not_offered_for_pairing(tmp_path):
    make_finished_race(tmp_path, (0, 1))
    for run in read_results(tmp_path).frame.query("seed == 0").index:
        (records.run_dir(tmp_path, run) / "test_probabilities.npy").unlink()
    comparison = compare_runs(tmp_path, read_results(tmp_path).frame)
    assert comparison.paired_seeds == [1]
    assert len(comparison.run_tests()) == 10
    assert comparison.run_tests(0) == []


def test_a_large_group_keeps_every_framework(tmp_path):
    make_finished_race(tmp_path, range(14), labels=made_labels(100))
    frame = read_results(tmp_path).frame
    comparison = compare_runs(tmp_path, frame)
    assert comparison.frame.framework.value_counts().to_dict() == dict.fromkeys(FRAMEWORKS, 12)
    assert "60 of these 70 runs" in cut_note(len(frame))
    assert cut_note(60) == ""


def test_times_without_a_machine_are_never_ranked(tmp_path):
    for run, framework in (("one", "pytorch"), ("two", "keras_fit")):
        metrics = make_finished_run(tmp_path, run, framework)
        records.write_json(records.metrics_path(tmp_path, run), {**metrics, "environment": {"threads": 2}})
    comparison = compare_runs(tmp_path, read_results(tmp_path).frame)
    assert not comparison.same_machine


def test_a_repeated_race_does_not_pair_a_run_with_its_repetition(tmp_path):
    make_finished_race(tmp_path)
    make_finished_race(tmp_path, prefix="20261121-100000")
    comparison = compare_runs(tmp_path, read_results(tmp_path).frame)
    assert len(comparison.frame) == 10
    assert len(comparison.one_seed().probabilities) == 5


def test_only_so_many_runs_are_compared_at_once(tmp_path):
    for seed in range(MOST_RUNS + 5):
        make_finished_run(tmp_path, f"run-{seed}", seed=seed, labels=made_labels(20))
    assert len(compare_runs(tmp_path, read_results(tmp_path).frame).frame) == MOST_RUNS


def _damage(folder, how: str) -> None:
    path = folder / "test_probabilities.npy"
    table = np.load(path)
    match how:
        case "missing":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(path.read_bytes()[:500])
        case "rubbish":
            path.write_bytes(b"\x93NUMPY\x01\x00 rubbish that is no header at all" * 9)
        case "pickle":
            np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
        case "nan":
            np.save(path, np.full_like(table, np.nan))
        case "short":
            np.save(path, table[:-1])
        case "flat":
            np.save(path, table[:, 0])
        case "scalar":
            np.save(path, np.float32(1))
        case "no labels":
            (folder / "test_labels.npy").unlink()
        case "strange labels":
            np.save(folder / "test_labels.npy", np.full(len(table), 77, np.uint8))


@pytest.mark.parametrize(
    "how",
    [
        "missing",
        "empty",
        "cut",
        "rubbish",
        "pickle",
        "nan",
        "short",
        "flat",
        "scalar",
        "no labels",
        "strange labels",
    ],
)
def test_broken_predictions_take_out_only_their_own_statistics(tmp_path, how):
    runs = make_finished_race(tmp_path)
    _damage(tmp_path / runs[0], how)
    comparison = compare_runs(tmp_path, read_results(tmp_path).frame)
    assert list(comparison.without_predictions) == [runs[0]]
    assert "test_" in comparison.without_predictions[runs[0]]
    assert len(comparison.one_seed().probabilities) == 4
    assert len(comparison.ranking()) == 5
    assert "Not tested" in findings(comparison)[0].detail


def test_runs_with_other_test_labels_are_never_paired(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch", labels=made_labels(500, 1))
    make_finished_run(tmp_path, "two", "keras_fit", labels=made_labels(500, 2))
    make_finished_run(tmp_path, "three", "numpy_scratch", labels=made_labels(500, 1))
    comparison = compare_runs(tmp_path, read_results(tmp_path).frame)
    assert [sorted(found.probabilities) for found in comparison.test_sets] == [["one", "three"], ["two"]]
    assert {test.first for test in comparison.run_tests()} <= {"one", "three"}
    assert len(comparison.run_tests()) == 1
