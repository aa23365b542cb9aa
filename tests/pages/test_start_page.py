"""The Start page without a browser: nothing yet, the last race, the data."""

import json
import os

import pytest

from core.runs import records
from pages.components.newest import newest_results
from support.app_test import open_page
from support.made_events import make_ended_race
from support.made_runs import make_finished_run

MNIST = os.environ.get("DIGIT_DERBY_DATA")


def test_start_page_leads_on_when_there_is_nothing_yet(artifacts):
    app = open_page("start.py")
    assert "No race has finished yet" in app.info[0].value
    assert any("Digits" in header.value for header in app.subheader)  # MNIST is not there


def test_start_page_shows_the_last_race(artifacts):
    make_ended_race(artifacts, "finished", "finished")
    app = open_page("start.py")
    assert not app.exception
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert {trace["y"][0] for trace in chart["data"]} == {"NumPy", "PyTorch"}
    assert app.dataframe[0].value["Test accuracy"].tolist() == ["97.00 %", "97.00 %"]


def test_a_race_stopped_before_its_first_epoch_is_not_the_newest_result(artifacts):
    make_finished_run(artifacts, "reference-pytorch-small-cnn")
    metrics = make_finished_run(artifacts, "20261120-100000-keras_fit-small-cnn-s0", "keras_fit")
    stopped = {**metrics, "status": "stopped", "epochs": 0, "train_time_sec": 0.1}
    records.write_json(records.metrics_path(artifacts, metrics["run"]), stopped)
    newest = newest_results()
    assert newest is not None
    assert list(newest.runs) == ["reference-pytorch-small-cnn"]


def test_start_page_shows_the_reference_runs_before_the_first_race(artifacts):
    for framework in ("pytorch", "keras_fit"):
        make_finished_run(artifacts, f"reference-{framework}-small-cnn", framework)
        make_finished_run(artifacts, f"reference-{framework}-small-cnn-augmented", framework, augment=True)
    app = open_page("start.py")
    assert not app.exception
    assert any("Reference runs" in caption.value for caption in app.caption)
    assert sorted(app.dataframe[0].value["Framework"]) == ["Keras", "PyTorch"]


def test_start_page_shows_mnist_when_it_is_there(artifacts, monkeypatch):
    if not MNIST:
        pytest.skip("DIGIT_DERBY_DATA is not set: no MNIST to show")
    monkeypatch.setenv("DIGIT_DERBY_DATA", MNIST)
    app = open_page("start.py")
    assert any("MNIST" in header.value for header in app.subheader)
    assert any("60,000 training" in caption.value for caption in app.caption)
