"""Where ink goes on a picture, in pixels from its edge."""

import numpy as np
import pytest

from core.drawing.placement import MIDDLE, MNIST_CENTRE, start_of_ink


@pytest.mark.parametrize(("length", "start"), [(1, 14), (3, 13), (21, 4)])
def test_even_ink_lies_around_the_centre_of_mnists_digits(length, start):
    assert start_of_ink(np.ones(length), MNIST_CENTRE, 28) == start


def test_even_ink_of_even_length_lies_in_the_middle_of_the_picture():
    assert start_of_ink(np.ones(20), MIDDLE, 28) == 4


def test_the_two_centres_are_half_a_pixel_apart_where_the_ink_can_follow():
    fine = [start_of_ink(np.ones(8 * 20), 8 * centre, 8 * 28) for centre in (MIDDLE, MNIST_CENTRE)]
    assert fine == [32, 36]  # in eighths of a pixel


def test_ink_that_is_heavy_on_one_side_stays_inside():
    heavy = np.array([100.0] + 19 * [1.0])
    assert start_of_ink(heavy, MIDDLE, 28) == 8
    assert start_of_ink(heavy[::-1], MIDDLE, 28) == 0
