"""What is recorded of a training: events, clocks, validation, stops; NumPy trains on real digits."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from core import frameworks
from core.config import RunConfig
from core.data.datasets import prepare_data
from core.machine.processes import process_mark
from core.places import PROJECT
from core.runs import records
from core.runs.status import request_stop
from core.training import recorder as recording
from core.training.recorder import Clock, Events, Recorder
from core.training.scoring import Diverged, validate
from core.training.stopping import Stopped, look_for_stop, race_mark

CONFIG = RunConfig(
    framework="numpy_scratch", dataset="digits", filters=(2,), dense_units=4, epochs=2, train_size=100,
    batch_size=32, validation_size=20, threads=1, device="cpu",
)  # fmt: skip


@pytest.fixture(scope="module")
def data():
    return prepare_data(CONFIG)


@pytest.fixture
def framework():
    return frameworks.load("numpy_scratch")


@pytest.fixture
def recorder(tmp_path, data, framework):
    run = records.create_run(tmp_path, CONFIG, "a-race")
    return Recorder(
        Events(tmp_path, run),
        data.train,
        CONFIG.batch_size,
        validate=partial(validate, framework, data),
        look_for_stop=partial(look_for_stop, tmp_path, run, None),
    )


@pytest.fixture
def time_of_day(monkeypatch):
    """A clock that a test sets; seconds."""
    now = [100.0]
    monkeypatch.setattr(recording.time, "perf_counter", lambda: now[0])
    return now


def train(recorder, framework):
    model = framework.build(CONFIG.network, None, 0)
    framework.train(model, recorder.train, CONFIG, recorder)
    recorder.clock.pause()
    return model


def events_of(recorder, name):
    events, _ = records.read_events(recorder.events.artifacts, recorder.events.run)
    return [event for event in events if event["event"] == name]


def test_every_epoch_is_in_the_history_and_among_the_events(recorder, framework):
    train(recorder, framework)
    summary = recorder.summary()
    assert summary["epochs"] == 2
    assert {len(values) for values in summary["history"].values()} == {2}
    told = events_of(recorder, "epoch")
    assert [event["step"] for event in told] == [4, 8]  # 100 images in batches of 32
    assert [event["val_accuracy"] for event in told] == summary["history"]["val_accuracy"]
    assert summary["train_time_sec"] == recorder.clock.now() >= summary["history"]["seconds"][-1]


def test_without_validation_images_the_epochs_have_no_validation_scores(framework):
    nothing = prepare_data(CONFIG.model_copy(update={"validation_size": 0}))
    assert validate(framework, nothing, None) == {"val_loss": None, "val_accuracy": None}


def test_first_step_and_validation_are_counted_apart(time_of_day):
    clock = Clock(_began=time_of_day[0])
    time_of_day[0] += 7
    clock.first_step_done()
    time_of_day[0] += 2
    clock.pause()
    with clock.validation():
        time_of_day[0] += 5
    clock.resume()
    time_of_day[0] += 1
    assert clock.now() == 3
    clock.pause()
    time_of_day[0] += 50
    assert (clock.seconds, clock.first_step_s, clock.validation_s) == (3, 7, 5)


def test_speed_leaves_the_first_step_out_of_images_and_seconds(recorder, time_of_day):
    recorder.clock._began = time_of_day[0]
    time_of_day[0] += 60
    recorder.on_batch_end(1, 2.0, 0.1)
    assert recorder.images_per_second() is None
    for step in (2, 3, 4):
        time_of_day[0] += 0.5
        recorder.on_batch_end(step, 2.0, 0.1)
    assert recorder.images_per_second() == (100 - 32) / 1.5  # the last batch of the epoch is smaller


def test_batches_are_written_four_times_a_second_however_many_there_are(recorder, time_of_day):
    for step in range(1, 101):
        recorder.on_batch_end(step, 2.0, 0.1)
        time_of_day[0] += 1 / 64
    assert [event["step"] for event in events_of(recorder, "batch")] == [1, 17, 33, 49, 65, 81, 97]


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_loss_that_is_no_number_ends_the_training(recorder, loss):
    with pytest.raises(Diverged, match="loss is no longer"):
        recorder.on_batch_end(1, loss, 0.1)
    with pytest.raises(Diverged, match="loss is no longer"):
        recorder.on_epoch_end(0, loss, 0.1, None)


def test_answers_that_are_no_numbers_end_the_training(framework, data):
    model = framework.build(CONFIG.network, None, 0)
    weights = [np.full_like(array, np.nan) for array in framework.get_weights(model)]
    with pytest.raises(Diverged, match="answers are no longer"), np.errstate(all="ignore"):
        validate(framework, data, framework.build(CONFIG.network, weights, 0))


def test_run_that_is_asked_to_stop_ends_after_the_step(recorder, framework):
    request_stop(recorder.events.artifacts, recorder.events.run)
    with pytest.raises(Stopped, match="by the visitor"):
        train(recorder, framework)
    assert recorder.step == 1


def test_run_ends_when_its_race_is_gone(tmp_path):
    run = records.create_run(tmp_path, CONFIG, "a-race")
    assert race_mark(tmp_path, run) is None
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as race:
        records.append_event(tmp_path, run, "queued", **process_mark(race.pid))
        mark = race_mark(tmp_path, run)
        look_for_stop(tmp_path, run, mark)
        race.communicate(b"\n")
    with pytest.raises(Stopped, match="race that it belonged to is gone"):
        look_for_stop(tmp_path, run, mark)


def test_phase_is_announced_before_and_timed_after(tmp_path, time_of_day):
    run = records.create_run(tmp_path, CONFIG, "a-race")
    timing = {}
    with Events(tmp_path, run).phase("build", timing):
        time_of_day[0] += 4
        events, _ = records.read_events(tmp_path, run)
        assert [(event["event"], event["phase"]) for event in events] == [("phase", "build")]
    assert timing == {"build_s": 4}


def test_recording_loads_nothing_that_a_framework_would_pay_for():
    code = "import sys, core.training.run; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    slow = {
        "sklearn",
        "scipy",
        "pandas",
        "torch",
        "tensorflow",
        "keras",
        "cv2",
        "plotly",
        "streamlit",
        "rich",
    }
    assert not slow & set(output.stdout.split())
