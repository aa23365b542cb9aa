"""Strokes drawn as images: varied pens, other hands, and habits that MNIST's writers did not have.

The same generator gives the same picture.
"""

import cv2
import numpy as np

from core.data.pen import Strokes
from core.drawing.ink import EmptyDrawing
from core.drawing.preprocessing import prepare_digit

CANVAS = 320  # pixels, as on the Draw page
BRUSHES = (4, 40)  # pixels, as on the Draw page
THICKEST = 0.22  # of a drawing's longer side: a thicker brush leaves a blob
SHIFT = 4  # binary places of the points that OpenCV draws
TRIES = 5  # brushes for a drawing so small that most of them leave a dot


def bent(strokes: Strokes, rng: np.random.Generator, turn: float = 15) -> Strokes:
    """The same as another hand would write it: turned, leaning, stretched, a little warped.

    Args:
        strokes: of any size.
        rng: decides how.
        turn: most degrees to either side.
    """
    points = np.concatenate(strokes)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    size = max(np.ptp(points, axis=0).max(), 1e-6)
    angle, lean = np.deg2rad(rng.uniform(-turn, turn)), rng.uniform(-0.25, 0.25)
    stretch = np.exp(rng.uniform(-0.15, 0.15))
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turned @ np.array([[stretch, lean], [0, 1 / stretch]])
    waves = rng.normal(0, 1, (3, 2)), rng.uniform(0, 2 * np.pi, 3), rng.normal(0, 0.022, (3, 2))

    def change(stroke: np.ndarray) -> np.ndarray:
        unit = (stroke - middle) / size
        phase = 4 * unit @ waves[0].T + waves[1]
        return (unit + np.sin(phase) @ waves[2]) @ matrix.T

    return [change(stroke) for stroke in strokes]


def with_habit(strokes: Strokes, digit: str, rng: np.random.Generator) -> Strokes:
    """A zero with a slash or a dot, a one with a foot or an upstroke, a seven with a bar."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    height = extent[1]

    def line(*places: tuple[float, float]) -> np.ndarray:
        """Places as fractions of the box, a little off."""
        return low + (np.array(places) + rng.normal(0, 0.04, (len(places), 2))) * extent

    match digit, rng.random():
        case "0", chance if chance < 0.9:
            over = rng.uniform(-0.25, 0.2)
            lean = (-over, 1 + over) if chance < 0.75 else (1 + over, -over)
            return [*strokes, line((lean[0], 1 + over), (lean[1], -over))]
        case "0", _:
            return [*strokes, line((0.45, 0.45), (0.55, 0.5), (0.5, 0.55))]
        case "1", chance if chance < 0.5:
            wide = rng.uniform(0.15, 0.4) * height
            return [*strokes, points[points[:, 1].argmax()] + np.array([(-wide, 0), (wide, 0)])]
        case "1", _:
            top = points[points[:, 1].argmin()]
            length, slope = rng.uniform((0.25, 35), (0.55, 70))  # flatter, and it would be a seven
            reach = length * height * np.array([-np.cos(np.deg2rad(slope)), np.sin(np.deg2rad(slope))])
            return [np.array([top + reach, top]), *strokes]
        case _:
            middle = line((rng.uniform(0.1, 0.4), 0.5), (rng.uniform(0.8, 1.1), 0.5))
            return [*strokes, middle]


def draw(strokes: Strokes, rng: np.random.Generator, filled: bool = False) -> np.ndarray:
    """White on black as on the canvas: a round brush, a size and a place, all at random.

    Args:
        strokes: of any size.
        rng: decides brush, size and place.
        filled: whether the strokes are outlines whose inside is ink too.

    Returns:
        (320, 320) uint8.
    """
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    size = CANVAS * rng.uniform(0.3, 0.85)
    largest = max(BRUSHES[0], min(BRUSHES[1], THICKEST * size))
    brush = round(np.exp(rng.uniform(np.log(BRUSHES[0]), np.log(largest))))
    scale = size / max(extent.max(), 1e-6)
    room = np.maximum(CANVAS - brush - extent * scale, 0)
    corner = brush / 2 + rng.uniform(0, 1, 2) * room
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    paths = [np.rint(((stroke - low) * scale + corner) * 2**SHIFT).astype(np.int32) for stroke in strokes]
    if filled:
        cv2.fillPoly(canvas, paths, 255, cv2.LINE_AA, SHIFT)
        brush = min(brush, 6)
    for path in paths:
        path = np.repeat(path, 2, axis=0) if len(path) == 1 else path
        cv2.polylines(canvas, [path], False, 255, brush, cv2.LINE_AA, SHIFT)
    return canvas


def rendered(strokes: Strokes, rng: np.random.Generator) -> np.ndarray | None:
    """What the models would see if this were drawn on the page: (28, 28) uint8, or None if it is a dot.

    Args:
        strokes: of any size.
        rng: decides brush, size and place.
    """
    for _ in range(TRIES):
        try:
            return prepare_digit(draw(strokes, rng))
        except EmptyDrawing:
            continue
    return None
