"""What is recorded of a training: events, clocks, validation, stops; NumPy trains on real digits."""

import subprocess
import sys
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from core import frameworks
from core.config import RunConfig
from core.data.datasets import prepare_data
from core.machine.processes import process_mark
from core.places import PROJECT
from core.runs import records
from core.runs.curves import SERIES, read_curve
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
        CONFIG.epochs,
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


def hear(recorder, losses, per_epoch, batch_size=10):
    """Tells the recorder what an exhibit would: running means of `losses`, one a step, all answers right."""
    for step, _ in enumerate(losses, 1):
        epoch_began = (step - 1) // per_epoch * per_epoch
        recorder.on_batch_end(step, np.mean(losses[epoch_began:step], dtype=np.float32), np.float32(1))


@pytest.fixture
def long_recorder(recorder):
    """Two epochs of 50 steps with ten images each."""
    train = SimpleNamespace(x_train=np.empty((500, 1)), steps_per_epoch=50)
    return replace(recorder, train=train, batch_size=10, epochs=2, clock=Clock(), curve=empty_curve())


def empty_curve():
    return {name: [] for name in SERIES}


def test_points_are_means_over_the_steps_since_the_last_one(long_recorder):
    losses = np.linspace(2, 0.1, 100)
    hear(long_recorder, losses, per_epoch=50)
    points = events_of(long_recorder, "batch")
    assert [point["step"] for point in points] == [25, 50, 75, 100]  # none reaches over an epoch's end
    expected = losses.reshape(4, 25).mean(axis=1)
    assert [point["loss"] for point in points] == pytest.approx(expected, abs=1e-5)
    assert [point["accuracy"] for point in points] == [1, 1, 1, 1]


def test_result_keeps_the_curve_that_was_recorded(long_recorder):
    hear(long_recorder, np.linspace(2, 0.1, 100), per_epoch=50)
    kept, points = long_recorder.summary()["curve"], events_of(long_recorder, "batch")
    assert read_curve({"curve": kept}) == kept
    for name, digits in (("step", 0), ("seconds", 3), ("loss", 4), ("accuracy", 4)):
        assert kept[name] == pytest.approx([point[name] for point in points], abs=10**-digits)


def test_smaller_last_batch_counts_for_its_images(recorder):
    for step, (loss, accuracy) in enumerate([(2.0, 0.5), (2.0, 0.5), (2.0, 0.5), (1.94, 0.52)], 1):
        recorder.on_batch_end(step, loss, accuracy)
    (point,) = events_of(recorder, "batch")
    assert point["step"] == 4  # the whole epoch: it has fewer steps than a point takes
    assert (point["loss"], point["accuracy"]) == (pytest.approx(1.94), 0.52)  # of 100 images


def test_between_points_progress_is_told_four_times_a_second(recorder, time_of_day):
    train = SimpleNamespace(x_train=np.empty((6400, 1)), steps_per_epoch=100)
    slow = replace(recorder, train=train, batch_size=64, epochs=400, clock=Clock(), curve=empty_curve())
    for step in range(1, 101):
        slow.on_batch_end(step, 2.0, 0.1)
        time_of_day[0] += 1 / 64
    assert [event["step"] for event in events_of(slow, "progress")] == [1, 17, 33, 49, 65, 81, 97]
    assert [event["step"] for event in events_of(slow, "batch")] == [100]
    told = events_of(slow, "progress")[-1]
    assert told["images_per_second"] > 0
    assert told["memory_mb"] > 0
    assert "loss" not in told


def test_a_number_is_asked_for_only_where_it_is_told(long_recorder, time_of_day):
    class Tensor:
        """Counts how often somebody waited for it."""

        waited = 0

        def __float__(self):
            Tensor.waited += 1
            return 0.5

    for step in range(1, 51):
        long_recorder.on_batch_end(step, Tensor(), Tensor())
    assert Tensor.waited == 1 + 2 * 2  # the first step's loss, then loss and accuracy of two points


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
