"""A picture as the number that it shows: its digits from left to right, and where each of them is."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from core.drawing.grouping import digit_masks
from core.drawing.ink import find_ink
from core.drawing.preprocessing import alone, prepare_ink

MOST_DIGITS = 16  # a longer number has too few pixels a digit


class TooManyDigits(ValueError):
    """More digits than are read at once; the message says how many."""

    def __init__(self, count: int, most: int) -> None:
        super().__init__(f"There seem to be {count} digits in it; up to {most} can be read at once.")


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit of a number.

    `picture` is its ink alone (height, width) uint8, white on black; `image` (28, 28) uint8 what the models
    see; `box` its left, top, width and height in pixels of the whole picture.
    """

    picture: np.ndarray
    image: np.ndarray
    box: tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Number:
    """The digits of a picture from left to right, one or more, and all ink that was found in it."""

    digits: tuple[Digit, ...]
    ink: np.ndarray

    @property
    def images(self) -> np.ndarray:
        """What the models see, (N, 28, 28) uint8."""
        return np.stack([digit.image for digit in self.digits])


def read_number(
    image: np.ndarray | Image.Image, size: tuple[int, int] | None = None, most: int = MOST_DIGITS
) -> Number:
    """The digits in a picture.

    Args:
        image: as `core.drawing.ink.find_ink` takes it.
        size: width and height in which the boxes are told, if not those of the image.
        most: digits that are read at once.

    Raises:
        EmptyDrawing: nothing, or nearly nothing, is drawn.
        TooManyDigits: more than `most`.
        ValueError: the array has no pixels or is not a picture.
    """
    ink = find_ink(image)
    masks = digit_masks(ink)
    if len(masks) > most:
        raise TooManyDigits(len(masks), most)
    scale = _scale(image, size, ink)
    if len(masks) < 2:
        return _undivided(ink, scale)
    parts = [alone(ink, mask) for mask in masks]
    boxes = [_box(cv2.boundingRect(mask), scale) for mask in masks]
    digits = (Digit(part, prepare_ink(part), box) for part, box in zip(parts, boxes, strict=True))
    return Number(tuple(digits), ink)


def read_sign(image: np.ndarray | Image.Image, size: tuple[int, int] | None = None) -> Number:
    """All ink of a picture as one sign, however many pieces that has: an i, an ä, a は.

    Arguments and errors are those of `read_number`.
    """
    ink = find_ink(image)
    return _undivided(ink, _scale(image, size, ink))


def _undivided(ink: np.ndarray, scale: tuple[float, float]) -> Number:
    return Number((Digit(ink, prepare_ink(ink), _box(cv2.boundingRect(ink), scale)),), ink)


def _scale(
    image: np.ndarray | Image.Image, size: tuple[int, int] | None, ink: np.ndarray
) -> tuple[float, float]:
    """From pixels of the ink to those in which boxes are told."""
    if size is None:
        size = image.size if isinstance(image, Image.Image) else (image.shape[1], image.shape[0])
    return size[0] / ink.shape[1], size[1] / ink.shape[0]


def _box(found: Sequence[int], scale: tuple[float, float]) -> tuple[int, int, int, int]:
    left, top, width, height = found
    return (
        round(left * scale[0]),
        round(top * scale[1]),
        max(1, round(width * scale[0])),
        max(1, round(height * scale[1])),
    )
