"""A few of the pictures that are to be imported, made in both ways, to choose between them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.data.importing.formats import reader
from core.data.importing.parts import PREPARATIONS, Preparation
from core.data.importing.pictures import by_part, listed, open_prepared, read_pictures
from core.data.importing.preparing import dark_on_light

SHOWN = 12  # pictures, of as many classes as there are


@dataclass(frozen=True, eq=False)
class Preview:
    """Some pictures' classes and, for each way of making them, (N, 28, 28) uint8."""

    labels: list[str]
    images: dict[Preparation, np.ndarray]


def preview(path: Path) -> Preview | None:
    """Some pictures of a folder or ZIP; None for tables and arrays, where there is nothing to choose.

    Raises:
        DatasetError: as the import would.
        OSError: the file cannot be read.
    """
    if reader(path) is not read_pictures:
        return None
    with listed(path) as listing:
        pictures = by_part(listing)["train"]
        labels = sorted({label for label, _ in pictures})
        # The first of every class, then the second, as many as are shown.
        turns = [[one for one in pictures if one[0] == label][:SHOWN] for label in labels]
        chosen = [turn[place] for place in range(SHOWN) for turn in turns if place < len(turn)][:SHOWN]
        images = {
            how: np.stack([open_prepared(listing.name, how, picture) for _, picture in chosen])
            for how in PREPARATIONS
        }
    if dark_on_light(images["resize"]):
        images["resize"] = 255 - images["resize"]
    return Preview([label for label, _ in chosen], images)
