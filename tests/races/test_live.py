"""Following a race by its files: lanes from events, in pieces, and from broken files."""

import json
import os
import subprocess
import sys
import time

import pytest

from core.config import RunConfig
from core.races.live import KEPT_POINTS, RaceFeed, RunFeed, Thinned
from core.races.race_list import RaceList, places_in_line, start_failure
from core.runs import records
from core.runs.status import process_mark, request_stop

STEPS = 20


def queue_run(artifacts, framework="pytorch", race="20260102-030405-abcd", **values) -> str:
    config = RunConfig(framework=framework, dataset="digits", epochs=2, **values)
    run = records.create_run(artifacts, config, race)
    records.append_event(artifacts, run, "queued", **process_mark(), time=1000.0)
    return run


def begin(artifacts, run, mark=None) -> None:
    records.append_event(artifacts, run, "launched", **(mark or process_mark()), time=1000.5)
    records.append_event(artifacts, run, "phase", phase="import", time=1000.6)
    records.append_event(artifacts, run, "started", total_steps=2 * STEPS, steps_per_epoch=STEPS, time=1001.0)


def batch(artifacts, run, step, memory_mb=200.0) -> None:
    records.append_event(
        artifacts, run, "batch", step=step, epoch=(step - 1) // STEPS, loss=2.0 / step, accuracy=0.5,
        seconds=0.1 * step, images_per_second=640.0, memory_mb=memory_mb, time=1001.0 + 0.2 * step,
    )  # fmt: skip


def epoch(artifacts, run, number) -> None:
    step = STEPS * (number + 1)
    records.append_event(
        artifacts, run, "epoch", epoch=number, step=step, loss=0.3, accuracy=0.9, val_loss=0.2,
        val_accuracy=0.95, seconds=0.1 * step, time=1001.0 + 0.2 * step,
    )  # fmt: skip


def only_lane(artifacts, run):
    feed = RaceFeed(artifacts, "20260102-030405-abcd")
    feed.update([run])
    return feed.lanes[0]


def dead_process() -> dict:
    """The mark of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = process_mark(process.pid)
    process.communicate(b"\n")
    return mark


def test_lane_shows_progress_speed_memory_and_time_left(artifacts):
    run = queue_run(artifacts)
    begin(artifacts, run)
    batch(artifacts, run, 5, memory_mb=300)
    batch(artifacts, run, 10, memory_mb=250)
    lane = only_lane(artifacts, run)
    assert (lane.state, lane.phase, lane.epoch, lane.step, lane.total_steps) == (
        "running",
        "train",
        1,
        10,
        40,
    )
    assert lane.progress == 0.25
    assert lane.images_per_second == 640
    assert lane.memory_mb == 300  # the most, not the last
    assert lane.seconds_left == pytest.approx(30 * 0.2)  # 30 steps to go at 0.2 s each by the wall clock
    assert lane.train["step"] == [5, 10]
    assert lane.val_accuracy is None


def test_validation_curve_has_one_point_per_epoch(artifacts):
    run = queue_run(artifacts)
    begin(artifacts, run)
    batch(artifacts, run, 15)
    epoch(artifacts, run, 0)
    batch(artifacts, run, 21)
    lane = only_lane(artifacts, run)
    assert lane.epoch == 2
    assert lane.val_accuracy == 0.95
    assert lane.validation == {
        "step": [20], "seconds": [2.0], "val_loss": [0.2], "val_accuracy": [0.95],
    }  # fmt: skip
    assert lane.train["step"] == [15, 20, 21]


def test_feed_reads_on_where_it_stopped_even_in_the_middle_of_a_line(artifacts):
    run = queue_run(artifacts)
    begin(artifacts, run)
    feed = RunFeed(artifacts, run, records.read_config(artifacts, run)[0])
    assert feed.read_on()
    assert not feed.read_on()
    line = json.dumps({"event": "batch", "step": 3, "loss": 1.0, "accuracy": 0.4, "seconds": 0.3})
    path = records.run_dir(artifacts, run) / "events.jsonl"
    with open(path, "a") as file:
        file.write(line[:20])
    feed.read_on()
    assert feed.lane().step == 0
    with open(path, "a") as file:
        file.write(line[20:] + "\n")
    assert feed.read_on()
    assert feed.lane().step == 3
    assert feed.offset == path.stat().st_size


def test_a_settled_race_is_not_derived_again(artifacts, monkeypatch):
    run = queue_run(artifacts)
    records.append_event(artifacts, run, "ended", status="failed", reason="no data", time=1002.0)
    feed = RaceFeed(artifacts, "race")
    feed.update([run])
    lanes = feed.lanes
    feed.update([run])
    assert feed.lanes is lanes
    records.append_event(artifacts, run, "exited", code=1, time=1003.0)
    feed.update([run])
    assert feed.lanes is not lanes


def test_killed_run_is_interrupted_with_the_end_of_its_log(artifacts):
    run = queue_run(artifacts)
    begin(artifacts, run, dead_process())
    batch(artifacts, run, 5)
    (records.run_dir(artifacts, run) / "log.txt").write_text("warming up\nout of memory\n")
    assert only_lane(artifacts, run).state == "running"  # its race is about to tell how it ended
    records.append_event(artifacts, run, "exited", code=-9, time=1003.0)
    lane = only_lane(artifacts, run)
    assert lane.state == "interrupted"
    assert "signal 9" in lane.reason
    assert "out of memory" in lane.reason
    assert lane.seconds_left is None


def test_stop_request_shows_at_once(artifacts):
    run = queue_run(artifacts)
    begin(artifacts, run)
    request_stop(artifacts, run)
    assert only_lane(artifacts, run).stopping


def test_finished_lane_takes_its_figures_from_the_metrics(artifacts):
    run = queue_run(artifacts)
    begin(artifacts, run)
    batch(artifacts, run, 39)
    metrics = {
        "test_accuracy": 0.987, "train_time_sec": 12.5, "images_per_second": 700.0, "peak_memory_mb": 512.0,
    }  # fmt: skip
    records.write_json(records.metrics_path(artifacts, run), metrics)
    assert only_lane(artifacts, run).state == "running"  # about to say whether it was stopped
    records.append_event(artifacts, run, "ended", status="finished", reason="", time=1012.0)
    lane = only_lane(artifacts, run)
    assert (lane.state, lane.progress, lane.test_accuracy) == ("finished", 1.0, 0.987)
    assert (lane.seconds, lane.images_per_second, lane.memory_mb) == (12.5, 700.0, 512.0)


@pytest.mark.parametrize(
    "line",
    [
        b'{"event": "batch", "step": "many", "loss": [], "accuracy": {}, "memory_mb": "x", "seconds": NaN}\n',
        b'{"event": "started", "total_steps": "x", "steps_per_epoch": null, "time": "now"}\n',
        b'{"event": "phase", "phase": 7}\n',
        b'{"event": "epoch"}\n',
        b"\x00\xff\n[1, 2]\n",
    ],
)
def test_damaged_events_do_not_stop_the_others(artifacts, line):
    run = queue_run(artifacts)
    begin(artifacts, run)
    with open(records.run_dir(artifacts, run) / "events.jsonl", "ab") as file:
        file.write(line)
    batch(artifacts, run, 4)
    lane = only_lane(artifacts, run)
    assert lane.state == "running"
    assert lane.step == 4


def test_unreadable_metrics_are_named_as_the_reason(artifacts):
    run = queue_run(artifacts)
    records.metrics_path(artifacts, run).write_text("{half")
    lane = only_lane(artifacts, run)
    assert lane.state == "failed"
    assert "_metrics.json" in lane.reason


def test_unreadable_config_is_named_and_the_other_runs_are_shown(artifacts):
    good, bad = queue_run(artifacts), queue_run(artifacts, "keras_fit")
    (records.run_dir(artifacts, bad) / "config.json").write_text('{"config": {"epochs": -1}}')
    feed = RaceFeed(artifacts, "race")
    feed.update([good, bad])
    assert [lane.run for lane in feed.lanes] == [good]
    assert bad in feed.problems[bad]


def test_long_histories_keep_few_points_and_the_newest():
    thinned = Thinned(("step", "loss"))
    for step in range(1, 300_001):
        thinned.add({"step": step, "loss": 1 / step})
    columns = thinned.columns()
    assert KEPT_POINTS <= len(columns["step"]) <= 2 * KEPT_POINTS + 1
    assert columns["step"][0] == 1
    assert columns["step"][-1] == 300_000
    gaps = {later - sooner for sooner, later in zip(columns["step"], columns["step"][1:-1], strict=False)}
    assert len(gaps) == 1  # evenly spread


def test_fifty_epochs_of_events_are_read_within_a_moment(artifacts):
    run = queue_run(artifacts)
    begin(artifacts, run)
    lines = [
        json.dumps({"event": "batch", "step": step, "loss": 0.1, "accuracy": 0.9, "seconds": step / 4})
        for step in range(1, 20_001)  # four a second for 80 minutes
    ]
    with open(records.run_dir(artifacts, run) / "events.jsonl", "a") as file:
        file.write("\n".join(lines) + "\n")
    feed = RunFeed(artifacts, run, records.read_config(artifacts, run)[0])
    feed.read_on()
    assert len(feed.milestones) == 4  # queued, launched, phase, started: no batch stays in memory
    began = time.perf_counter()
    for _ in range(20):
        feed.read_on()
        feed.lane()
    assert (time.perf_counter() - began) / 20 < 0.05


# ── which races there are ───────────────────────────────────────────────────────────


def test_races_are_found_newest_first_with_their_runs_in_order(artifacts):
    first = [queue_run(artifacts, name, race="20260101-000000-aaaa") for name in ("pytorch", "keras_fit")]
    second = [queue_run(artifacts, race="20260101-000001-bbbb")]
    for position, run in enumerate(first):  # the order of making counts, not that of the names
        os.utime(records.run_dir(artifacts, run) / "config.json", (position, position))
    races = RaceList(artifacts).races()
    assert [(race.name[-4:], list(race.runs)) for race in races] == [("bbbb", second), ("aaaa", first)]
    assert races[0].title == "2026-01-01 00:00:01"


def test_new_and_deleted_races_are_noticed(artifacts):
    race_list = RaceList(artifacts)
    assert race_list.races() == []
    run = queue_run(artifacts)
    os.utime(artifacts, (1, 1))  # long ago, so that the list is remembered …
    assert [race.runs for race in race_list.races()] == [(run,)]
    other = queue_run(artifacts, race="20260102-030406-bbbb")  # … until the folder changes
    assert [race.runs for race in race_list.races()] == [(other,), (run,)]
    records.delete_run(artifacts, run)
    assert [race.runs for race in race_list.races()] == [(other,)]


def test_race_is_active_until_its_last_process_is_gone(artifacts):
    run, race_list = queue_run(artifacts), RaceList(artifacts)
    begin(artifacts, run)
    assert race_list.races()[0].active
    records.append_event(artifacts, run, "ended", status="stopped", reason="", time=1002.0)
    assert not race_list.races()[0].active


def test_foreign_files_do_not_hide_the_races(artifacts):
    run = queue_run(artifacts)
    (artifacts / "other_metrics.json").write_text("[]")
    (artifacts / "broken").mkdir()
    (artifacts / "broken" / "config.json").write_text("not json")
    assert [race.runs for race in RaceList(artifacts).races()] == [(run,)]


def test_line_says_which_races_are_from_here(artifacts, tmp_path):
    from core.races.turns import place_in_line

    with place_in_line("mine", artifacts):
        assert places_in_line(artifacts) == [{"race": "mine", "here": True}]
        assert places_in_line(tmp_path) == [{"race": "mine", "here": False}]
    assert places_in_line(artifacts) == []


def test_race_that_did_not_start_says_why(artifacts):
    from core.races import race

    name = race.launch(["--frameworks", "no_such_framework"], artifacts)
    mark = records.read_object(artifacts / ".races" / f"{name}.json")
    import psutil

    psutil.wait_procs([psutil.Process(mark["pid"])], timeout=60)
    assert "no_such_framework" in start_failure(artifacts, name)


def test_unknown_race_is_an_error(artifacts):
    with pytest.raises(records.RecordError):
        start_failure(artifacts, "20260101-000000-none")
    with pytest.raises(records.RecordError):
        start_failure(artifacts, "../../etc")
