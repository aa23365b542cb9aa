"""From a picture to what the models see, kept for the newest drawing of a session."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.data.catalogue import Way
from pages.components.pictures import as_png

if TYPE_CHECKING:
    from core.drawing.strokes import Stroke

READING = "draw-reading"  # in the session: the newest drawing
MOST_DIGITS = 8  # in one picture
STEP = 112  # pixels of a step's picture


@dataclass(frozen=True)
class Drawing:
    """What the visitor brought, read from left to right: little enough to be kept with every widget.

    `images` (N, 28, 28) uint8 is what the models see; `truth` is known only for a digit from the test
    set. The pictures themselves are kept once a session, for the newest drawing: see `kept_pictures`.
    """

    key: str
    source: str
    images: np.ndarray
    truth: str = ""


@dataclass(frozen=True)
class Reading:
    """The newest drawing of a session: `pictures` as they came, PNGs, and `steps` from picture to digit."""

    key: str
    images: np.ndarray
    pictures: tuple[bytes, ...]
    steps: tuple[tuple[str, bytes], ...]
    ink: np.ndarray  # (height, width) uint8, all that was found


def kept_pictures(key: str) -> tuple[bytes, ...]:
    """The drawing's pictures as PNGs, one a digit, no larger than they are saved; none for an earlier one."""
    reading = st.session_state.get(READING)
    return reading.pictures if reading and reading.key == key else ()


def kept_steps(key: str) -> tuple[tuple[str, bytes], ...]:
    """How the drawing's first digit becomes what the models see: titles and PNGs."""
    reading = st.session_state.get(READING)
    return reading.steps if reading and reading.key == key else ()


def kept_ink() -> np.ndarray:
    """What was found to be ink on the newest picture, (height, width) uint8."""
    return st.session_state[READING].ink


def read_drawing(
    strokes: "tuple[Stroke, ...]", what: str = "a digit", way: Way = "number"
) -> tuple[Drawing | None, str]:
    """What was drawn on the canvas, or None and what to do first (as for `read_picture`)."""
    if not strokes:
        return None, f"Draw {what}"
    from core.drawing.strokes import paint

    return read_picture(paint(strokes), "drawing", what, way)


def read_picture(
    picture: Any, source: str, what: str = "a digit", way: Way = "number"
) -> tuple[Drawing | None, str]:
    """The drawing in a picture, or None and why there is none.

    Args:
        picture: as `core.drawing.ink.find_ink` takes it.
        source: the way it came.
        what: should be on it, in words.
        way: how it is read, as `DatasetInfo.way` of the models' dataset says.
    """
    from core.drawing.ink import EmptyDrawing
    from core.drawing.numbers import TooManyDigits

    pixels = np.asarray(picture)
    content = f"{pixels.shape} {way}".encode() + pixels.tobytes()
    key = hashlib.sha256(content).hexdigest()[:16]
    reading = st.session_state.get(READING)
    if reading is None or reading.key != key:
        try:
            reading = _read(key, pixels) if way == "number" else _read_sign(key, pixels, way)
        except EmptyDrawing as error:
            return None, f"Draw {what} first: {error.reason}."
        except TooManyDigits as error:
            return None, str(error)
        st.session_state[READING] = reading  # in the place of the one before
    return Drawing(key, source, reading.images), ""


def _read(key: str, pixels: np.ndarray) -> Reading:
    from core.data.own_digits import LARGEST_SIDE
    from core.drawing.preprocessing import prepare_steps
    from core.prediction.numbers import read_number

    number = read_number(pixels, most=MOST_DIGITS)
    pictures = [digit.picture for digit in number.digits] if len(number.digits) > 1 else [pixels]
    steps = [(title, as_png(step, STEP)) for title, step in prepare_steps(pictures[0])]
    pngs = tuple(as_png(picture, LARGEST_SIDE) for picture in pictures)
    return Reading(key, number.images, pngs, tuple(steps), number.ink)


def _read_sign(key: str, pixels: np.ndarray, way: Way) -> Reading:
    from core.drawing.preprocessing import prepare_steps
    from core.prediction.signs import read

    sign = read(pixels, way)
    steps = [("The picture", sign.ink), ("Made 28 × 28", sign.images[0])]
    if way == "sign":
        steps = prepare_steps(pixels)
    shown = tuple((title, as_png(step, STEP)) for title, step in steps)
    return Reading(key, sign.images, (), shown, sign.ink)
