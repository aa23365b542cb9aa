"""A picture as a number, joined digits cut apart where the judge of likeness sees digits on both sides."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from core.drawing import numbers
from core.drawing.cuts import between, candidate_cuts
from core.drawing.ink import bounds
from core.drawing.numbers import MOST_DIGITS, Digit, Number, TooManyDigits
from core.drawing.preprocessing import prepare_ink
from core.prediction.likeness import judge

# Chosen by numbers and single digits of the writers whom `pen` learns from, and by letters, of which few
# may be cut into digits: something alone in a picture is cut only where all parts are surely digits.
SLIM = 0.65, 1.0  # width over height of what is one digit for sure: beside others, alone
LEAST = 0.0, 0.95  # likeness of every part, likewise
CERTAIN = 0.9, 1.2  # likeness of a whole that is not cut, unless it is so much wider than high
WIDEST = 1.5  # no part of a cut is wider than so many heights
CUT = 0.7  # each part must be so much more like a digit than the whole would have to be
ROUND = 0.9  # width over height of the widest digits; the fourth power of what is wider counts against one


def read_number(
    image: np.ndarray | Image.Image, size: tuple[int, int] | None = None, most: int = MOST_DIGITS
) -> Number:
    """The digits in a picture, `core.drawing.numbers.read_number` with joined ones cut apart.

    Raises:
        core.drawing.ink.EmptyDrawing: nothing, or nearly nothing, is drawn.
        core.drawing.numbers.TooManyDigits: more than `most`.
        ValueError: the array has no pixels or is not a picture.
    """
    found = numbers.read_number(image, size, most)
    digits = [part for digit in found.digits for part in _apart(digit, len(found.digits) == 1)]
    if len(digits) > most:
        raise TooManyDigits(len(digits), most)
    return Number(tuple(digits), found.ink)


def _apart(digit: Digit, alone: bool) -> list[Digit]:
    """The digit itself, or those that it is made of; `alone` when nothing else is in the picture."""
    left, top, width, height = bounds(digit.picture)
    if width < SLIM[alone] * height:
        return [digit]
    whole = float(judge().likeness(digit.image[np.newaxis])[0])
    if whole >= CERTAIN[0] and width < CERTAIN[1] * height:
        return [digit]
    whole *= min(1.0, ROUND * height / width) ** 4
    ink = digit.picture[top : top + height, left : left + width]
    parts = _best_parts(ink, whole, LEAST[alone])
    scale = digit.box[2] / width, digit.box[3] / height
    return [_part_of(digit, part, scale) for part in parts] if len(parts) > 1 else [digit]


def _best_parts(ink: np.ndarray, whole: float, least: float) -> list[np.ndarray]:
    """The ink cut where its parts are most like digits; uncut when no cut gains enough."""
    cuts: list[np.ndarray | None] = [None, *candidate_cuts(ink), None]
    spans, pictures = [], []
    for start in range(len(cuts) - 1):
        for stop in range(start + 1, len(cuts)):
            part = between(ink, cuts[start], cuts[stop])
            if (start, stop) != (0, len(cuts) - 1) and _could_be_one(part, len(ink)):
                spans.append((start, stop))
                pictures.append(part)
    if not spans:
        return [ink]
    likeness = judge().likeness(np.stack([prepare_ink(part) for part in pictures]))
    chosen = _best_chain(spans, likeness, len(cuts) - 1)
    if not chosen or likeness[chosen].min() < least:
        return [ink]
    gained = np.prod(CUT * likeness[chosen])
    return [pictures[number] for number in chosen] if gained > CUT * whole else [ink]


def _could_be_one(part: np.ndarray, height: int) -> bool:
    """Whether a part is as high as a digit of this number and not far too wide."""
    if part.max() < 128:
        return False
    _, _, wide, high = bounds(part)
    return high >= 0.45 * height and wide <= WIDEST * height


def _best_chain(spans: Sequence[tuple[int, int]], likeness: np.ndarray, last: int) -> list[int]:
    """The spans that lie end to end from the first cut to the last with the highest product of likeness."""
    best: dict[int, tuple[float, list[int]]] = {0: (1.0, [])}
    for number in sorted(range(len(spans)), key=lambda number: spans[number]):
        start, stop = spans[number]
        if start in best:
            value = best[start][0] * CUT * float(likeness[number])
            if value > best.get(stop, (0.0, []))[0]:
                best[stop] = (value, [*best[start][1], number])
    return best.get(last, (0.0, []))[1]


def _part_of(digit: Digit, part: np.ndarray, scale: tuple[float, float]) -> Digit:
    left, top, width, height = bounds(part)
    box = (
        digit.box[0] + round(left * scale[0]),
        digit.box[1] + round(top * scale[1]),
        max(1, round(width * scale[0])),
        max(1, round(height * scale[1])),
    )
    return Digit(part, prepare_ink(part), box)
