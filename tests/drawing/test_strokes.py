"""Strokes as the canvas sends them, and the picture that they make."""

import numpy as np
import pytest

from core.drawing.numbers import read_number
from core.drawing.strokes import MOST_POINTS, SIDE, paint, read_strokes

SEVEN = [{"width": 22, "points": [100, 80, 215, 80, 145, 250]}]


def test_stroke_is_white_on_black_as_wide_as_its_brush():
    picture = paint(read_strokes([{"width": 20, "points": [60, 160, 260, 160]}]))
    assert picture.shape == (SIDE, SIDE)
    assert picture.dtype == np.uint8
    across = picture[:, 160]
    assert across.sum() / 255 == pytest.approx(20, abs=1.5)
    assert np.flatnonzero(across).mean() == pytest.approx(160, abs=1)
    along = picture[160]
    assert along.sum() / 255 == pytest.approx(200 + 20, abs=2)  # round ends


def test_single_point_is_a_dot():
    picture = paint(read_strokes([{"width": 30, "points": [50.5, 70]}]))
    assert picture.sum() / 255 == pytest.approx(np.pi * 15**2, rel=0.05)
    assert picture[70, 50] == 255


def test_strokes_lie_over_each_other():
    both = paint(read_strokes([*SEVEN, {"width": 10, "points": [20, 20, 40, 40]}]))
    np.testing.assert_array_equal(both[100:], paint(read_strokes(SEVEN))[100:])
    assert both[30, 30] == 255


def test_drawing_is_read_as_any_picture_is():
    assert read_number(paint(read_strokes(SEVEN))).images.shape == (1, 28, 28)


def test_pen_that_leaves_the_canvas_is_cut_at_its_edge():
    picture = paint(read_strokes([{"width": 10, "points": [-1e9, 160, 1e9, 160]}]))
    assert (picture[160] == 255).all()


@pytest.mark.parametrize(
    "sent",
    [
        7,
        ["x"],
        [{"width": 22}],
        [{"width": 22, "points": []}],
        [{"width": 22, "points": [1, 2, 3]}],
        [{"width": 22, "points": [1, float("nan")]}],
        [{"width": 22, "points": [[1], 2]}],
        [{"width": 400, "points": [1, 2]}],
        [{"width": "thick", "points": [1, 2]}],
        [{"width": 22, "points": [1, 2] * (MOST_POINTS + 1)}],
    ],
)
def test_anything_else_is_no_drawing(sent):
    with pytest.raises(ValueError, match=r"."):
        read_strokes(sent)
