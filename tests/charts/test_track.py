"""The track: marks where they belong, runners that never go back."""

import numpy as np
import pytest

from core.charts.track import MARKS, STRAIGHT, reached, track


def test_a_runner_stands_at_the_running_mean_and_never_goes_back():
    rng = np.random.default_rng(0)
    curve = list(np.clip(1 - 0.9 * np.exp(-np.arange(400) / 60) + rng.normal(0, 0.02, 400), 0, 1))
    places = reached(curve)
    assert len(places) == 400
    assert places == sorted(places)
    assert places[-1] < max(curve)  # one lucky batch moves nobody
    assert places[-1] == pytest.approx(np.mean(curve[-20:]), abs=0.01)


def test_points_that_nobody_knows_leave_the_runner_where_it_is():
    assert reached([None, 0.5, None, 0.7]) == pytest.approx([0, 0.5, 0.5, 0.6])


def test_the_track_of_mnist_has_the_marks_of_the_programme():
    course = track(0.992)
    assert [mark["text"] for mark in course.marks()] == ["99 %", "90 %", "95 %", "97 %", "98 %"]
    places = [course.place(accuracy) for accuracy in (0, 0.45, *[mark for mark in MARKS if mark >= 0.9], 1)]
    assert places == sorted(places)
    assert places[0] == 0
    assert places[2] == pytest.approx(STRAIGHT)
    assert places[-1] == 1
    # Halving the error is as far everywhere.
    assert course.place(0.98) - course.place(0.96) == pytest.approx(course.place(0.99) - course.place(0.98))


@pytest.mark.parametrize("best", [0.0, 0.3, 0.7, 0.85, 0.92, 0.97, 0.995, 1.0])
def test_whatever_they_reach_the_best_come_far_and_the_marks_stay_apart(best):
    course = track(best)
    places = sorted(mark["place"] for mark in course.marks())
    assert len(places) >= 2
    assert np.diff(places).min() >= 0.05
    assert best < 0.5 or course.place(best) > 0.5
