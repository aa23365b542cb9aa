"""Convolution, ReLU and pooling of a station against sums by hand."""

import numpy as np
import pytest

from core.lessons.features import (
    BLUR,
    SHARPEN,
    changed,
    edge_kernel,
    feature_map,
    moved,
    patch,
    pooled,
    rectified,
)
from core.lessons.tiny import built_in_digits

DIGIT = built_in_digits()[2][41]


@pytest.mark.parametrize("kernel", [edge_kernel(0), edge_kernel(75), BLUR, SHARPEN])
def test_feature_map_is_the_sum_of_products_that_the_station_shows(kernel):
    result = feature_map(DIGIT, kernel, bias=0.25)
    for row, column in [(0, 0), (9, 14), (14, 9), (27, 27)]:
        by_hand = float((patch(DIGIT, row, column) * kernel).sum()) + 0.25
        assert result[row, column] == pytest.approx(by_hand, abs=1e-5)


@pytest.mark.parametrize("degrees", range(0, 360, 15))
def test_edge_kernel_gives_nothing_where_all_is_equally_bright(degrees):
    even = np.full((28, 28), 200, np.uint8)
    assert np.abs(feature_map(even, edge_kernel(degrees))[1:-1, 1:-1]).max() < 1e-5


def test_edge_kernel_turns_with_the_direction():
    to_the_right = np.zeros((28, 28), np.uint8)
    to_the_right[:, 14:] = 255
    assert feature_map(to_the_right, edge_kernel(0))[14, 13] == pytest.approx(1)
    assert feature_map(to_the_right, edge_kernel(180))[14, 13] == pytest.approx(-1)
    assert feature_map(to_the_right, edge_kernel(90))[14, 13] == pytest.approx(0, abs=1e-6)
    assert feature_map(np.rot90(to_the_right), edge_kernel(90))[14, 14] == pytest.approx(1)


def test_relu_keeps_what_is_above_zero():
    before = feature_map(DIGIT, edge_kernel(0))
    after = rectified(before)
    assert (after == np.where(before > 0, before, 0)).all()
    assert 0 < (after > 0).mean() < 1


@pytest.mark.parametrize("size", [2, 4])
def test_pooling_keeps_the_largest_of_every_window(size):
    before = rectified(feature_map(DIGIT, edge_kernel(0)))
    kept = pooled(before, size)
    assert kept.shape == (28 // size, 28 // size)
    windows = before.reshape(28 // size, size, 28 // size, size)
    assert (kept == windows.max(axis=(1, 3))).all()


def test_digit_moves_both_ways_and_what_leaves_is_gone():
    assert (moved(DIGIT, 3)[:, 3:] == DIGIT[:, :-3]).all()
    assert not moved(DIGIT, 3)[:, :3].any()
    assert (moved(DIGIT, -3)[:, :-3] == DIGIT[:, 3:]).all()
    assert (moved(DIGIT, 0) == DIGIT).all()


def test_a_moved_digit_changes_less_after_pooling():
    before = rectified(feature_map(DIGIT, edge_kernel(0)))
    after = rectified(feature_map(moved(DIGIT, 1), edge_kernel(0)))
    assert changed(before, before) == 0
    assert changed(pooled(before, 4), pooled(after, 4)) < changed(before, after)
    assert changed(np.zeros((2, 2)), np.zeros((2, 2))) == 0
