"""The Start page without a browser: nothing yet, the last race, the data."""

import json
import os

import pytest

from support.app_test import open_page
from support.made_events import make_ended_race
from support.made_runs import make_finished_run

MNIST = os.environ.get("DIGIT_DERBY_DATA")


def test_start_page_leads_on_when_there_is_nothing_yet(artifacts):
    app = open_page("start.py")
    assert "No race has finished yet" in app.info[0].value
    assert any("Digits" in header.value for header in app.header)  # MNIST is not there


def test_start_page_shows_the_last_race(artifacts):
    make_ended_race(artifacts, "finished", "finished")
    app = open_page("start.py")
    assert not app.exception
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert {trace["y"][0] for trace in chart["data"]} == {"<b>1</b> PyTorch", "<b>5</b> NumPy"}
    assert app.dataframe[0].value["Test accuracy"].tolist() == ["97.00 %", "97.00 %"]


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
    assert any("MNIST" in header.value for header in app.header)
    assert any("60,000 training" in caption.value for caption in app.caption)
