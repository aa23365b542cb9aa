"""Artifacts on disk: written atomically, read forgivingly."""

import json
import os
import stat

import numpy as np
import pytest

from core.config import RunConfig
from core.runs import records
from core.runs.records import RecordError

CONFIG = RunConfig(framework="numpy_scratch", dataset="digits")


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "a..b", "x" * 151, "a b", "a\0b", "a\n"])
def test_names_that_could_leave_the_folder_are_refused(name):
    with pytest.raises(RecordError, match="no run name"):
        records.check_name(name)


def test_run_name_is_readable_sortable_and_unique(tmp_path):
    first, second = (records.create_run(tmp_path, CONFIG, "race") for _ in range(2))
    assert first.endswith("-numpy_scratch-small-cnn-s0")
    assert first != second
    assert records.run_names(tmp_path) == sorted([first, second])


def test_config_survives_the_disk(tmp_path):
    run = records.create_run(tmp_path, CONFIG, "race-1")
    assert records.read_config(tmp_path, run) == (CONFIG, "race-1")


def test_numbers_that_json_does_not_know_become_null(tmp_path):
    path = tmp_path / "x.json"
    records.write_json(path, {"a": float("nan"), "b": [np.float32("inf"), np.int64(3)], "c": np.eye(2)})
    strict = json.loads(path.read_text(), parse_constant=lambda word: pytest.fail(f"{word} in the file"))
    assert strict == {"a": None, "b": [None, 3], "c": [[1, 0], [0, 1]]}


def test_failed_write_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "x.json"
    records.write_json(path, {"version": 1})
    with pytest.raises(TypeError):
        records.write_json(path, {"version": object()})
    assert records.read_object(path) == {"version": 1}
    assert os.listdir(tmp_path) == ["x.json"]


def test_foreign_nan_is_read_as_missing(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('{"test_accuracy": NaN, "train_time_sec": 3}')
    assert records.read_object(path) == {"test_accuracy": None, "train_time_sec": 3}


@pytest.mark.parametrize("text", ["", "{", "[1]", "3", "[" * 100_000, "\xff"])
def test_unreadable_file_is_named_with_the_reason(tmp_path, text):
    path = tmp_path / "broken_metrics.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(RecordError, match=r"broken_metrics\.json"):
        records.read_object(path)


def test_half_a_line_is_left_for_the_next_reading(tmp_path):
    run = records.create_run(tmp_path, CONFIG, "race")
    records.append_event(tmp_path, run, "queued")
    path = records.run_dir(tmp_path, run) / "events.jsonl"
    with open(path, "a") as file:
        file.write('{"event": "ba')
    events, offset = records.read_events(tmp_path, run)
    assert [event["event"] for event in events] == ["queued"]
    with open(path, "a") as file:
        file.write('tch", "step": 1}\n')
    events, _ = records.read_events(tmp_path, run, offset)
    assert events == [{"event": "batch", "step": 1}]


def test_a_broken_line_costs_only_itself(tmp_path):
    run = records.create_run(tmp_path, CONFIG, "race")
    records.append_event(tmp_path, run, "queued")
    with open(records.run_dir(tmp_path, run) / "events.jsonl", "a") as file:
        file.write('{"event": "bat\n[1]\n')
    records.append_event(tmp_path, run, "ended")
    assert [event["event"] for event in records.read_events(tmp_path, run)[0]] == ["queued", "ended"]


def test_read_only_folder_is_reported_before_training(tmp_path):
    if os.geteuid() == 0:
        blocked = tmp_path / "file"
        blocked.write_text("root may write anywhere, but a file is no folder")
        target = blocked / "artifacts"
    else:
        tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
        target = tmp_path / "artifacts"
    with pytest.raises(RecordError, match="--artifacts"):
        records.check_writable(target)


def test_full_disk_is_reported_before_training(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "NEEDED_BYTES", 2**80)
    with pytest.raises(RecordError, match="MB are free"):
        records.check_writable(tmp_path)


def test_reference_runs_cannot_be_deleted_or_renamed(tmp_path):
    for change in (records.delete_run, records.write_notes):
        with pytest.raises(RecordError, match="reference run"):
            change(tmp_path, "reference-pytorch-small-cnn")


def test_my_digits_cannot_be_deleted_as_a_run(tmp_path):
    with pytest.raises(records.RecordError, match="own digits"):
        records.delete_run(tmp_path, "my-digits")


def test_deleting_removes_folder_and_metrics(tmp_path):
    run = records.create_run(tmp_path, CONFIG, "race")
    records.write_json(records.metrics_path(tmp_path, run), {"test_accuracy": 1})
    records.delete_run(tmp_path, run)
    assert os.listdir(tmp_path) == []
    with pytest.raises(RecordError, match="there is no run"):
        records.delete_run(tmp_path, run)


def test_notes_are_kept_beside_the_run(tmp_path):
    run = records.create_run(tmp_path, CONFIG, "race")
    assert records.read_notes(tmp_path, run) == {"title": "", "remark": ""}
    records.write_notes(tmp_path, run, " Mine ", "first try")
    assert records.read_notes(tmp_path, run) == {"title": "Mine", "remark": "first try"}


def test_log_tail_gives_the_last_lines(tmp_path):
    run = records.create_run(tmp_path, CONFIG, "race")
    assert records.log_tail(tmp_path, run) == ""
    (records.run_dir(tmp_path, run) / "log.txt").write_text("\n".join(map(str, range(10_000))))
    assert records.log_tail(tmp_path, run, lines=2) == "9998\n9999"
