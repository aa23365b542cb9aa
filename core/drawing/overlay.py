"""The ink that was found, shown on the photo."""

import cv2
import numpy as np

from core.drawing.pieces import EDGE
from core.drawing.pixels import above

TINT = (213, 94, 0)  # of the rectangle on the photo, too: seen on light and on dark
DIMMED = 0.45  # of the contrast of the photo, faded towards white: the tint stands out on it


def ink_on_photo(photo: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """A photo (height, width, 3) uint8, faded, with the ink (any size, uint8) tinted; of the photo's size."""
    height, width = photo.shape[:2]
    # Thin strokes must not fade when the ink is made smaller.
    mask = cv2.resize(above(ink, EDGE), (width, height), interpolation=cv2.INTER_AREA)
    share = np.minimum(1, mask[..., np.newaxis] / np.float32(100))
    faded = 255 - (255 - photo.astype(np.float32)) * DIMMED
    return np.rint(faded * (1 - share) + np.array(TINT, np.float32) * share).astype(np.uint8)
