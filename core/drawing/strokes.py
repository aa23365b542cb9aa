"""The strokes of a pen, as the canvas on the pages sends them, and the picture that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

SIDE = 320  # width and height of the canvas in its own units, however large the screen shows it
WIDTHS = (4, 40)  # of a stroke, in the same units
MOST_POINTS = 20_000  # of a drawing: an hour of scribbling
FINE = 2  # painted so many times larger, then averaged down: soft edges, as a browser draws them
_SHIFT = 4  # OpenCV takes whole numbers: sixteenths of a pixel


@dataclass(frozen=True, eq=False)
class Stroke:
    """A line of this width through `points` (N, 2), x and y in units of the canvas; one point is a dot."""

    width: float
    points: np.ndarray


def read_strokes(sent: Any) -> tuple[Stroke, ...]:
    """The strokes in what a browser sent: a list of `{"width": 22, "points": [x, y, x, y, …]}`.

    Raises:
        ValueError: it is something else, or too much.
    """
    try:
        strokes = tuple(Stroke(*_checked(float(one["width"]), one["points"])) for one in sent)
    except (TypeError, KeyError, OverflowError) as error:
        raise ValueError(f"this is no drawing: {error}") from error
    if sum(len(stroke.points) for stroke in strokes) > MOST_POINTS:
        raise ValueError(f"a drawing has at most {MOST_POINTS:,} points")
    return strokes


def _checked(width: float, points: Sequence[float]) -> tuple[float, np.ndarray]:
    placed = np.asarray(points, np.float64).reshape(-1, 2)
    if not WIDTHS[0] <= width <= WIDTHS[1] or not len(placed) or not np.isfinite(placed).all():
        raise ValueError(f"a stroke is {WIDTHS[0]} to {WIDTHS[1]} wide and has a point")
    return width, placed.clip(-SIDE, 2 * SIDE)  # a pen may leave the canvas and come back


def paint(strokes: Sequence[Stroke]) -> np.ndarray:
    """The drawing, (SIDE, SIDE) uint8, white ink on black, with round ends and corners."""
    canvas = np.zeros((FINE * SIDE, FINE * SIDE), np.uint8)
    for stroke in strokes:
        fixed = np.round(stroke.points * FINE * 2**_SHIFT).astype(np.int32)
        if len(fixed) == 1:
            radius = round(stroke.width * FINE * 2**_SHIFT / 2)
            cv2.circle(canvas, fixed[0].tolist(), radius, 255, cv2.FILLED, cv2.LINE_AA, _SHIFT)
        else:
            cv2.polylines(canvas, [fixed], False, 255, round(stroke.width * FINE), cv2.LINE_AA, _SHIFT)
    return cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
