"""Numbers as colours: ink as the models see it, or positive and negative on black."""

import numpy as np

POSITIVE, NEGATIVE = np.array([255, 176, 66]), np.array([92, 180, 255])  # near two of the silks, on black


def paint(numbers: np.ndarray, limit: float, signed: bool = False) -> np.ndarray:
    """A colour for each number, (H, W, 3) uint8.

    Args:
        numbers: (H, W).
        limit: what gets the full colour, above 0.
        signed: orange above 0 and blue below instead of white on black.
    """
    share = np.clip(np.abs(numbers) / limit, 0, 1)[..., None]
    if not signed:
        return (255 * np.repeat(share, 3, axis=-1)).astype(np.uint8)
    return (share * np.where(numbers[..., None] >= 0, POSITIVE, NEGATIVE)).astype(np.uint8)


def largest(numbers: np.ndarray) -> float:
    """The largest size of a number, for `limit`; 1 where all are 0."""
    return float(np.abs(numbers).max()) or 1.0


def is_light(colour: np.ndarray) -> bool:
    """Whether black is easier to read on this colour (3,) uint8 than white (WCAG 2: relative luminance)."""
    share = colour / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return bool(linear @ np.array([0.2126, 0.7152, 0.0722]) > 0.179)
