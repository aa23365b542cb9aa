"""Saved predictions: read, checked, searched for the images that runs err on."""

import numpy as np
import pytest

from core.runs import records
from core.runs.predictions import all_wrong, disagreements, load_test_sets
from support.made_runs import made_labels, make_finished_run


def test_predictions_of_another_kind_are_named(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch")
    path = records.run_dir(tmp_path, "one") / "test_labels.npy"
    np.save(path, np.zeros(2000, "datetime64[s]"))
    assert "does not hold a table" in load_test_sets(tmp_path, ["one"])[1]["one"]
    path.write_bytes(b"\x93NUMPY\x01\x00\x10\x00{'descr': '<f4', \n")
    assert "cannot be read" in load_test_sets(tmp_path, ["one"])[1]["one"]


def test_the_gallery_finds_what_runs_disagree_on_and_what_all_get_wrong(tmp_path):
    guesses = {"a": [0, 1, 2, 3, 9], "b": [0, 1, 5, 4, 9], "c": [0, 1, 5, 2, 9]}
    labels = np.array([0, 7, 2, 3, 9], np.uint8)
    for run, digits in guesses.items():
        make_finished_run(tmp_path, run, labels=made_labels(10), seed=ord(run))
        sure = 0.9 if run == "a" else 0.6
        table = np.full((5, 10), (1 - sure) / 9, np.float32)
        table[np.arange(5), digits] = sure
        np.save(tmp_path / run / "test_probabilities.npy", table)
        np.save(tmp_path / run / "test_labels.npy", labels)
    (test_set,), problems = load_test_sets(tmp_path, list(guesses))
    assert problems == {}
    assert disagreements(test_set).tolist() == [3, 2]  # three answers before two
    assert all_wrong(test_set).tolist() == [1]
    assert test_set.confidences()[:, 0] == pytest.approx([0.9, 0.6, 0.6])
