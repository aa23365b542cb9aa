"""From a drawing to what the models see: 28 × 28, made as MNIST was made.

MNIST's digits were scaled to a box of 20 × 20 pixels, keeping their proportions, and placed with their
centre of mass in the middle of 28 × 28 (LeCun et al. 1998, section III A).
"""

import cv2
import numpy as np
from PIL import Image

from core.drawing.ink import EDGE, EmptyDrawing, above, bounds, find_ink

__all__ = ["EmptyDrawing", "find_ink", "prepare_digit", "prepare_steps", "split_digits"]

SIZE = 28  # pixels of a prepared digit
BOX = 20  # its longer side
MIDDLE = 14.5  # measured: MNIST's centres of mass lie around pixel 14, whose middle is 14.5
FINE = 8  # the digit is placed at so many steps a pixel, then averaged down
THINNEST = 2.4  # pixels of BOX; in MNIST 90 % of the strokes are 1.8 to 4.4 wide, half of them 2.3 to 3.2


def prepare_digit(image: np.ndarray | Image.Image) -> np.ndarray:
    """The digit on a drawing, scan or photo as MNIST shows it.

    Args:
        image: as `core.drawing.ink.find_ink` takes it: any size, colour, background, number type.

    Returns:
        (28, 28) uint8, white ink on black.

    Raises:
        EmptyDrawing: nothing, or nearly nothing, is drawn.
        ValueError: the array has no pixels or is not a picture.
    """
    return _centred(_fitted(_cropped(find_ink(image))))


def prepare_steps(image: np.ndarray | Image.Image) -> list[tuple[str, np.ndarray]]:
    """What `prepare_digit` does, step by step: (title, picture) with pictures (height, width) uint8.

    The last picture is `prepare_digit`'s. Raises the same errors.
    """
    ink = find_ink(image)
    cropped = _cropped(ink)
    fitted = _fitted(cropped)
    reduced = cv2.resize(fitted, None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)
    return [
        ("Ink found", ink),
        ("Cropped", cropped),
        (f"Fitted to {BOX} pixels", reduced),
        (f"Centred in {SIZE} × {SIZE}", _centred(fitted)),
    ]


def _cropped(ink: np.ndarray) -> np.ndarray:
    left, top, width, height = bounds(ink)
    return ink[top : top + height, left : left + width]


def _scaled(ink: np.ndarray, longest: float) -> np.ndarray:
    scale = longest / max(ink.shape)
    size = [max(1, round(edge * scale)) for edge in reversed(ink.shape)]
    scaled = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    # A line much thinner than a pixel of the smaller picture would fade; its darkest place stays ink.
    return cv2.convertScaleAbs(scaled, alpha=255 / scaled.max())


def _fitted(cropped: np.ndarray) -> np.ndarray:
    """The digit `BOX` pixels long, each `FINE` × `FINE`, no stroke much thinner than MNIST's."""
    fitted = _scaled(cropped, BOX * FINE)
    growth = _missing_width(fitted) / 2
    if growth < 0.5:
        return fitted
    smaller = _scaled(cropped, BOX * FINE - 2 * growth)
    room = int(np.ceil(growth))
    paper = cv2.copyMakeBorder(255 - smaller, *[room] * 4, cv2.BORDER_CONSTANT, value=255)
    distance = cv2.distanceTransform(above(paper, 127), cv2.DIST_L2, 5)
    return (255 * np.clip(growth + 1 - distance, 0, 1)).astype(np.uint8)


def _missing_width(fitted: np.ndarray) -> float:
    """By how much strokes are thinner than `THINNEST`, in pixels of `fitted`, shrinking included.

    Inside a long stroke the mean distance to its edge is a quarter of its width.
    """
    framed = cv2.copyMakeBorder(fitted, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)  # ink ends there too
    distance = cv2.distanceTransform(above(framed, 127), cv2.DIST_L2, 5)
    inside = distance[distance > 0]
    width = 4 * (inside.mean() - 0.5) if inside.size else 0.0
    missing = THINNEST * FINE - width
    return 0.0 if missing <= 0 else missing / (1 - width / (BOX * FINE))


def _centred(fitted: np.ndarray) -> np.ndarray:
    """The centre of mass in the middle, as far as the digit stays inside, then averaged down."""
    place = []
    for axis, edge in enumerate(fitted.shape):
        profile = fitted.sum(axis=1 - axis, dtype=np.float64)
        centre = (profile * (np.arange(edge) + 0.5)).sum() / profile.sum()
        place.append(min(max(round(MIDDLE * FINE - centre), 0), SIZE * FINE - edge))
    field = np.zeros((SIZE * FINE, SIZE * FINE), np.uint8)
    field[place[0] : place[0] + fitted.shape[0], place[1] : place[1] + fitted.shape[1]] = fitted
    small = cv2.resize(field, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return cv2.convertScaleAbs(small, alpha=255 / small.max())


# ── several digits ──────────────────────────────────────────────────────────────────


def split_digits(image: np.ndarray | Image.Image) -> list[np.ndarray]:
    """The digits of a picture such as "2026", from left to right.

    Pieces of ink that lie above each other are one digit, and so is a piece too low to be a digit
    with its nearest neighbour: the detached bar of a five.

    Args:
        image: as `core.drawing.ink.find_ink` takes it.

    Returns:
        One picture (height, width) uint8 per digit, white ink on black, for `prepare_digit`.

    Raises:
        EmptyDrawing: nothing, or nearly nothing, is drawn.
        ValueError: the array has no pixels or is not a picture.
    """
    ink = find_ink(image)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(above(ink, EDGE))
    pieces = [
        piece for piece in range(1, count) if stats[piece, cv2.CC_STAT_AREA] >= 0.01 * stats[1:, 4].max()
    ]
    if len(pieces) == 0:
        raise EmptyDrawing()
    spans = {piece: (stats[piece, 0], stats[piece, 0] + stats[piece, 2]) for piece in pieces}
    height = stats[pieces, cv2.CC_STAT_HEIGHT]
    tall = [piece for piece in pieces if stats[piece, 3] >= 0.45 * height.max()]
    groups: list[list[int]] = []
    for piece in sorted(tall, key=lambda piece: spans[piece]):
        partner = max(groups, key=lambda group: _overlap(spans, group, piece), default=None)
        if partner is not None and _overlap(spans, partner, piece) > 0.5:
            partner.append(piece)
        else:
            groups.append([piece])
    for piece in pieces:
        if piece not in tall:
            max(groups, key=lambda group: _overlap(spans, group, piece)).append(piece)
    return [
        _alone(ink, labels, group) for group in sorted(groups, key=lambda group: min(spans[p] for p in group))
    ]


def _overlap(spans: dict[int, tuple[int, int]], group: list[int], piece: int) -> float:
    """Shared width as a fraction of the narrower one; a gap counts as negative."""
    left, right = spans[piece]
    start = min(spans[member][0] for member in group)
    stop = max(spans[member][1] for member in group)
    return (min(right, stop) - max(left, start)) / min(right - left, stop - start)


def _alone(ink: np.ndarray, labels: np.ndarray, group: list[int]) -> np.ndarray:
    """One digit with room around it and without its neighbours."""
    own = cv2.dilate(np.isin(labels, group).astype(np.uint8), np.ones((3, 3), np.uint8))
    left, top, width, height = cv2.boundingRect(own)
    room = max(width, height) // 4 + 2
    part = (ink * own)[top : top + height, left : left + width]
    return cv2.copyMakeBorder(part, *[room] * 4, cv2.BORDER_CONSTANT, value=0)
