"""A picture read as what a model tells apart: a number, or one sign made as its dataset's images were."""

import numpy as np
from PIL import Image

from core.data.catalogue import Way
from core.data.importing.preparing import dark_on_light, plainly_resized
from core.drawing.numbers import Digit, Number, read_sign
from core.prediction.numbers import read_number


def read(image: np.ndarray | Image.Image, way: Way, size: tuple[int, int] | None = None) -> Number:
    """What models see of a picture.

    Args:
        image: as `core.drawing.ink.find_ink` takes it.
        way: as `DatasetInfo.way` says.
        size: width and height in which boxes are told, if not those of the image.

    Raises:
        core.drawing.ink.EmptyDrawing: nothing is drawn (never raised for a whole picture).
        core.drawing.numbers.TooManyDigits: a number is too long.
    """
    if way == "number":
        return read_number(image, size)
    return read_sign(image, size) if way == "sign" else _whole(image, size)


def _whole(image: np.ndarray | Image.Image, size: tuple[int, int] | None) -> Number:
    """A whole picture, plainly resized and light on dark, as an import makes them."""
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    made = plainly_resized(picture)
    if dark_on_light(made[np.newaxis]):
        made = 255 - made
    grey = np.asarray(picture.convert("L"))
    return Number((Digit(grey, made, (0, 0, *(size or picture.size))),), grey)
