"""Following a race by its files: lanes from events, in pieces, and from broken files."""

import json
import time

import pytest

from core.races.live import KEPT_POINTS, RaceFeed, RunFeed, Thinned, race_seconds_left
from core.runs import records
from core.runs.status import request_stop
from support.made_events import begin_run, dead_process, queue_run, record_batch, record_epoch


def only_lane(artifacts, run):
    feed = RaceFeed(artifacts, "20260102-030405-abcd")
    feed.update([run])
    return feed.lanes[0]


def test_lane_shows_progress_speed_memory_and_time_left(artifacts):
    run = queue_run(artifacts)
    begin_run(artifacts, run)
    record_batch(artifacts, run, 5, memory_mb=300)
    record_batch(artifacts, run, 10, memory_mb=250)
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
    begin_run(artifacts, run)
    record_batch(artifacts, run, 15)
    record_epoch(artifacts, run, 0)
    record_batch(artifacts, run, 21)
    lane = only_lane(artifacts, run)
    assert lane.epoch == 2
    assert lane.val_accuracy == 0.95
    assert lane.validation == {
        "step": [20], "seconds": [2.0], "val_loss": [0.2], "val_accuracy": [0.95],
    }  # fmt: skip
    assert lane.train["step"] == [15, 20, 21]


def test_epoch_that_ends_with_a_point_adds_none(artifacts):
    run = queue_run(artifacts)
    begin_run(artifacts, run)
    record_batch(artifacts, run, 20)
    record_epoch(artifacts, run, 0)  # its loss is the whole epoch's
    lane = only_lane(artifacts, run)
    assert lane.train["step"] == [20]
    assert lane.train["loss"] == [0.1]


def test_progress_between_points_moves_the_lane_but_not_its_curve(artifacts):
    run = queue_run(artifacts)
    begin_run(artifacts, run)
    record_batch(artifacts, run, 5)
    records.append_event(
        artifacts, run, "progress", step=8, seconds=0.9, images_per_second=500.0, memory_mb=900.0, time=1003.0
    )
    feed = RunFeed(artifacts, run, records.read_config(artifacts, run)[0])
    feed.read_on()
    lane = feed.lane()
    assert (lane.step, lane.seconds, lane.images_per_second, lane.memory_mb) == (8, 0.9, 500, 900)
    assert lane.train["step"] == [5]
    assert len(feed.milestones) == 4  # queued, launched, phase, started


def test_feed_reads_on_where_it_stopped_even_in_the_middle_of_a_line(artifacts):
    run = queue_run(artifacts)
    begin_run(artifacts, run)
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


def test_deleted_run_leaves_its_lane(artifacts):
    runs = [queue_run(artifacts, framework) for framework in ("pytorch", "keras_fit")]
    (artifacts / "broken").mkdir()
    (artifacts / "broken" / "config.json").write_text("{}")
    feed = RaceFeed(artifacts, "20260102-030405-abcd")
    feed.update([*runs, "broken"])
    assert [lane.run for lane in feed.lanes] == runs
    assert list(feed.problems) == ["broken"]
    records.delete_run(artifacts, runs[0])
    feed.update(runs[1:])
    assert [lane.run for lane in feed.lanes] == runs[1:]
    assert feed.problems == {}
    assert [run.config.framework for run in feed.feeds.values()] == ["keras_fit"]


def test_killed_run_is_interrupted_with_the_end_of_its_log(artifacts):
    run = queue_run(artifacts)
    begin_run(artifacts, run, dead_process())
    record_batch(artifacts, run, 5)
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
    begin_run(artifacts, run)
    request_stop(artifacts, run)
    assert only_lane(artifacts, run).stopping


def test_finished_lane_takes_its_figures_from_the_metrics(artifacts):
    run = queue_run(artifacts)
    begin_run(artifacts, run)
    record_batch(artifacts, run, 39)
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
        b'{"event": []}\n{"event": {"event": "ended"}}\n{"event": null}\n',
        b"\x00\xff\n[1, 2]\n",
    ],
)
def test_damaged_events_do_not_stop_the_others(artifacts, line):
    run = queue_run(artifacts)
    begin_run(artifacts, run)
    with open(records.run_dir(artifacts, run) / "events.jsonl", "ab") as file:
        file.write(line)
    record_batch(artifacts, run, 4)
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
    begin_run(artifacts, run)
    lines = [
        json.dumps({"event": "batch", "step": step, "loss": 0.1, "accuracy": 0.9, "seconds": step / 4})
        for step in range(1, 20_001)  # four a second for 80 minutes
    ]
    with open(records.run_dir(artifacts, run) / "events.jsonl", "a") as file:
        file.write("\n".join(lines) + "\n")
    feed = RunFeed(artifacts, run, records.read_config(artifacts, run)[0])
    feed.read_on()
    assert len(feed.milestones) == 4  # queued, launched, phase, started: no batch stays in memory
    began = time.process_time()
    for _ in range(20):
        feed.read_on()
        feed.lane()
    assert (time.process_time() - began) / 20 < 0.05


# ── the time left of the whole race ─────────────────────────────────────────────────


def lanes_of(artifacts, *runs):
    feed = RaceFeed(artifacts, "20260102-030405-abcd")
    feed.update(list(runs))
    return feed.lanes


def test_nobody_knows_how_long_a_race_takes_that_has_not_begun(artifacts):
    runs = [queue_run(artifacts, "pytorch"), queue_run(artifacts, "keras_fit")]
    begin_run(artifacts, runs[0])
    assert race_seconds_left(lanes_of(artifacts, *runs)) is None
    assert race_seconds_left(lanes_of(artifacts, *runs), {runs[0]: 20.0}) is None  # and the other?
    assert race_seconds_left(lanes_of(artifacts, *runs), {runs[0]: 20.0, runs[1]: 30.0}) == 50


def test_lane_that_waits_takes_its_ghosts_time_or_the_running_lanes(artifacts):
    runs = [queue_run(artifacts, name) for name in ("pytorch", "keras_fit", "numpy_scratch")]
    begin_run(artifacts, runs[0])
    record_batch(artifacts, runs[0], 10)  # 1 s of training, 6 s to go by the wall clock
    lanes = lanes_of(artifacts, *runs)
    assert race_seconds_left(lanes) == pytest.approx(6 + 2 * (1 + 6))
    assert race_seconds_left(lanes, {runs[2]: 40.0}) == pytest.approx(6 + (1 + 6) + 40)


def test_lane_that_waits_takes_as_long_as_its_framework_took_with_another_seed(artifacts):
    runs = [queue_run(artifacts, name, seed=seed) for seed in (0, 1) for name in ("pytorch", "keras_fit")]
    for run, seconds in zip(runs[:2], (10.0, 30.0), strict=True):
        begin_run(artifacts, run)
        records.write_json(records.metrics_path(artifacts, run), {"train_time_sec": seconds})
        records.append_event(artifacts, run, "ended", status="finished", reason="", time=1012.0)
    assert race_seconds_left(lanes_of(artifacts, *runs)) == 40
    request_stop(artifacts, runs[2])  # it will not be trained
    assert race_seconds_left(lanes_of(artifacts, *runs)) == 30


def test_race_that_is_over_takes_no_time(artifacts):
    run = queue_run(artifacts)
    records.append_event(artifacts, run, "ended", status="failed", reason="no data", time=1002.0)
    assert race_seconds_left(lanes_of(artifacts, run)) == 0
