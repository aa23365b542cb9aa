"""Replays: which runs can be shown on one clock, what they show, and which race is the newest."""

import json
import time

from core.config import RunConfig
from core.races.replay import ghosts, read_replay
from core.runs import records
from support.made_events import queue_run
from support.made_runs import copy_reference_runs, make_finished_race, make_finished_run, write_metrics

IN_ORDER = ["pytorch", "tensorflow_tape", "keras_fit", "sklearn_scikeras", "numpy_scratch"]


def change_metrics(artifacts, run, **values):
    path = records.metrics_path(artifacts, run)
    metrics = json.loads(path.read_text()) | values
    records.write_json(path, {key: value for key, value in metrics.items() if value != "gone"})


def test_lanes_stand_in_the_one_order_with_their_curves(artifacts):
    runs = make_finished_race(artifacts, seeds=(1, 0))
    replay = read_replay(artifacts, runs)
    assert replay.missing == {}
    assert [lane.framework for lane in replay.lanes] == [name for name in IN_ORDER for _ in range(2)]
    assert [lane.seed for lane in replay.lanes] == 5 * [0, 1]
    for lane in replay.lanes:
        metrics = records.read_object(records.metrics_path(artifacts, lane.run))
        assert lane.curve == metrics["curve"]
        assert len({len(values) for values in lane.curve.values()}) == 1
        assert lane.seconds == metrics["train_time_sec"] >= lane.curve["seconds"][-1] - 0.001
        assert lane.test_accuracy == metrics["test_accuracy"]
        assert (lane.busy, lane.learned) == (False, None)


def test_marks_of_a_run_are_told(artifacts):
    make_finished_run(artifacts, "a")
    change_metrics(artifacts, "a", busy=True, learned=False)
    (lane,) = read_replay(artifacts, ["a", "a"]).lanes
    assert (lane.busy, lane.learned) == (True, False)


def test_every_run_that_cannot_be_replayed_says_why_and_the_others_are_shown(artifacts):
    for name in ("good", "old", "stopped", "damaged", "untimed"):
        make_finished_run(artifacts, name)
    change_metrics(artifacts, "old", curve="gone")
    change_metrics(artifacts, "stopped", status="stopped")
    change_metrics(artifacts, "damaged", curve={"step": [1]})
    change_metrics(artifacts, "untimed", train_time_sec="gone")
    write_metrics(artifacts, "broken", "{half")
    waiting = queue_run(artifacts)
    names = ["old", "stopped", "damaged", "untimed", "broken", waiting, "../../etc/passwd", "good"]
    replay = read_replay(artifacts, names)
    assert [lane.run for lane in replay.lanes] == ["good"]
    assert list(replay.missing) == names[:-1]
    assert "before curves were kept" in replay.missing["old"]
    assert "stopped" in replay.missing["stopped"]
    assert "did not finish" in replay.missing[waiting]
    for sentence in replay.missing.values():
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "passwd" not in sentence


# ── ghosts ──────────────────────────────────────────────────────────────────────────


def waiting_like(**changes):
    return RunConfig.from_preset("pytorch", **{"device": "cpu", **changes})


def test_ghost_is_the_newest_run_of_the_same_setup_whatever_its_seed(artifacts):
    copy_reference_runs(artifacts)
    for second, seed in ((1, 0), (2, 7)):
        make_finished_run(artifacts, f"20261120-10000{second}-pytorch-small-cnn-s{seed}", seed=seed)
    make_finished_run(artifacts, "20261120-100003-keras_fit-small-cnn-s0", "keras_fit")
    ghost = ghosts(artifacts, waiting_like(seed=3, momentum=0.5, filters=(16, 32)))  # which decide nothing
    assert ghost.run == "20261120-100002-pytorch-small-cnn-s7"
    assert ghost.besides == 2.1 + 0.4 + 0.2 + 0.6 + 1.9 + 0.5
    assert ghosts(artifacts, waiting_like(device="auto")).run == ghost.run


def test_run_of_another_setup_is_no_ghost(artifacts):
    make_finished_run(artifacts, "20261120-100001-pytorch-small-cnn-s0")
    for change in (
        {"epochs": 2},
        {"batch_size": 32},
        {"filters": (8, 8)},
        {"threads": 1},
        {"augment": True},
        {"device": "cuda"},
        {"optimizer": "sgd"},
        {"dataset": "digits"},
        {"protocol": "as-is"},
    ):
        assert ghosts(artifacts, waiting_like(**change)) is None, change
    assert ghosts(artifacts, waiting_like()) is not None


def test_ghost_has_learned_and_kept_its_curve(artifacts):
    good, *others = [f"20261120-10000{second}-pytorch-small-cnn-s0" for second in range(4)]
    for run in (good, *others):
        make_finished_run(artifacts, run)
    changes = ({"learned": False}, {"curve": "gone"}, {"status": "stopped"})
    for run, change in zip(others, changes, strict=True):
        change_metrics(artifacts, run, **change)
    (artifacts / others[0] / "config.json").write_text("{half")
    assert ghosts(artifacts, waiting_like()).run == good


def test_among_a_thousand_runs_the_ghost_is_found_at_once(artifacts):
    make_finished_race(artifacts)
    run = "20261120-100000-pytorch-small-cnn-s0"
    metrics = records.metrics_path(artifacts, run).read_text()
    config = (artifacts / run / "config.json").read_text()
    for number in range(1000):
        copy = run.replace("20261120-1", f"20261119-1{number:03}")
        (artifacts / copy).mkdir()
        changed = config.replace('"epochs": 5', '"epochs": 4').replace('"made"', f'"race-{number}"')
        (artifacts / copy / "config.json").write_text(changed)
        records.metrics_path(artifacts, copy).write_text(metrics)
    began = time.process_time()
    assert ghosts(artifacts, waiting_like()).run == run
    assert time.process_time() - began < 0.5
