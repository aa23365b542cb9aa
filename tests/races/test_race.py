"""Races: real training processes that are started, stopped and killed."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from core.config import RunConfig
from core.machine.processes import process_mark
from core.places import PROJECT
from core.races import launch, turns
from core.runs import records
from core.runs.status import request_stop, run_status

LONG = ["--frameworks", "numpy_scratch", "--dataset", "digits", "--epochs", "200", "--threads", "1"]
SHORT = [*LONG[:4], "--epochs", "1", "--threads", "1", "--architecture", "tiny-mlp"]


@pytest.fixture(autouse=True)
def _own_line(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_LINE", str(tmp_path / "line"))


@pytest.fixture
def start(tmp_path):
    """Starts `python -m core race …` and ends whatever is left of it after the test."""
    started = []

    def _start(*arguments: str, artifacts: Path = tmp_path / "artifacts") -> subprocess.Popen:
        command = [sys.executable, "-m", "core", "race", *arguments, "--artifacts", str(artifacts)]
        process = subprocess.Popen(
            command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield _start
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


def test_race_records_every_run_completely(start, tmp_path):
    process = start(*SHORT, "--seeds", "0,1")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    artifacts = tmp_path / "artifacts"
    runs = records.run_names(artifacts)
    assert [run[-3:] for run in runs] == ["-s0", "-s1"]
    for run in runs:
        result = json.loads(records.metrics_path(artifacts, run).read_text())
        assert run_status(artifacts, run).state == result["status"] == "finished"
        assert result["params"] == 7_960
        assert 0.1 < result["test_accuracy"] <= 1
        assert sum(map(sum, result["confusion"])) == 300
        assert {len(values) for values in result["history"].values()} == {1}
        assert set(result["timing"]) == {
            *("import_s", "data_s", "build_s", "first_step_s", "validation_s", "test_s", "cpu_s")
        }
        files = {path.name for path in records.run_dir(artifacts, run).iterdir()}
        assert files == {
            *("config.json", "events.jsonl", "log.txt", "model.npz"),
            *("test_labels.npy", "test_probabilities.npy"),
        }


def test_killed_run_is_reported_as_interrupted_and_the_others_still_run(start, tmp_path):
    artifacts = tmp_path / "artifacts"
    process = start(*LONG, "--seeds", "0,1")
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


def test_ctrl_c_scores_what_was_learned_and_leaves_out_the_rest(start, tmp_path):
    artifacts = tmp_path / "artifacts"
    process = start(*LONG, "--seeds", "0,1")
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


def test_run_stops_when_its_race_is_killed(start, tmp_path):
    artifacts = tmp_path / "artifacts"
    process = start(*LONG)
    run = wait_for_event(artifacts, "batch", process)
    training = training_process(artifacts, run)
    process.kill()
    process.wait()
    training.wait(timeout=60)
    status = run_status(artifacts, run)
    assert (status.state, status.reason) == ("stopped", "the race that it belonged to is gone")


def test_two_races_started_at_once_train_one_after_the_other(start, tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    processes = [start(*SHORT, artifacts=folder) for folder in folders]
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


def test_waiting_race_is_queued_and_can_be_stopped_in_line(start, tmp_path):
    artifacts = tmp_path / "artifacts"
    first = start(*LONG)
    training = wait_for_event(artifacts, "batch", first)
    second = start(*LONG, "--seeds", "7")
    waiting = wait_for_event(artifacts, "queued", second, suffix="-s7")
    assert run_status(artifacts, waiting).state == "queued"
    request_stop(artifacts, waiting)
    assert run_status(artifacts, waiting).state == "stopped"
    request_stop(artifacts, training)
    for process in (first, second):
        process.communicate(timeout=60)
    events, _ = records.read_events(artifacts, waiting)
    assert "launched" not in [event["event"] for event in events]


def test_run_stopped_before_its_turn_is_left_out_at_its_turn(start, tmp_path):
    artifacts = tmp_path / "artifacts"
    process = start(*LONG, "--seeds", "0,1,2")
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


def test_loss_that_is_not_finite_stops_the_run_and_names_the_setting(start, tmp_path):
    artifacts = tmp_path / "artifacts"
    process = start(*LONG, "--optimizer", "sgd", "--learning-rate", "10")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    status = run_status(artifacts, records.run_names(artifacts)[0])
    assert status.state == "failed"
    assert "the learning rate of 10 is far too high. Try 0.01." in status.reason
    assert "learning rate" in output
    assert "Traceback" not in output


def test_launched_race_outlives_its_starter_and_tells_its_output(tmp_path):
    artifacts = tmp_path / "artifacts"
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


def test_race_that_cannot_start_says_why(tmp_path):
    artifacts = tmp_path / "artifacts"
    name = launch.launch([*SHORT, "--data-dir", str(tmp_path), "--dataset", "mnist"], artifacts)
    mark = records.read_object(artifacts / ".races" / f"{name}.json")
    if psutil.pid_exists(mark["pid"]):
        psutil.Process(mark["pid"]).wait(timeout=60)
    _, output = launch.launched(artifacts, name)
    assert "--dataset digits" in output
    assert "Traceback" not in output
    assert records.run_names(artifacts) == []


# ── status, from files alone ────────────────────────────────────────────────────────


def test_status_is_derived_from_what_is_there(tmp_path):
    run = records.create_run(tmp_path, RunConfig(framework="numpy_scratch"), "race")

    def state() -> str:
        return run_status(tmp_path, run).state

    assert state() == "interrupted"  # queued by nobody who lives
    own = process_mark()
    records.append_event(tmp_path, run, "queued", **own)
    assert state() == "queued"
    request_stop(tmp_path, run)
    assert state() == "stopped"  # the race looks for this before it begins the run
    records.append_event(tmp_path, run, "begun")
    assert state() == "running"  # asked too late for that; its process is about to start
    records.append_event(tmp_path, run, "launched", **own)
    assert state() == "running"
    records.append_event(tmp_path, run, "launched", **own | {"process_started": 1.0})
    assert state() == "running"  # that process is gone, and its race, which lives, is about to say how
    records.append_event(tmp_path, run, "queued", **own | {"process_started": 1.0})
    assert state() == "interrupted"  # both numbers belong to other processes by now
    records.append_event(tmp_path, run, "exited", code=3)
    assert state() == "failed"
    records.write_json(records.metrics_path(tmp_path, run), {})
    assert state() == "finished"
    records.append_event(tmp_path, run, "ended", status="stopped", reason="")
    assert state() == "stopped"


def test_file_without_a_folder_is_imported_or_a_reference(tmp_path):
    for run, state in (("notebook", "imported"), ("reference-pytorch-small-cnn", "finished")):
        records.write_json(records.metrics_path(tmp_path, run), {"test_accuracy": 0.99})
        assert run_status(tmp_path, run).state == state


# ── the line ────────────────────────────────────────────────────────────────────────


def test_places_are_given_in_the_order_of_arrival(tmp_path):
    """A process that holds the first place; this one waits behind it until it is killed."""
    code = (
        "import sys; from pathlib import Path; from core.races.turns import place_in_line\n"
        "with place_in_line('first', Path()): print('in', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "in\n"
    seen = []

    def see(ahead: list[str]) -> None:
        seen.append(ahead)
        holder.kill()
        threading.Thread(target=holder.wait).start()

    with turns.place_in_line("second", tmp_path, see):
        assert seen == [["first"]]
        assert [ticket["race"] for ticket in turns.waiting()] == ["second"]
    assert turns.waiting() == []
    holder.communicate()


def test_broken_and_orphaned_tickets_do_not_stop_the_line(tmp_path):
    folder = turns.line_dir()
    folder.mkdir()
    (folder / "00000007.ticket").write_text("")
    (folder / "00000008.ticket").write_text('{"pid": 1, "process_started": -5, "race": "gone"}')
    with turns.place_in_line("mine", tmp_path):
        assert [ticket["race"] for ticket in turns.waiting()] == ["mine"]
    assert list(folder.glob("*.ticket")) == []


def test_line_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(turns, "write_file", full)
    with (
        pytest.raises(records.RecordError, match=r"No space left.*DIGIT_DERBY_LINE"),
        turns.place_in_line("mine", tmp_path),
    ):
        pass


def test_run_deleted_while_it_waits_does_not_stop_the_others(start, tmp_path):
    artifacts = tmp_path / "artifacts"
    with turns.place_in_line("first", tmp_path):
        process = start(*SHORT, "--seeds", "0,1")
        deleted = wait_for_event(artifacts, "queued", process, suffix="-s0")
        wait_for_event(artifacts, "queued", process, suffix="-s1")
        request_stop(artifacts, deleted)
        records.delete_run(artifacts, deleted)
    output, _ = process.communicate(timeout=120)
    assert "Traceback" not in output
    assert process.returncode == 1  # not every run of the race was finished
    [left] = records.run_names(artifacts)
    assert run_status(artifacts, left).state == "finished"


def test_trained_run_is_not_trained_again(start, tmp_path):
    artifacts = tmp_path / "artifacts"
    process = start(*SHORT)
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
