"""Races: real training processes that are started, stopped and killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.data.importing.parts import Source
from core.data.own_datasets import import_dataset
from core.places import PROJECT
from core.races import launch, turns
from core.runs import records
from core.runs.curves import read_curve
from core.runs.status import request_stop, run_status
from support.own_files import shapes

pytestmark = pytest.mark.frameworks

LONG = ["--frameworks", "numpy_scratch", "--dataset", "digits", "--epochs", "200", "--threads", "1"]

SHORT = [*LONG[:4], "--epochs", "1", "--threads", "1", "--architecture", "tiny-mlp"]


@pytest.fixture
def start_race(artifacts):
    """Starts `python -m core race …` and ends whatever is left of it after the test."""
    started = []

    def start(*arguments: str, artifacts: Path = artifacts) -> subprocess.Popen:
        command = [sys.executable, "-m", "core", "race", *arguments, "--artifacts", str(artifacts)]
        process = subprocess.Popen(
            command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
        process.communicate()


def wait_for_event(artifacts: Path, name: str, process: subprocess.Popen, suffix: str = "") -> str:
    """Waits until a run whose name ends in `suffix` has an event of this name; returns the run."""
    for _ in range(600):
        for run in records.run_names(artifacts):
            events, _ = records.read_events(artifacts, run)
            if run.endswith(suffix) and name in [event["event"] for event in events]:
                return run
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"no event {name!r}; the race printed: {process.communicate(timeout=10)[0]}")


def training_process(artifacts: Path, run: str) -> psutil.Process:
    events, _ = records.read_events(artifacts, run)
    return psutil.Process(next(event["pid"] for event in events if event["event"] == "launched"))


def test_race_records_every_run_completely(start_race, artifacts):
    process = start_race(*SHORT, "--seeds", "0,1")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    runs = records.run_names(artifacts)
    assert [run[-3:] for run in runs] == ["-s0", "-s1"]
    for run in runs:
        result = json.loads(records.metrics_path(artifacts, run).read_text())
        assert run_status(artifacts, run).state == result["status"] == "finished"
        assert result["params"] == 7_960
        assert 0.1 < result["test_accuracy"] <= 1
        assert sum(map(sum, result["confusion"])) == 300
        assert {len(values) for values in result["history"].values()} == {1}
        events, _ = records.read_events(artifacts, run)
        started = next(event for event in events if event["event"] == "started")
        assert read_curve(result)["step"][-1] == started["total_steps"]
        assert read_curve(result)["step"] == [event["step"] for event in events if event["event"] == "batch"]
        assert set(result["timing"]) == {
            *("import_s", "data_s", "build_s", "first_step_s", "validation_s", "test_s", "cpu_s")
        }
        files = {path.name for path in records.run_dir(artifacts, run).iterdir()}
        assert files == {
            *("config.json", "events.jsonl", "log.txt", "model.npz"),
            *("test_labels.npy", "test_probabilities.npy"),
        }


def test_killed_run_is_reported_as_interrupted_and_the_others_still_run(start_race, artifacts):
    process = start_race(*LONG, "--seeds", "0,1")
    run = wait_for_event(artifacts, "batch", process)
    training_process(artifacts, run).send_signal(signal.SIGKILL)
    second = records.run_names(artifacts)[1]
    wait_for_event(artifacts, "batch", process, second)
    status = run_status(artifacts, run)
    assert status.state == "interrupted"
    assert "signal 9" in status.reason
    request_stop(artifacts, second)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert run in output
    assert run_status(artifacts, second).state == "stopped"


def test_ctrl_c_scores_what_was_learned_and_leaves_out_the_rest(start_race, artifacts):
    process = start_race(*LONG, "--seeds", "0,1")
    run = wait_for_event(artifacts, "epoch", process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    first, second = records.run_names(artifacts)
    assert first == run
    assert [run_status(artifacts, name).state for name in (first, second)] == ["stopped", "stopped"]
    result = records.read_object(records.metrics_path(artifacts, first))
    assert result["status"] == "stopped"
    assert result["test_accuracy"] > 0.1
    assert not records.metrics_path(artifacts, second).exists()


def test_run_stops_when_its_race_is_killed(start_race, artifacts):
    process = start_race(*LONG)
    run = wait_for_event(artifacts, "batch", process)
    training = training_process(artifacts, run)
    process.kill()
    process.wait()
    training.wait(timeout=60)
    status = run_status(artifacts, run)
    assert (status.state, status.reason) == ("stopped", "the race that it belonged to is gone")


def test_two_races_started_at_once_train_one_after_the_other(start_race, tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    processes = [start_race(*SHORT, artifacts=folder) for folder in folders]
    for process in processes:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
    spans = []
    for folder in folders:
        events, _ = records.read_events(folder, records.run_names(folder)[0])
        times = {event["event"]: event["time"] for event in events}
        spans.append((times["launched"], times["exited"]))
    (_, end_of_first), (start_of_second, _) = sorted(spans)
    assert end_of_first <= start_of_second


def test_waiting_race_is_queued_and_can_be_stopped_in_line(start_race, artifacts):
    first = start_race(*LONG)
    training = wait_for_event(artifacts, "batch", first)
    second = start_race(*LONG, "--seeds", "7")
    waiting = wait_for_event(artifacts, "queued", second, suffix="-s7")
    assert run_status(artifacts, waiting).state == "queued"
    request_stop(artifacts, waiting)
    assert run_status(artifacts, waiting).state == "stopped"
    request_stop(artifacts, training)
    for process in (first, second):
        process.communicate(timeout=60)
    events, _ = records.read_events(artifacts, waiting)
    assert "launched" not in [event["event"] for event in events]


def test_run_stopped_before_its_turn_is_left_out_at_its_turn(start_race, artifacts):
    process = start_race(*LONG, "--seeds", "0,1,2")
    training = wait_for_event(artifacts, "batch", process, suffix="-s0")
    left_out, last = (wait_for_event(artifacts, "queued", process, suffix=f"-s{seed}") for seed in (1, 2))
    request_stop(artifacts, left_out)
    request_stop(artifacts, training)
    wait_for_event(artifacts, "batch", process, suffix="-s2")
    assert [run_status(artifacts, run).state for run in (training, left_out, last)] == [
        "stopped", "stopped", "running"
    ]  # fmt: skip
    request_stop(artifacts, last)
    process.communicate(timeout=60)
    events, _ = records.read_events(artifacts, left_out)
    assert [event["event"] for event in events] == ["queued", "begun", "ended"]


def test_loss_that_is_not_finite_stops_the_run_and_names_the_setting(start_race, artifacts):
    process = start_race(*LONG, "--optimizer", "sgd", "--learning-rate", "10")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    status = run_status(artifacts, records.run_names(artifacts)[0])
    assert status.state == "failed"
    assert "the learning rate of 10 is far too high. Try 0.01." in status.reason
    assert "learning rate" in output
    assert "Traceback" not in output


def test_launched_race_outlives_its_starter_and_tells_its_output(artifacts):
    code = (
        "import sys; from pathlib import Path; from core.races.launch import launch\n"
        "print(launch(sys.argv[2:], Path(sys.argv[1])))"
    )
    starter = subprocess.run(
        [sys.executable, "-c", code, str(artifacts), *SHORT], cwd=PROJECT, text=True, capture_output=True
    )
    name = starter.stdout.strip()
    mark = records.read_object(artifacts / ".races" / f"{name}.json")
    if psutil.pid_exists(mark["pid"]):
        psutil.Process(mark["pid"]).wait(timeout=120)
    alive, output = launch.launched(artifacts, name)
    assert not alive
    assert "Results" in output
    run = records.run_names(artifacts)[0]
    assert records.read_config(artifacts, run)[1] == name
    assert run_status(artifacts, run).state == "finished"


def test_race_that_cannot_start_says_why(artifacts):
    name = launch.launch([*SHORT, "--data-dir", str(artifacts.parent), "--dataset", "mnist"], artifacts)
    mark = records.read_object(artifacts / ".races" / f"{name}.json")
    if psutil.pid_exists(mark["pid"]):
        psutil.Process(mark["pid"]).wait(timeout=60)
    _, output = launch.launched(artifacts, name)
    assert "--dataset digits" in output
    assert "Traceback" not in output
    assert records.run_names(artifacts) == []


def test_the_folder_of_the_datasets_may_be_named_from_where_the_race_is_started(artifacts, tmp_path):
    images, labels = shapes(60)
    np.savez(tmp_path / "bars.npz", images=images, labels=labels)
    import_dataset("bars", Source(tmp_path / "bars.npz"), data_dir=tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-m", "core", "race", *SHORT, "--dataset", "bars", "--data-dir", "data"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "DIGIT_DERBY_ARTIFACTS": str(artifacts)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = records.run_names(artifacts)
    assert run_status(artifacts, run).state == "finished"


def test_run_deleted_while_it_waits_does_not_stop_the_others(start_race, artifacts):
    with turns.place_in_line("first", artifacts):
        process = start_race(*SHORT, "--seeds", "0,1")
        deleted = wait_for_event(artifacts, "queued", process, suffix="-s0")
        wait_for_event(artifacts, "queued", process, suffix="-s1")
        request_stop(artifacts, deleted)
        records.delete_run(artifacts, deleted)
    output, _ = process.communicate(timeout=120)
    assert "Traceback" not in output
    assert process.returncode == 1  # not every run of the race was finished
    [left] = records.run_names(artifacts)
    assert run_status(artifacts, left).state == "finished"


def test_trained_run_is_not_trained_again(start_race, artifacts):
    process = start_race(*SHORT)
    process.communicate(timeout=120)
    [run] = records.run_names(artifacts)
    before = records.metrics_path(artifacts, run).read_bytes()
    again = subprocess.run(
        [sys.executable, "-m", "core", "train", str(artifacts / run / "config.json")],
        cwd=PROJECT, capture_output=True, text=True,
    )  # fmt: skip
    assert again.returncode == 1
    assert "was trained already" in again.stderr
    assert records.metrics_path(artifacts, run).read_bytes() == before
    assert run_status(artifacts, run).state == "finished"
