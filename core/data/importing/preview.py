"""A few of the images that are to be imported, made in both ways, to choose between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from core.data.catalogue import DatasetError
from core.data.importing.arrays import read_npz
from core.data.importing.formats import Reader, read_csv, reader
from core.data.importing.parts import PREPARATIONS, Preparation, Source
from core.data.importing.pictures import by_part, listed, open_prepared, read_pictures
from core.data.importing.preparing import dark_on_light, prepared
from core.data.importing.tables import first_images

SHOWN = 12  # images, of as many classes as there are
Kind = Literal["pictures", "table", "archive", "array"]  # an archive of arrays has labels, an array none
# How an import makes 28 × 28 of them unless it is told otherwise.
USUAL: dict[Kind, Preparation] = {
    "pictures": "mnist", "table": "resize", "archive": "resize", "array": "resize",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Preview:
    """Some images' classes and, for each way of making them, (N, 28, 28) uint8, or why it cannot be done."""

    labels: list[str]
    images: dict[Preparation, np.ndarray | str]


def kind_of(path: Path) -> Kind:
    """What a file or folder is.

    Raises:
        DatasetError: none of what can be read.
        OSError: it cannot be read.
    """
    kinds: dict[Reader, Kind] = {read_pictures: "pictures", read_csv: "table", read_npz: "archive"}
    return kinds.get(reader(path), "array")


def preview(source: Source) -> Preview | None:
    """Some images of a table, a folder or a ZIP; None for arrays, which are not read for a look.

    Raises:
        DatasetError: as the import would.
        OSError: the file cannot be read.
    """
    kind = kind_of(source.path)
    if kind in ("archive", "array"):
        return None
    if kind == "table":
        labels, images = first_images(source)
        chosen = _chosen(labels)
        made = _in_both_ways(lambda how, place: prepared(images[place], how), chosen)
        return Preview([labels[place] for place in chosen], made)
    with listed(source.path) as listing:
        pictures = by_part(listing)["train"]
        chosen = _chosen([label for label, _ in pictures])
        made = _in_both_ways(lambda how, place: open_prepared(listing.name, how, pictures[place][1]), chosen)
        return Preview([pictures[place][0] for place in chosen], made)


def _chosen(labels: Sequence[str]) -> list[int]:
    """Positions of the first of every class, then of the second, as many as are shown."""
    places: dict[str, list[int]] = {}
    for position, label in enumerate(labels):
        places.setdefault(label, []).append(position)
    turns = [places[label][:SHOWN] for label in sorted(places)]
    return [turn[place] for place in range(SHOWN) for turn in turns if place < len(turn)][:SHOWN]


def _in_both_ways(
    make: Callable[[Preparation, int], np.ndarray], chosen: list[int]
) -> dict[Preparation, np.ndarray | str]:
    made: dict[Preparation, np.ndarray | str] = {}
    for how in PREPARATIONS:
        try:
            images = np.stack([make(how, place) for place in chosen])
        except DatasetError as error:
            made[how] = str(error)
        else:
            made[how] = 255 - images if dark_on_light(images) else images
    return made
