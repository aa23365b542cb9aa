"""A picture as a number, joined digits cut apart where the judge of likeness is surest of all the parts."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from PIL import Image

from core.drawing import numbers
from core.drawing.cuts import between, candidate_cuts, crossed
from core.drawing.ink import bounds
from core.drawing.numbers import MOST_DIGITS, Digit, Number, TooManyDigits
from core.drawing.preprocessing import prepare_ink
from core.prediction.likeness import judge

# Chosen by numbers and single digits of the writers whom `pen` learns from, and by letters, of which few
# may be cut into digits: something alone in a picture is cut only where all parts are surely digits.
SLIM = 0.55, 0.6  # width over height of what is one digit for sure: beside others, alone
CERTAIN = 0.99, 0.9  # likeness, and probability of one digit, of a whole that is not cut unless it is wider
LEAST = -1.5, -0.5  # what speaks for the parts of a cut on the mean, likewise: many letters stay whole
WIDEST = 1.5  # no part of a cut is wider than so many heights
WIDE = 4.0, 1.1  # what counts against a part: width over height beyond 1.1, four times …
LOW = 4.0, 0.8  # … and what is missing to 0.8 of the height, as much
WHOLE = 1.0  # what width over height beyond WIDE[1] counts against a whole
NEVER = 1e-9  # the least that is told from nothing
INK = 3.0  # what counts against a cut: the ink that it crosses, in heights


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
    (likeness,), (surest,) = judge().likeness_and_surest(digit.image[np.newaxis])
    if min(likeness, surest) >= CERTAIN[0] and width < CERTAIN[1] * height:
        return [digit]
    whole = _evidence(likeness, surest) - WHOLE * max(0.0, width / height - WIDE[1])
    ink = digit.picture[top : top + height, left : left + width]
    parts = _best_parts(ink, float(whole), LEAST[alone])
    scale = digit.box[2] / width, digit.box[3] / height
    return [_part_of(digit, part, scale) for part in parts] if len(parts) > 1 else [digit]


def _evidence(likeness: np.ndarray, surest: np.ndarray) -> np.ndarray:
    """How much speaks for one digit: 0 when the judge is sure of which, else negative."""
    return np.log(np.maximum(likeness * surest, NEVER))


def _best_parts(ink: np.ndarray, whole: float, least: float) -> list[np.ndarray]:
    """The ink cut where most speaks for its parts; uncut when more speaks for the whole."""
    paths = candidate_cuts(ink)
    cuts: list[np.ndarray | None] = [None, *paths, None]
    spans, pictures = [], []
    for start, stop in combinations(range(len(cuts)), 2):
        part = between(ink, cuts[start], cuts[stop])
        if (start, stop) != (0, len(cuts) - 1) and _could_be_one(part, len(ink)):
            spans.append((start, stop))
            pictures.append(part)
    if not spans:
        return [ink]
    likeness, surest = judge().likeness_and_surest(np.stack([prepare_ink(part) for part in pictures]))
    against = [crossed(ink, path) * INK for path in paths] + [0.0]
    value = _evidence(likeness, surest) - [_odd_shape(part, len(ink)) for part in pictures]
    value -= [against[stop - 1] for _, stop in spans]
    chosen = _best_chain(spans, value, len(cuts) - 1)
    if not chosen or value[chosen].mean() < least or value[chosen].sum() <= whole:
        return [ink]
    return [pictures[number] for number in chosen]


def _could_be_one(part: np.ndarray, height: int) -> bool:
    """Whether a part is as high as a digit of this number and not far too wide."""
    if part.max() < 128:
        return False
    _, _, wide, high = bounds(part)
    return high >= 0.45 * height and wide <= WIDEST * height


def _odd_shape(part: np.ndarray, height: int) -> float:
    """What counts against a part that is wide, or low beside the others."""
    _, _, wide, high = bounds(part)
    return WIDE[0] * max(0.0, wide / height - WIDE[1]) + LOW[0] * max(0.0, LOW[1] - high / height)


def _best_chain(spans: Sequence[tuple[int, int]], value: np.ndarray, last: int) -> list[int]:
    """The spans, in order of their starts, that lie end to end up to the last cut with the highest sum."""
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for number, (start, stop) in enumerate(spans):
        if start in best:
            total = best[start][0] + float(value[number])
            if stop not in best or total > best[stop][0]:
                best[stop] = (total, [*best[start][1], number])
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
