"""Where the ink is: any picture of a digit as white ink on black, whatever it was drawn with."""

import cv2
import numpy as np
from PIL import Image

from core.drawing.paper import FAINTEST
from core.drawing.pieces import EDGE
from core.drawing.pixels import above, planes, sample
from core.drawing.readings import best_reading


class EmptyDrawing(ValueError):
    """There is nothing on the picture that could be a digit."""

    def __init__(self, reason: str = "the picture is empty") -> None:
        super().__init__(f"Draw a digit first: {reason}.")
        self.reason = reason


def find_ink(image: np.ndarray | Image.Image) -> np.ndarray:
    """The ink of a drawing, scan or photo.

    Ink is what differs from the paper: dark on light or light on dark, in any colour, or whatever is
    opaque on a transparent canvas. Frames, ruled lines, specks and what runs in from the edge are none.

    Args:
        image: (height, width), (height, width, 1 | 2 | 3 | 4) of any integer, float or boolean type
            (grey, grey + alpha, RGB, RGB + alpha), or a PIL image of any mode.

    Returns:
        (height, width) uint8, 0 = paper, 255 = full ink, at most `pixels.LONGEST` pixels long.

    Raises:
        EmptyDrawing: nothing, or nearly nothing, is drawn.
        ValueError: the array has no pixels or is not a picture.
    """
    colour, alpha = planes(image)
    if alpha is not None and _is_canvas(colour, alpha):
        return _cleaned(alpha)
    return _cleaned(best_reading(_on_paper(colour, alpha)))


def _is_canvas(colour: np.ndarray, alpha: np.ndarray) -> bool:
    """Whether the opaque part itself is the ink, rather than a sheet of paper cut out."""
    left, top, width, height = cv2.boundingRect(above(alpha, 127))
    part = slice(top, top + height), slice(left, left + width)
    opaque = sample(alpha[part]) > 127
    if not opaque.size or opaque.mean() < 0.6:
        return True
    darkest, lightest = np.percentile(sample(colour[part])[opaque].max(axis=1), [2, 98])
    return bool(lightest - darkest < 2 * FAINTEST)


def _on_paper(colour: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """Opaque colours: what shows through takes the most common colour of the rest."""
    if alpha is None:
        return colour
    paper = np.median(colour[alpha > 127], axis=0)
    share = alpha[..., np.newaxis] / np.float32(255)
    return np.rint(colour * share + paper * (1 - share)).astype(np.uint8)


def _cleaned(ink: np.ndarray) -> np.ndarray:
    """Full ink as 255; refuses what cannot be a digit."""
    peak = int(ink.max())
    if peak < FAINTEST:
        raise EmptyDrawing()
    ink = cv2.convertScaleAbs(ink, alpha=255 / peak)
    left, top, width, height = bounds(ink)
    longest, share = max(width, height), max(width, height) / max(ink.shape)
    if longest < 3 or share < 0.03:
        raise EmptyDrawing("there is only a speck")
    filled = (ink[top : top + height, left : left + width] > 127).mean()
    if share < 0.15 and min(width, height) > 0.6 * longest and filled > 0.55:
        raise EmptyDrawing("there is only a dot")
    return ink


def bounds(ink: np.ndarray) -> tuple[int, int, int, int]:
    """The box around the ink: left, top, width, height in pixels."""
    left, top, width, height = cv2.boundingRect(above(ink, EDGE))
    return left, top, width, height
