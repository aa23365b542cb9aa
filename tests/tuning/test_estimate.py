"""How many runs a study is and how long it takes, from runs known on this machine."""

import json

import pytest

from core.machine.environment import available_cores, describe
from core.tuning.estimate import Speed, estimate, known_speeds
from support.real_studies import tiny_spec


def write_run(artifacts, run, created, images_per_second, **changes):
    metrics = {
        "framework": "numpy_scratch", "architecture": "tiny-mlp", "created": created,
        "images_per_second": images_per_second, "config": {"threads": 1}, "timing": {"import_s": 0.5},
        "environment": describe(1), **changes,
    }  # fmt: skip
    (artifacts / f"{run}_metrics.json").write_text(json.dumps(metrics))


def test_newest_run_of_this_machine_with_this_network_tells_the_speed(artifacts):
    write_run(artifacts, "old", "2026-11-01", 1000)
    write_run(artifacts, "new", "2026-11-02", 2000)
    write_run(artifacts, "other-network", "2026-11-03", 1, architecture="small-cnn")
    write_run(artifacts, "elsewhere", "2026-11-03", 1, environment={"machine": "another"})
    (artifacts / "broken_metrics.json").write_text("{")
    assert known_speeds(artifacts, "tiny-mlp") == {"numpy_scratch": Speed(1 / 2000, 0.5)}


def test_runs_and_seconds_of_a_study_are_told_before_it_starts(artifacts):
    speeds = {"numpy_scratch": Speed(1 / 1000, 0.5)}
    one = estimate(tiny_spec(), speeds)
    assert (one.trials, one.fits, one.fresh_runs, one.unknown) == (4, 4, 9, ())
    folds = estimate(tiny_spec(folds="5", seeds="0,1"), speeds)
    assert (folds.fits, folds.fresh_runs) == (40, 9)
    assert folds.seconds > one.seconds > 9 * 2 * 1497 / 1000  # the fresh runs alone show so many images


@pytest.mark.skipif(available_cores() < 2, reason="two workers need two cores")
def test_two_workers_take_half_the_time(artifacts):
    speeds = {"numpy_scratch": Speed(1 / 1000, 0.5)}
    spec = tiny_spec()
    two = estimate(spec.model_copy(update={"workers": 2}), speeds)
    assert two.seconds == pytest.approx(estimate(spec, speeds).seconds / 2)


def test_time_that_is_not_known_is_not_made_up(artifacts):
    unknown = estimate(tiny_spec(), {})
    assert (unknown.fits, unknown.seconds, unknown.unknown) == (4, None, ("numpy_scratch",))
    missing = estimate(tiny_spec(dataset="mnist"), {"numpy_scratch": Speed(1 / 1000, 0.5)})
    assert missing.seconds is None  # how many images there will be shows once they are there


def test_minutes_bound_the_search(artifacts):
    spec = tiny_spec(minutes="1", strategy="random", **{"search-learning-rate": "log:0.001..0.1"})
    found = estimate(spec, {"numpy_scratch": Speed(1 / 1000, 0.5)})
    assert (found.trials, found.fits) == (None, None)
    assert found.seconds > 60
