"""The points of a curve: where they lie, how they are kept, and what is no curve."""

import json
import math
from itertools import pairwise

import pytest

from core.runs.curves import FEWEST_STEPS, MOST_POINTS, grid, read_curve, rounded
from core.runs.records import RecordError


@pytest.mark.parametrize(
    ("steps", "epochs"), [(860, 5), (430, 1), (1, 200), (19, 3), (39, 3), (40, 3), (5500, 50), (60_000, 200)]
)
def test_every_epoch_ends_with_a_point_and_points_are_few_and_far_apart(steps, epochs):
    points = grid(steps, epochs)
    assert points[-1] == steps
    assert len(points) * epochs <= MOST_POINTS
    assert min(late - soon for soon, late in pairwise([0, *points])) >= min(steps, FEWEST_STEPS)


def test_reference_recipe_has_its_first_point_early():
    assert grid(860, 5)[:3] == [20, 40, 60]


def test_longest_curve_stays_under_20_kB():
    points = range(MOST_POINTS)
    curve = {
        "step": [11_999_000 + point for point in points],
        "seconds": [35_999.123456 + point for point in points],
        "loss": [0.000123456789 / (1 + point) for point in points],
        "accuracy": [0.98765432 for _ in points],
    }
    assert len(json.dumps(rounded(curve))) <= 20_000


def test_rounding_keeps_what_can_be_seen():
    curve = rounded({"step": [20], "seconds": [1.23456], "loss": [0.000123456789], "accuracy": [0.98765432]})
    assert curve == {"step": [20], "seconds": [1.235], "loss": [0.00012346], "accuracy": [0.9877]}
    assert read_curve({"curve": curve}) == curve


def test_record_without_a_curve_says_so():
    with pytest.raises(RecordError, match="before curves were kept"):
        read_curve({"history": {}})


GOOD = {"step": [20, 40], "seconds": [0.5, 1.0], "loss": [0.5, 0.25], "accuracy": [0.8, 0.9]}


@pytest.mark.parametrize(
    "change",
    [
        {"step": [40, 20]},
        {"step": [20]},
        {"step": [True, 40]},
        {"seconds": [1.0, 0.5]},
        {"loss": [0.5, None]},
        {"loss": [0.5, math.inf]},
        {"loss": [0.5, -1]},
        {"accuracy": [80, 90]},
        {"accuracy": "high"},
        {name: [] for name in GOOD},
        {name: values * 201 for name, values in GOOD.items()},
    ],
)
def test_what_is_no_curve_is_refused(change):
    assert read_curve({"curve": GOOD}) == GOOD
    for curve in ({**GOOD, **change}, [1], "curve"):
        with pytest.raises(RecordError, match="damaged"):
            read_curve({"curve": curve})
