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
    only_the_sheet,
)
from core.drawing.pieces import EDGE, digits_only
from core.drawing.pixels import above

GOOD = 0.85  # a reading this much like strokes is taken without asking for another
LEAST = 0.55  # where the first reading finds nothing, a later one must be more like strokes than noise is
LATER = 0.9  # what a later reading is worth: the first ones suit most pictures


def best_reading(colour: np.ndarray) -> np.ndarray:
    """The ink in a picture (height, width, 1 | 3) uint8 as (height, width) uint8, perhaps empty."""
    grey = clearest_channel(colour)
    best, most = np.zeros_like(grey), 0.0
    least = LEAST
    for number, (ink, drawn) in enumerate(_readings(colour, grey)):
        kept = digits_only(ink, drawn=drawn)
        kept = kept if drawn else _full(kept)
        score = stroke_likeness(kept, ink, grey, drawn=drawn) * (LATER if number else 1)
        if number == 0 or score > max(most, least):
            best, most = kept, score
            least = 0.0 if kept.any() else LEAST
        if most >= GOOD:
            break
    return best


def _readings(colour: np.ndarray, grey: np.ndarray) -> Iterator[tuple[np.ndarray, bool]]:
    """Ink under one assumption after the other, and whether it is a drawing of two levels."""
    even = is_evenly_lit(grey)
    first = off_even_paper(colour, grey) if even else off_uneven_paper(grey)
    yield first, even
    yield off_wide_areas(grey, dark_ink=True), False
    yield off_wide_areas(grey, dark_ink=False), False
    if even:
        yield off_even_paper(colour, grey, swapped=True), True
    sheet = only_the_sheet(colour, grey)
    if sheet is not None:
        yield off_uneven_paper(clearest_channel(sheet)), False
    plain = without_ruling(grey, first)
    if plain is not None:
        yield off_uneven_paper(plain), False
        yield off_wide_areas(plain, dark_ink=True), False
    if even:
        yield off_uneven_paper(grey), False


def _full(ink: np.ndarray) -> np.ndarray:
    """Ink whose strokes are full ink, however much darker was what has been left out."""
    some = ink[ink > EDGE]
    level = float(np.percentile(some, 80)) if some.size else 255.0
    return ink if level > 200 else cv2.convertScaleAbs(ink, alpha=255 / level)


# ── like strokes ────────────────────────────────────────────────────────────────────


def stroke_likeness(kept: np.ndarray, ink: np.ndarray, grey: np.ndarray, *, drawn: bool) -> float:
    """How much the kept part of the ink looks like strokes of one pen on paper, 0 to 1."""
    mask = (kept > 127).astype(np.uint8)
    if cv2.countNonZero(mask) < 12:
        return 0.0
    left, top, width, height = cv2.boundingRect(mask)
    box = left, top, width, height
    return (
        _slenderness(mask[top : top + height, left : left + width])
        * (1 - _falls(max(width, height) / max(mask.shape), 0.05, 0.15))
        * _crispness(kept)
        * _bordered(mask, grey)
        * _alone(mask, ink, box)
        * _surrounded(mask, grey, box)
        * _inside(kept, drawn)
    )


def _falls(value: float, good: float, bad: float) -> float:
    """1 up to `good`, 0 from `bad` on."""
    return min(1.0, max(0.0, (bad - value) / (bad - good)))


def _slenderness(part: np.ndarray) -> float:
    """Strokes are far longer than wide: 0 for blobs, sheets and corners of tables."""
    room = cv2.copyMakeBorder(part, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    distance = cv2.distanceTransform(room, cv2.DIST_L2, 3)
    ridge = distance[(distance > 0) & (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)))]
    pen = max(1.0, 2 * float(np.percentile(ridge, 90)) - 1)
    area, longest, shortest = int(part.sum()), max(part.shape), min(part.shape)
    filled = area / part.size if shortest > 0.4 * longest else 0.0
    return _falls(pen / longest, 0.35, 0.55) * _falls(filled, 0.65, 0.85) * _falls(-area / pen**2, -3, -1.5)


def _crispness(kept: np.ndarray) -> float:
    """Strokes begin and end within little: much ink is full ink."""
    begun, full = cv2.countNonZero(above(kept, 60)), cv2.countNonZero(above(kept, 160))
    return _falls(1 - full / max(begun, 1), 0.6, 0.95)


def _bordered(mask: np.ndarray, grey: np.ndarray) -> float:
    """Where ink ends the picture changes; a part cut out of a table or of a shadow has no border there."""
    soft = max(2, max(mask.shape) // 100)
    window = np.ones((2 * soft + 1, 2 * soft + 1), np.uint8)
    change = cv2.subtract(cv2.dilate(grey, window), cv2.erode(grey, window))
    border = change[cv2.subtract(mask, cv2.erode(mask, np.ones((3, 3), np.uint8))) > 0]
    if not border.size:
        return 1.0
    typical = max(float(np.percentile(border, 75)), 1)
    return _falls(float((border < 0.3 * typical).mean()), 0.05, 0.3)


def _alone(mask: np.ndarray, ink: np.ndarray, box: tuple[int, int, int, int]) -> float:
    """Little that was left out lies where the digit is, and not far more than it elsewhere."""
    left, top, width, height = box
    own = cv2.dilate(mask, np.ones((5, 5), np.uint8))[top : top + height, left : left + width]
    others = (ink[top : top + height, left : left + width] > 127) & (own == 0)
    area = cv2.countNonZero(mask)
    crowded = cv2.countNonZero(above(ink, EDGE)) > 4 * area
    return (0.8 if crowded else 1.0) * (0.6 + 0.4 * _falls(float(others.sum()) / area, 0.2, 1.5))


def _surrounded(mask: np.ndarray, grey: np.ndarray, box: tuple[int, int, int, int]) -> float:
    """Around a digit lies what lies beside its strokes; around the hole of a zero, more of the same."""
    left, top, width, height = box
    beside = cv2.subtract(
        cv2.dilate(mask, np.ones((7, 7), np.uint8)), cv2.dilate(mask, np.ones((5, 5), np.uint8))
    )
    if not beside.any():
        return 1.0
    ink, paper = (float(np.median(grey[where > 0])) for where in (mask, beside))
    near, far = (round(share * max(width, height)) for share in (0.15, 0.5))
    around = grey[max(0, top - far) : top + height + far, max(0, left - far) : left + width + far]
    middle = (ink + paper) / 2
    alike = around < middle if ink < paper else around > middle
    y, x = min(top, far), min(left, far)  # where the box begins in that part
    band = np.ones(alike.shape, bool)
    band[max(0, y - near) : y + height + near, max(0, x - near) : x + width + near] = False
    return _falls(float(alike[band].mean()), 0.5, 0.9) if band.any() else 1.0


def _inside(kept: np.ndarray, drawn: bool) -> float:
    """Digits end before the picture does; a drawing may be cut out closely, its strokes end once a side."""
    sides = [line.astype(int) for line in (kept[0], kept[-1], kept[:, 0], kept[:, -1])]
    ends = sum(int(np.count_nonzero(np.diff(line > EDGE, prepend=False) & (line > EDGE))) for line in sides)
    touched = sum(bool((line > EDGE).any()) for line in sides)
    faint = any((line > EDGE).any() and line.max() < 160 for line in sides)  # a line of the paper
    through = (sides[0].max() > EDGE < sides[1].max()) or (sides[2].max() > EDGE < sides[3].max())
    if drawn and ends <= 6 and not faint:
        return (1.0, 0.95, 0.7 if through else 0.85, 0.7, 0.9)[touched]
    return (1.0, 0.8, 0.5, 0.3, 0.2)[touched]
