"""Any picture as 28 × 28 grey: made as MNIST was made, or plainly resized."""

import cv2
import numpy as np
from PIL import Image

from core.data.catalogue import DatasetError
from core.data.importing.limits import SIDE
from core.data.importing.parts import Preparation


def prepared(picture: np.ndarray | Image.Image, how: Preparation) -> np.ndarray:
    """One picture as the networks take it, (28, 28) uint8.

    Args:
        picture: any size and colour; an array is (height, width) uint8.
        how: "mnist" as `core.drawing.preprocessing.prepare_digit` does, or "resize".

    Raises:
        DatasetError: it is to be made like MNIST and shows no ink.
    """
    if how == "resize":
        return plainly_resized(picture)
    from core.drawing.ink import EmptyDrawing
    from core.drawing.preprocessing import prepare_digit

    try:
        return prepare_digit(picture)
    except EmptyDrawing as error:
        raise DatasetError(
            "no ink is found on it; take it out, or have all of them plainly resized (--prepare resize)"
        ) from error


def plainly_resized(picture: np.ndarray | Image.Image) -> np.ndarray:
    """The whole picture in grey, its longer side 28 pixels, on the level of its border: (28, 28) uint8."""
    grey = _grey(picture)
    scale = SIDE / max(grey.shape)
    size = [max(1, round(edge * scale)) for edge in reversed(grey.shape)]
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    field = np.full((SIDE, SIDE), np.median(border(small)), np.uint8)
    top, left = (SIDE - small.shape[0]) // 2, (SIDE - small.shape[1]) // 2
    field[top : top + small.shape[0], left : left + small.shape[1]] = small
    return field


def _grey(picture: np.ndarray | Image.Image) -> np.ndarray:
    if isinstance(picture, np.ndarray):
        return picture
    if picture.mode in ("LA", "RGBA"):  # what shows through is white paper
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    return np.asarray(picture.convert("L"))


def border(images: np.ndarray) -> np.ndarray:
    """The outermost pixels of images (…, height, width): (…, 2 × width + 2 × height)."""
    edges = (images[..., 0, :], images[..., -1, :], images[..., :, 0], images[..., :, -1])
    return np.concatenate(edges, axis=-1)


def dark_on_light(images: np.ndarray) -> bool:
    """Whether most of the images (N, 28, 28) have a bright border; networks here see light on dark."""
    return bool(np.median(border(images[:5000])) > 127)
