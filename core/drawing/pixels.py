"""Pictures of every kind, arrays and PIL images, as colour and opacity of a bounded size."""

import cv2
import numpy as np
from PIL import Image, ImageOps

LONGEST = 640  # pixels; a larger picture is reduced first: a stroke still has ten or more
SAMPLE = 96  # pixels: what is decided by looking at the whole picture is decided on this size


def planes(image: np.ndarray | Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """Colour (height, width, 1 | 3) and opacity (height, width), None where all is opaque; both uint8.

    Args:
        image: as `core.drawing.ink.find_ink` takes it.

    Raises:
        ValueError: the array has no pixels or is not a picture.
    """
    pixels = _reduced(_pixels(image))
    if pixels.shape[2] in (1, 3):
        return pixels, None
    *colour, alpha = cv2.split(pixels)
    return cv2.merge(colour).reshape(*alpha.shape, -1), None if alpha.min() == 255 else alpha


def sample(pixels: np.ndarray) -> np.ndarray:
    """Some of the pixels, evenly spread, where all of them would only cost time."""
    step = max(1, max(pixels.shape[:2]) // SAMPLE)
    return pixels[::step, ::step]


def above(pixels: np.ndarray, level: int) -> np.ndarray:
    """255 where pixels (uint8) exceed the level, else 0."""
    return cv2.threshold(pixels, level, 255, cv2.THRESH_BINARY)[1]


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
    if image.getexif().get(0x0112, 1) != 1:  # else it would only be copied
        image = ImageOps.exif_transpose(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return np.asarray(image)
    transparent = image.has_transparency_data
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("RGBA" if transparent else "L" if image.mode == "1" else "RGB")
    factor = max(image.size) // (2 * LONGEST)
    return np.asarray(image.reduce(factor) if factor > 1 else image)


def _to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Any range of numbers as 0 to 255: [0, 1], [0, 255], 10 to 16 bits, or from the least to the most."""
    if pixels.dtype == bool:
        return pixels * np.uint8(255)
    values = np.nan_to_num(pixels.astype(np.float64), nan=0, posinf=0, neginf=0).clip(-1e30, 1e30)
    low, high = min(values.min(), 0), values.max()
    if low < 0:
        full = high - low or 1  # all alike
    elif high <= 1 and pixels.dtype.kind == "f":
        full = 1
    else:
        full = next((top for top in FULL if high <= top), high)
    return np.rint((values - low) / full * 255).astype(np.uint8)


FULL = (255, 1023, 4095, 16383, 65535)  # of 8, 10, 12, 14, 16 bits: cameras' and scanners' numbers


def _reduced(pixels: np.ndarray) -> np.ndarray:
    """At most `LONGEST` pixels long; first by a whole number, which is ten times as fast."""
    longest = max(pixels.shape[:2])
    for target in (longest // (longest // LONGEST) if longest >= 2 * LONGEST else longest, LONGEST):
        height, width = pixels.shape[:2]
        scale = target / max(height, width)
        if scale < 1:
            size = max(1, round(width * scale)), max(1, round(height * scale))
            pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], -1)
    return pixels
