"""What the track's script is told to draw."""

from dataclasses import replace

import pytest

from core.comparison.podium import podium
from core.machine.load import Reading
from core.races.live import RaceFeed
from core.races.replay import read_replay
from core.runs import records
from pages.components.replay.live import live_picture
from pages.components.replay.picture import MOST_LANES, chosen_lanes, replay_picture
from pages.components.train.load_line import MachineLoad
from support.made_events import begin_run, queue_run, record_batch
from support.made_runs import make_finished_race, read_results


def lanes_of(artifacts, runs):
    return read_replay(artifacts, runs).lanes


def test_of_many_runs_each_frameworks_with_the_middle_time_runs(tmp_path):
    lanes = lanes_of(tmp_path, make_finished_race(tmp_path, (0, 1, 2)))
    chosen = chosen_lanes(lanes)
    assert len(chosen) == 5
    times = sorted(lane.seconds for lane in lanes if lane.framework == "pytorch")
    assert next(lane.seconds for lane in chosen if lane.framework == "pytorch") == times[1]
    assert chosen_lanes(lanes[:MOST_LANES]) == list(lanes[:MOST_LANES])
    picture = replay_picture(lanes, podium(read_results(tmp_path).frame))
    assert "15 runs" in picture["note"]
    assert "fastest of 3" in str(picture["podium"])


def test_a_runner_goes_to_its_post_and_takes_its_place(tmp_path):
    lanes = lanes_of(tmp_path, make_finished_race(tmp_path))
    picture = replay_picture(lanes, podium(read_results(tmp_path).frame))
    assert [lane["number"] for lane in picture["lanes"]] == ["1", "2", "3", "4", "5"]
    for lane in picture["lanes"]:
        assert lane["at"][-1] == lane["seconds"]
        assert lane["place"] == sorted(lane["place"])
        assert lane["place"][-1] == pytest.approx(lane["post"], abs=1e-4)
        assert len(lane["at"]) == len(lane["loss"]) == len(lane["accuracy"]) == len(lane["reached"])
    assert picture["seconds"] == max(lane.seconds for lane in lanes)
    assert picture["lanes"][-1]["place_word"] == "5th"


def test_a_busy_run_is_shown_without_a_place(tmp_path):
    runs = make_finished_race(tmp_path)
    path = records.metrics_path(tmp_path, runs[1])
    records.write_json(path, records.read_object(path) | {"busy": True})
    picture = replay_picture(lanes_of(tmp_path, runs), podium(read_results(tmp_path).frame))
    lane = next(lane for lane in picture["lanes"] if lane["title"] == "PyTorch")
    assert (lane["place_word"], lane["mark"]) == ("", "the machine was busy")
    assert picture["podium"]["unranked"] == ["Shown, but not ranked: PyTorch (the machine was busy)."]


def test_a_race_that_goes_on_runs_on_the_clock_of_the_run_that_trains(tmp_path):
    first, second = queue_run(tmp_path, "pytorch"), queue_run(tmp_path, "keras_fit")
    begin_run(tmp_path, first)
    for step in (1, 5, 10):
        record_batch(tmp_path, first, step)
    feed = RaceFeed(tmp_path, "20260102-030405-abcd")
    feed.update([first, second])
    [ghost] = lanes_of(tmp_path, make_finished_race(tmp_path)[3:4])
    notes = dict.fromkeys((first, second), "")
    picture = live_picture(feed.lanes, notes, {first: ghost, second: ghost})
    trains, waits = picture["lanes"]
    assert picture["clock"] == 1.0
    assert picture["runs"]
    assert (trains["waits"], waits["waits"]) == (False, True)
    assert trains["seconds"] is None  # nobody knows yet
    assert trains["ghost"] is None  # it runs itself
    assert waits["ghost"]["word"] == "earlier run"
    assert waits["ghost"]["at"] == ghost.curve["seconds"]

    done = [replace(lane, state="finished", phase="") for lane in feed.lanes]
    over = live_picture(done, notes, {})
    assert not over["runs"]
    assert over["clock"] == 1.0
    assert over["lanes"][0]["post"] is not None


def test_the_load_of_the_machine_is_counted_over_seconds_and_soon_forgotten():
    now = 0.0

    def read() -> Reading:  # of two cores others have one
        return Reading(wall=now, cores=2, idle=now, stolen=0.0, own=0.0, waits={})

    load = MachineLoad(read=read, clock=lambda: now)
    told = []
    for now in (0.0, 1.0, 3.0, 3.5, 100.0):  # noqa: B007 - what `read` sees
        told.append(load.look())
    assert told == [None, None, 0.5, 0.5, None]
