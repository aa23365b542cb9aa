"""Joined digits are cut apart, single digits and letters are not."""

import time
from itertools import pairwise

import cv2
import numpy as np
import pytest

from core.drawing.cuts import between, candidate_cuts
from core.drawing.ink import bounds
from core.drawing.numbers import TooManyDigits
from core.prediction.likeness import judge
from core.prediction.numbers import read_number


def side_by_side(digits: str, overlap: int) -> np.ndarray:
    """Printed digits (height, width) uint8 in a row, each pushed into the one before."""
    whole = np.zeros((200, 40), np.uint8)
    for digit in digits:
        ink = np.zeros((200, 200), np.uint8)
        cv2.putText(ink, digit, (50, 150), cv2.FONT_HERSHEY_SIMPLEX, 4, 255, 12, cv2.LINE_AA)
        columns = np.flatnonzero(ink.any(axis=0))
        ink = ink[:, columns[0] : columns[-1] + 1]
        place = max(0, whole.shape[1] - overlap) if whole.any() else 20
        grown = np.zeros((200, place + ink.shape[1]), np.uint8)
        grown[:, : whole.shape[1]] = whole[:, : grown.shape[1]]
        grown[:, place:] = np.maximum(grown[:, place:], ink)
        whole = grown
    return np.pad(whole, 20)


def test_parts_between_all_paths_are_the_whole_ink():
    ink = side_by_side("2026", 6)
    left, top, width, height = bounds(ink)
    ink = ink[top : top + height, left : left + width]
    paths = candidate_cuts(ink)
    assert len(paths) > 3
    assert all(path.shape == (height,) for path in paths)
    ends = [None, *paths, None]
    parts = [between(ink, *pair) for pair in pairwise(ends)]
    assert np.array_equal(np.max(parts, axis=0), ink)


@pytest.mark.parametrize("digits", ["2026", "35", "273"])
def test_digits_written_in_one_piece_are_cut_apart(digits):
    ink = side_by_side(digits, 6)
    assert cv2.connectedComponents((ink > 50).astype(np.uint8))[0] == 2  # paper and one piece
    number = read_number(ink)
    assert len(number.digits) == len(digits)
    lefts = [digit.box[0] for digit in number.digits]
    assert lefts == sorted(lefts)
    widths = [digit.box[2] for digit in number.digits]
    assert 1 <= sum(widths) / bounds(ink)[2] < 1.25  # they share the ink where they touch


@pytest.mark.parametrize("digit", "0123456789")
def test_a_single_digit_is_never_cut(digit):
    assert len(read_number(side_by_side(digit, 0)).digits) == 1


@pytest.mark.parametrize("letter", "HMWEnu")
def test_a_letter_is_not_cut_into_digits(letter):
    assert len(read_number(side_by_side(letter, 0)).digits) == 1


def test_digits_that_turn_up_by_cutting_count_too():
    ink = side_by_side("2026", 6)
    with pytest.raises(TooManyDigits, match="4 digits"):
        read_number(ink, most=3)


def test_a_number_of_ten_digits_is_read_whole_and_of_twenty_refused_in_a_sentence():
    assert len(read_number(side_by_side("2026202620", -20)).digits) == 10
    with pytest.raises(TooManyDigits, match="There seem to be 20 digits in it; up to 16 can be read at once"):
        read_number(side_by_side("20262026202620262026", -20))


def with_lines(ink: np.ndarray, *lines: tuple[float, float]) -> np.ndarray:
    """Strokes right across, each from one height to another, 0 the top of the ink and 1 its end."""
    left, top, width, height = bounds(ink)
    ink = np.pad(ink, ((0, 60), (0, 0)))
    for start, end in lines:
        ends = (left - 8, round(top + start * height)), (left + width + 8, round(top + end * height))
        cv2.line(ink, *ends, 255, 10, cv2.LINE_AA)
    return ink


def test_a_line_under_a_number_is_no_part_of_it():
    plain, lined = (
        read_number(ink)
        for ink in (side_by_side("273", -20), with_lines(side_by_side("273", -20), (1.2, 1.25)))
    )
    assert [digit.box for digit in lined.digits] == [digit.box for digit in plain.digits]


@pytest.mark.parametrize("lines", [[(0.2, 0.8), (0.8, 0.2)], [(0.35, 0.4), (0.6, 0.65)]])
def test_what_is_crossed_out_is_like_no_digit(lines):
    number = read_number(with_lines(side_by_side("273", -20), *lines))
    assert judge().unlike(number.images).any()


def test_cutting_takes_less_than_a_second_of_the_processor():
    ink = cv2.resize(side_by_side("2026202620", 6), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    read_number(ink)  # the judge is read once
    began = time.process_time()
    read_number(ink)
    assert time.process_time() - began < 1
