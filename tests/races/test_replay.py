"""Replays: which runs can be shown on one clock, what they show, and which race is the newest."""

import json

from core.races.replay import latest_race, read_replay
from core.runs import records
from support.made_events import begin_run, queue_run
from support.made_runs import copy_reference_runs, make_finished_race, make_finished_run, write_metrics

IN_ORDER = ["pytorch", "tensorflow_tape", "keras_fit", "sklearn_scikeras", "numpy_scratch"]


def change_metrics(artifacts, run, **values):
    path = records.metrics_path(artifacts, run)
    metrics = json.loads(path.read_text()) | values
    records.write_json(path, {key: value for key, value in metrics.items() if value != "gone"})


def test_lanes_stand_in_the_one_order_with_curve_and_epochs(artifacts):
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
        assert lane.epochs == {name: metrics["history"][name] for name in ("seconds", "val_accuracy")}
        assert lane.test_accuracy == metrics["test_accuracy"]
        assert (lane.busy, lane.learned) == (False, None)


def test_marks_of_a_run_are_told(artifacts):
    make_finished_run(artifacts, "a")
    change_metrics(artifacts, "a", busy=True, learned=False)
    (lane,) = read_replay(artifacts, ["a", "a"]).lanes
    assert (lane.busy, lane.learned) == (True, False)


def test_run_without_validation_images_has_epochs_without_scores(artifacts):
    make_finished_run(artifacts, "a")
    change_metrics(artifacts, "a", history={"seconds": [1.0, 2.0], "val_accuracy": [None, None]})
    make_finished_run(artifacts, "b", framework="keras_fit")
    change_metrics(artifacts, "b", history="none")
    with_times, without = read_replay(artifacts, ["a", "b"]).lanes
    assert with_times.epochs == {"seconds": [1.0, 2.0], "val_accuracy": [None, None]}
    assert without.epochs == {"seconds": [], "val_accuracy": []}


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


def make_race(artifacts, race, runs):
    """Finished runs of one race, one framework after another."""
    for run, framework in zip(runs, IN_ORDER, strict=False):
        make_finished_run(artifacts, run, framework)
        records.write_config(artifacts, run, records.read_config(artifacts, run)[0], race)


def test_latest_race_is_the_newest_that_is_over_and_has_curves(artifacts):
    copy_reference_runs(artifacts)
    older, wanted, without_curves, alone = (
        [f"20261120-10000{second}-{name}-small-cnn-s0" for name in names]
        for second, names in enumerate((IN_ORDER, IN_ORDER, IN_ORDER, ["pytorch"]))
    )
    for race, runs in enumerate((older, wanted, without_curves, alone)):
        make_race(artifacts, f"race-{race}", runs)
    for run in without_curves:
        change_metrics(artifacts, run, curve="gone")
    (artifacts / "20261120-100009-x").mkdir()
    (artifacts / "20261120-100009-x" / "config.json").write_text("no json")
    assert latest_race(artifacts) == wanted


def test_race_that_still_trains_is_not_the_latest(artifacts):
    older = ["20261120-100000-a", "20261120-100000-b"]
    make_race(artifacts, "older", older)
    training = queue_run(artifacts, race="newer")
    begin_run(artifacts, training)
    newer = [f"{training}-2", f"{training}-3"]
    make_race(artifacts, "newer", newer)
    assert latest_race(artifacts) == older
    records.append_event(artifacts, training, "ended", status="failed", reason="no data", time=1.0)
    assert latest_race(artifacts) == newer


def test_folder_without_anything_has_no_latest_race(artifacts):
    assert latest_race(artifacts) == []
