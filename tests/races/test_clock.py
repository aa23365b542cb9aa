"""What is shown of a race when the clock is set, a file holds nonsense or a folder cannot be written."""

import subprocess
import sys

import pytest

from core.config import RunConfig
from core.places import PROJECT
from core.races.live import RunFeed, number
from core.runs import records
from core.runs.status import request_stop, stop_requested
from core.training.recorder import Events
from support.project_copy import bound_by_permissions, with_write_permission, without_write_permission

CONFIG = RunConfig(framework="numpy_scratch", dataset="digits", epochs=2)


def lane(artifacts, run):
    feed = RunFeed(artifacts, run, CONFIG)
    feed.read_on()
    return feed.lane()


@pytest.mark.parametrize("jump", [3 * 3600, -3 * 3600])
def test_clock_that_is_set_does_not_change_the_time_left(tmp_path, jump):
    run = records.create_run(tmp_path, CONFIG, "race")
    from core.machine.processes import process_mark

    records.append_event(tmp_path, run, "launched", **process_mark(), time=1000.0, elapsed=0.0)
    records.append_event(
        tmp_path, run, "started", total_steps=40, steps_per_epoch=20, time=1001.0, elapsed=1.0
    )
    records.append_event(tmp_path, run, "batch", step=10, loss=1.0, time=1003.0 + jump, elapsed=3.0)
    assert lane(tmp_path, run).seconds_left == pytest.approx(6.0)


def test_every_event_of_a_training_tells_the_seconds_so_far(tmp_path):
    run = records.create_run(tmp_path, CONFIG, "race")
    events = Events(tmp_path, run)
    for name in ("launched", "started", "batch"):
        events.add(name)
    elapsed = [event["elapsed"] for event in records.read_events(tmp_path, run)[0]]
    assert elapsed == sorted(elapsed)
    assert 0 <= elapsed[0] < 60


def test_number_of_more_digits_than_a_float_holds_is_none():
    assert number(10**400) is None
    assert number(-(10**400)) is None
    assert number(10**30) == 10**30


def test_stop_in_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    run = records.create_run(tmp_path, CONFIG, "race")
    code = (
        "import sys; from pathlib import Path\n"
        "from core.runs import records, status\n"
        "try: status.request_stop(Path(sys.argv[1]), sys.argv[2])\n"
        "except records.RecordError as error: print(error)\n"
    )
    folder = records.run_dir(tmp_path, run)
    without_write_permission(folder)
    try:
        bound = bound_by_permissions(folder)
        if bound is None:
            pytest.skip("this user may write everywhere, and there is no setpriv to give that up")
        command = [*bound, sys.executable, "-c", code, str(tmp_path), run]
        answer = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    finally:
        with_write_permission(folder)
    assert answer.stderr == ""
    assert "cannot write results" in answer.stdout
    assert "Permission denied" in answer.stdout
    assert not stop_requested(tmp_path, run)
    request_stop(tmp_path, run)
    assert stop_requested(tmp_path, run)
