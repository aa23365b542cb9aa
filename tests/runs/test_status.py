"""What became of a run, from its files alone, which may hold anything."""

import json

import pytest

from core.config import RunConfig
from core.machine.processes import process_mark
from core.runs import records
from core.runs.status import request_stop, run_status


@pytest.fixture
def run(tmp_path) -> str:
    return records.create_run(tmp_path, RunConfig(framework="numpy_scratch"), "race")


def add_line(artifacts, run: str, **event) -> None:
    with open(records.run_dir(artifacts, run) / "events.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(event) + "\n")


def test_status_is_derived_from_what_is_there(tmp_path, run):
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


@pytest.mark.parametrize("name", [[], {}, None, 7, ["ended"]])
def test_event_whose_name_is_no_text_is_passed_over(tmp_path, run, name):
    add_line(tmp_path, run, event=name)
    assert records.read_events(tmp_path, run)[0] == []
    assert run_status(tmp_path, run).state == "interrupted"
    add_line(tmp_path, run, event="ended", status="failed", reason="no data")
    assert run_status(tmp_path, run).reason == "no data"


def test_line_too_deep_for_the_reader_is_passed_over(tmp_path, run):
    with open(records.run_dir(tmp_path, run) / "events.jsonl", "a", encoding="utf-8") as file:
        file.write("[" * 100_000 + "\n")
    add_line(tmp_path, run, event="queued")
    assert [event["event"] for event in records.read_events(tmp_path, run)[0]] == ["queued"]


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        (3, "failed", "the training process ended with exit code 3"),
        (-9, "interrupted", "the training process was killed (signal 9)"),
        (0, "interrupted", "the training process ended without a result"),
        ("nine", "interrupted", "the training process ended without a result"),
        ([], "interrupted", "the training process ended without a result"),
        (None, "interrupted", "the training process ended without a result"),
    ],
)
def test_exit_code_tells_how_the_process_ended(tmp_path, run, code, state, reason):
    (records.run_dir(tmp_path, run) / "log.txt").write_text("last words\n")
    add_line(tmp_path, run, event="exited", code=code)
    status = run_status(tmp_path, run)
    assert (status.state, status.reason) == (state, f"{reason}\nlast words")


def test_mark_of_a_process_may_hold_anything(tmp_path, run):
    add_line(tmp_path, run, event="queued", pid=[], process_started={})
    add_line(tmp_path, run, event="launched", pid="x", process_started=None)
    assert run_status(tmp_path, run).state == "interrupted"
