"""From a drawing to what the models see: 28 × 28, made as MNIST was made.

MNIST's digits were scaled to a box of 20 × 20 pixels, keeping their proportions, and placed with their
centre of mass in the middle of 28 × 28 (LeCun et al. 1998, section III A).
"""

import cv2
import numpy as np
from PIL import Image

from core.drawing.grouping import digit_masks
from core.drawing.ink import bounds, find_ink
from core.drawing.pixels import above
from core.drawing.placement import MNIST_CENTRE, start_of_ink

SIZE = 28  # pixels of a prepared digit
BOX = 20  # its longer side
FINE = 8  # the digit is placed at so many steps a pixel, then averaged down
AROUND = 3 * FINE + 1  # pixels of a fitted digit: a stroke and its soft edges
MOST_GAIN = 3.0  # ink at a third of the full strength is a faint stroke; less is its soft edge
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
    return prepare_ink(find_ink(image))


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
    fitted = _strengthened(_scaled(cropped, BOX * FINE))
    growth = _missing_width(fitted) / 2
    if growth < 0.5:
        return fitted
    smaller = _strengthened(_scaled(cropped, BOX * FINE - 2 * growth))
    room = int(np.ceil(growth))
    paper = _framed(255 - smaller, room, 255)
    distance = cv2.distanceTransform(above(paper, 127), cv2.DIST_L2, 5)
    return (255 * np.clip(growth + 1 - distance, 0, 1)).astype(np.uint8)


def _strengthened(fitted: np.ndarray) -> np.ndarray:
    """Faint strokes as full ink: each place relative to the strongest ink a stroke's width around it."""
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (AROUND, AROUND))
    strongest = cv2.dilate(fitted, window)
    gain = np.clip(np.float32(255) / np.maximum(strongest, 1), 1, MOST_GAIN)
    return np.minimum(np.rint(fitted * gain), 255).astype(np.uint8)


def _framed(pixels: np.ndarray, room: int, level: int) -> np.ndarray:
    """The picture with so many pixels of this level on every side."""
    return cv2.copyMakeBorder(pixels, room, room, room, room, cv2.BORDER_CONSTANT, value=level)


def _missing_width(fitted: np.ndarray) -> float:
    """By how much strokes are thinner than `THINNEST`, in pixels of `fitted`, shrinking included.

    Inside a long stroke the mean distance to its edge is a quarter of its width.
    """
    alone = _framed(fitted, 1, 0)  # ink ends at the edge too
    distance = cv2.distanceTransform(above(alone, 127), cv2.DIST_L2, 5)
    inside = distance[distance > 0]
    width = 4 * (inside.mean() - 0.5) if inside.size else 0.0
    missing = THINNEST * FINE - width
    return 0.0 if missing <= 0 else missing / (1 - width / (BOX * FINE))


def _centred(fitted: np.ndarray) -> np.ndarray:
    """The centre of mass in the middle, as far as the digit stays inside, then averaged down."""
    height, width = fitted.shape
    top, left = (
        start_of_ink(fitted.sum(axis=other, dtype=np.float64), MNIST_CENTRE * FINE, SIZE * FINE)
        for other in (1, 0)
    )
    field = np.zeros((SIZE * FINE, SIZE * FINE), np.uint8)
    field[top : top + height, left : left + width] = fitted
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
    return [alone(ink, mask) for mask in digit_masks(ink)]


def alone(ink: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """One digit's ink with room around it and without its neighbours."""
    left, top, width, height = cv2.boundingRect(mask)
    room = max(width, height) // 4 + 2
    part = (ink * mask)[top : top + height, left : left + width]
    return _framed(part, room, 0)


def prepare_ink(ink: np.ndarray) -> np.ndarray:
    """`prepare_digit` for ink (height, width) uint8 that has been found already, white on black."""
    return _centred(_fitted(_cropped(ink)))
