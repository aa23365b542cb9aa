"""What became of a run, from its files alone."""

from core.config import RunConfig
from core.runs import records
from core.runs.status import process_mark, request_stop, run_status


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
