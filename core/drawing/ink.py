"""Where the ink is: any picture of a digit as white ink on black, whatever it was drawn with."""

from functools import reduce

import cv2
import numpy as np
from PIL import Image, ImageOps

LONGEST = 640  # pixels; a larger picture is reduced first: a stroke still has ten or more
FAINTEST = 24  # of 255: contrast below this is paper, not ink
EDGE = 51  # of 255: where a stroke's soft edge counts as begun
SAMPLE = 96  # pixels: what is decided by looking at the whole picture is decided on this size


class EmptyDrawing(ValueError):
    """There is nothing on the picture that could be a digit."""

    def __init__(self, reason: str = "the picture is empty") -> None:
        super().__init__(f"Draw a digit first: {reason}.")


def find_ink(image: np.ndarray | Image.Image) -> np.ndarray:
    """The ink of a drawing, scan or photo.

    Ink is what differs from the paper: dark on light or light on dark, in any colour, or whatever is
    opaque on a transparent canvas. Under uneven light the paper's brightness is estimated everywhere.

    Args:
        image: (height, width), (height, width, 1 | 2 | 3 | 4) of any integer, float or boolean type
            (grey, grey + alpha, RGB, RGB + alpha), or a PIL image of any mode.

    Returns:
        (height, width) uint8, 0 = paper, 255 = full ink, at most `LONGEST` pixels long.

    Raises:
        EmptyDrawing: nothing, or nearly nothing, is drawn.
        ValueError: the array has no pixels or is not a picture.
    """
    colour, alpha = _planes(_reduced(_pixels(image)))
    if alpha is not None and _is_canvas(colour, alpha):
        return _cleaned(alpha)
    return _cleaned(_off_paper(_on_paper(colour, alpha)))


# ── pictures of every kind ──────────────────────────────────────────────────────────


def _pixels(image: np.ndarray | Image.Image) -> np.ndarray:
    """The picture as an array, (height, width, channels) uint8."""
    if isinstance(image, Image.Image):
        image = _decoded(image)
    pixels = np.asarray(image)
    if pixels.ndim == 2:
        pixels = pixels[..., np.newaxis]
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 2, 3, 4) or pixels.dtype.kind not in "buif":
        raise ValueError(f"an array of shape {np.shape(image)} and type {pixels.dtype} is not a picture")
    if pixels.size == 0:
        raise ValueError("the picture has no pixels")
    return pixels if pixels.dtype == np.uint8 else _to_bytes(pixels)


def _decoded(image: Image.Image) -> np.ndarray:
    """A PIL image as an array, upright as the camera was held."""
    image = ImageOps.exif_transpose(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return np.asarray(image)
    transparent = image.has_transparency_data
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("RGBA" if transparent else "L" if image.mode == "1" else "RGB")
    return np.asarray(image.reduce(max(1, max(image.size) // (2 * LONGEST))))


def _to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Any range of numbers as 0 to 255: [0, 1], [0, 255], 16 bits, or from the least to the most."""
    if pixels.dtype == bool:
        return pixels * np.uint8(255)
    values = np.nan_to_num(pixels.astype(np.float64), nan=0, posinf=0, neginf=0).clip(-1e30, 1e30)
    low, high = min(values.min(), 0), values.max()
    if low < 0:
        full = high - low or 1  # all alike
    elif high <= 1 and pixels.dtype.kind == "f":
        full = 1
    else:
        full = 255 if high <= 255 else 65535 if high <= 65535 else high
    return np.rint((values - low) / full * 255).astype(np.uint8)


def _reduced(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    scale = LONGEST / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], -1)


def _planes(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Colour (height, width, 1 | 3) and alpha (height, width), None where all is opaque."""
    if pixels.shape[2] in (1, 3):
        return pixels, None
    *colour, alpha = cv2.split(pixels)
    return cv2.merge(colour).reshape(*alpha.shape, -1), None if alpha.min() == 255 else alpha


def _sample(pixels: np.ndarray) -> np.ndarray:
    """Some of the pixels, evenly spread, where all of them would only cost time."""
    step = max(1, max(pixels.shape[:2]) // SAMPLE)
    return pixels[::step, ::step]


def _is_canvas(colour: np.ndarray, alpha: np.ndarray) -> bool:
    """Whether the opaque part itself is the ink, rather than a sheet of paper cut out."""
    left, top, width, height = cv2.boundingRect(above(alpha, 127))
    part = slice(top, top + height), slice(left, left + width)
    opaque = _sample(alpha[part]) > 127
    if not opaque.size or opaque.mean() < 0.6:
        return True
    darkest, lightest = np.percentile(_sample(colour[part])[opaque].max(axis=1), [2, 98])
    return lightest - darkest < 2 * FAINTEST


def _on_paper(colour: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """Opaque colours: what shows through takes the most common colour of the rest."""
    if alpha is None:
        return colour
    paper = np.median(colour[alpha > 127], axis=0)
    share = alpha[..., np.newaxis] / np.float32(255)
    return np.rint(colour * share + paper * (1 - share)).astype(np.uint8)


# ── paper and ink ───────────────────────────────────────────────────────────────────


def _off_paper(colour: np.ndarray) -> np.ndarray:
    """How far every pixel is from the paper, (height, width) uint8."""
    clearest = _sample(colour).std(axis=(0, 1)).argmax()  # the channel in which ink differs most
    grey = cv2.extractChannel(colour, int(clearest))
    return _off_even_paper(colour, grey) if _is_evenly_lit(grey) else _off_uneven_paper(grey)


def _is_evenly_lit(grey: np.ndarray) -> bool:
    """Whether most pixels have the paper's level or the ink's, as in a drawing but not in a photo.

    Two levels that share the picture and a third one beyond both are paper, its shadow, and ink.
    """
    if max(grey.shape) < 40:  # too small for a photo; every other pixel may be a soft edge
        return True
    levels = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel() / grey.size
    modes, shares, rest = [], [], levels.copy()
    for _ in ("paper", "ink"):
        mode = int(rest.argmax())
        near = slice(max(0, mode - 3), mode + 4)
        modes.append(mode)
        shares.append(rest[near].sum())
        rest[near] = 0
    beyond = levels[: max(0, min(modes) - FAINTEST)].sum() + levels[max(modes) + FAINTEST :].sum()
    return sum(shares) > 0.55 and not (shares[1] > 0.15 and beyond > 0.005)


def _off_even_paper(colour: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """Distance from the one colour of the paper, in the colour channel that differs most.

    Of the two groups that Otsu's threshold finds, paper is the one that fills the picture and its edge.
    """
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    edge = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    paper = light.mean() + edge.mean() > 1
    level = np.rint(np.median(_sample(colour)[_sample(light) == paper], axis=0)).astype(np.uint8)
    distance = reduce(cv2.max, cv2.split(cv2.absdiff(colour, np.broadcast_to(level, colour.shape).copy())))
    return cv2.threshold(distance, FAINTEST // 2, 0, cv2.THRESH_TOZERO)[1]  # traces of compression


def _off_uneven_paper(grey: np.ndarray) -> np.ndarray:
    """Contrast with the paper around, which a median over a third of the picture estimates.

    Light scales what paper and ink send back alike, so contrast is a ratio (for dark ink).
    """
    height, width = grey.shape
    grey = cv2.GaussianBlur(grey, (0, 0), max(height, width) / 600 + 0.3)
    scale = SAMPLE / max(height, width)
    small = cv2.resize(
        grey, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    paper = cv2.GaussianBlur(cv2.medianBlur(small, SAMPLE // 3 + 1), (0, 0), 3)
    dark_ink = ((paper.astype(np.float32) - small) ** 3).sum() > 0  # ink is the long tail
    paper = cv2.resize(paper, (width, height)).astype(np.float32)
    signal = 255 * (1 - grey / np.maximum(paper, 32)) if dark_ink else grey - paper
    noise = 1.4826 * np.median(np.abs(_sample(signal)))  # the spread of a normal distribution
    floor = max(FAINTEST, 4 * noise)
    above = signal[signal > floor]
    if above.size < 1e-4 * signal.size:
        return np.zeros_like(grey)
    full = np.percentile(above, 80)
    begin = max(floor, 0.35 * full)
    ink = np.clip((signal - begin) * (255 / max(0.8 * full - begin, 1)), 0, 255)
    return _without_specks(ink.astype(np.uint8))


def _without_specks(ink: np.ndarray) -> np.ndarray:
    """Without what is not pen: far smaller than the largest piece, or running in from the edge."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(above(ink, EDGE))
    if count < 2:
        return np.zeros_like(ink)
    left, top, width, height, area = stats.T
    at_edge = (left == 0) | (top == 0) | (left + width == ink.shape[1]) | (top + height == ink.shape[0])
    inside = ~at_edge & (np.arange(count) > 0)
    longest = np.maximum(width, height)
    if longest[inside].max(initial=0) < 0.1 * max(ink.shape):  # the digit itself touches the edge
        inside = np.arange(count) > 0
    keep = inside & (area >= 0.03 * area[inside].max())
    return cv2.multiply(ink, cv2.dilate(keep[labels].astype(np.uint8), np.ones((3, 3), np.uint8)))


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


def above(pixels: np.ndarray, level: int) -> np.ndarray:
    """255 where pixels (uint8) exceed the level, else 0."""
    return cv2.threshold(pixels, level, 255, cv2.THRESH_BINARY)[1]
