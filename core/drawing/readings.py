"""Several readings of one picture, and which of them looks most like pen strokes.

A picture does not say what is paper. Even paper, uneven light, a sheet on a table, light ink on a board,
ruled paper: each reading assumes one of them. The first that is clearly made of strokes is taken, else
the best; so good pictures cost one reading.
"""

from collections.abc import Iterator

import cv2
import numpy as np

from core.drawing.lines import without_ruling
from core.drawing.paper import (
    clearest_channel,
    is_evenly_lit,
    off_even_paper,
    off_uneven_paper,
    off_wide_areas,
)
from core.drawing.pieces import digits_only

GOOD = 0.75  # a reading this much like strokes is taken without asking for another
LATER = 0.9  # what a later reading is worth: the first ones suit most pictures


def best_reading(colour: np.ndarray) -> np.ndarray:
    """The ink in a picture (height, width, 1 | 3) uint8 as (height, width) uint8, perhaps empty."""
    best, most = None, -1.0
    for number, (ink, drawn) in enumerate(_readings(colour)):
        kept = digits_only(ink, drawn=drawn)
        score = stroke_likeness(kept, ink) * (LATER if number else 1)
        if best is None or score > most:
            best, most = kept, score
        if most >= GOOD:
            break
    return best


def _readings(colour: np.ndarray) -> Iterator[tuple[np.ndarray, bool]]:
    """Ink under one assumption after the other, and whether it is a drawing of two levels."""
    grey = clearest_channel(colour)
    even = is_evenly_lit(grey)
    first = off_even_paper(colour, grey) if even else off_uneven_paper(grey)
    yield first, even
    yield off_wide_areas(grey, dark_ink=True), False
    yield off_wide_areas(grey, dark_ink=False), False
    if even:
        yield off_even_paper(colour, grey, swapped=True), True
    plain = without_ruling(grey, first)
    if plain is not None:
        yield off_uneven_paper(plain), False
        yield off_wide_areas(plain, dark_ink=True), False
    yield (off_uneven_paper(grey) if even else off_even_paper(colour, grey)), False


def stroke_likeness(kept: np.ndarray, ink: np.ndarray) -> float:
    """How much the kept part of the ink looks like strokes of one pen, 0 to 1."""
    mask = (kept > 127).astype(np.uint8)
    area = int(mask.sum())
    if area < 12:
        return 0.0
    left, top, width, height = cv2.boundingRect(mask)
    longest = max(width, height)
    distance = cv2.distanceTransform(cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 3)
    ridge = distance[(distance > 0) & (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)))]
    pen = 2 * float(np.median(ridge)) - 1
    return (
        _falls(pen / longest, 0.25, 0.45)
        * _falls(float(np.percentile(ridge, 90) / np.median(ridge)), 2.0, 4.0)
        * _falls(area / (width * height), 0.7, 0.95)
        * (1 - _falls(longest / max(mask.shape), 0.05, 0.15))
        * _crispness(kept)
        * _apart(mask, ink)
    )


def _falls(value: float, good: float, bad: float) -> float:
    """1 up to `good`, 0 from `bad` on."""
    return min(1.0, max(0.0, (bad - value) / (bad - good)))


def _crispness(kept: np.ndarray) -> float:
    """Strokes begin and end within little: much ink is full ink."""
    begun, full = int((kept > 60).sum()), int((kept > 160).sum())
    return _falls(1 - full / max(begun, 1), 0.6, 0.95)


def _apart(mask: np.ndarray, ink: np.ndarray) -> float:
    """A digit lies on paper: it does not run out of the picture, and little else lies around it."""
    sides = sum(bool(line.any()) for line in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))
    others = int((ink > 127).sum()) / max(1, int(mask.sum())) - 1
    return (1.0, 0.85, 0.5, 0.3, 0.2)[sides] * (1 - 0.4 * (1 - _falls(others, 0.5, 4)))
