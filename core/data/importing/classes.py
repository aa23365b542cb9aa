"""Labels as they were written become classes: which there are, how they are spelt, in what order."""

import re
import unicodedata
from collections import Counter

import numpy as np

from core.data.catalogue import DatasetError
from core.data.importing.limits import LEAST_CLASSES, LONGEST_NAME, MOST_CLASSES
from core.data.importing.parts import Part

_WHOLE = re.compile(r"([+-]?\d+)\.0*", re.ASCII)  # a whole number that went through a column of fractions


def class_names(part: Part) -> tuple[str, ...]:
    """The classes of the training images in order: numbers by value, else by letters.

    Raises:
        DatasetError: a label that cannot be one, too few or too many classes, two that differ only in case,
            or a class with a single image; the message says where.
    """
    first: dict[str, int] = {}
    alike: dict[str, str] = {}
    tidied = _tidied(part)
    for position, raw in enumerate(part.labels):
        name = tidied[raw]
        if name in first:
            continue
        first[name] = position
        other = alike.setdefault(name.casefold(), name)
        if other != name:
            raise DatasetError(
                f"{part.place(position)}: the classes {other!r} and {name!r} differ only in case; "
                "give one of them another name"
            )
        if len(first) > MOST_CLASSES:
            raise DatasetError(
                f"{part.place(position)}: {name!r} is class number {len(first)}; "
                f"at most {MOST_CLASSES} are taken"
            )
    if len(first) < LEAST_CLASSES:
        raise DatasetError(
            f"{part.place(0)} and all others are of one class, {next(iter(first))!r}; two are the least"
        )
    counts = Counter(tidied[raw] for raw in part.labels)
    for name, count in counts.items():
        if count < 2:
            raise DatasetError(
                f"{part.place(first[name])}: class {name!r} has only this image; two are the least, "
                "one to train on and one to test"
            )
    if all(re.fullmatch(r"[+-]?\d+", name, re.ASCII) for name in first):
        return tuple(sorted(first, key=int))
    return tuple(sorted(first))


def class_numbers(part: Part, names: tuple[str, ...]) -> np.ndarray:
    """Each image's class as its position in `names`, (N,) uint8.

    Raises:
        DatasetError: a label of the part is none of these classes; the message says where.
    """
    positions = {name: number for number, name in enumerate(names)}
    tidied = _tidied(part)
    unknown = {raw for raw, name in tidied.items() if name not in positions}
    if unknown:
        position = next(place for place, raw in enumerate(part.labels) if raw in unknown)
        raise DatasetError(
            f"{part.place(position)}: {tidied[part.labels[position]]!r} is none of the {len(names)} classes "
            "of the training images"
        )
    return np.array([positions[tidied[raw]] for raw in part.labels], np.uint8)


def _tidied(part: Part) -> dict[str, str]:
    """Every spelling in the part as a class's name."""
    tidied: dict[str, str] = {}
    for position, raw in enumerate(part.labels):
        if raw in tidied:
            continue
        name = unicodedata.normalize("NFC", raw).strip()
        if whole := _WHOLE.fullmatch(name):
            name = whole[1]
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            shown = repr(name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…")
            raise DatasetError(
                f"{part.place(position)}: the label {shown} cannot be a class's name; 1 to {LONGEST_NAME} "
                "characters that can be printed are needed"
            )
        tidied[raw] = name
    return tidied
