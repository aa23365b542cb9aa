"""What every reader hands over: images with their labels, and where each stood."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

Preparation = Literal["mnist", "resize"]
PREPARATIONS: dict[Preparation, str] = {
    "mnist": "Made like MNIST: the ink found, cut out, scaled to 20 pixels, centred",
    "resize": "Plainly resized: the whole picture, its proportions kept; 28 × 28 stays as it is",
}
Progress = Callable[[str, float], None]  # what is going on, and the share of it that is done


@dataclass(frozen=True, eq=False)
class Part:
    """Training or test images: (N, 28, 28) uint8, and N labels as they were written.

    `place` says where an image stood, such as "digits.csv, line 12".
    """

    images: np.ndarray
    labels: list[str]
    place: Callable[[int], str]


@dataclass(frozen=True, eq=False)
class Found:
    """What a file or folder holds; `test` only where it has a part of its own for it.

    `made` is how pictures became 28 × 28; of tables and arrays, which rarely say, it stays "mnist".
    """

    train: Part
    test: Part | None = None
    notes: list[str] = field(default_factory=list)
    made: Preparation = "mnist"


@dataclass(frozen=True)
class Source:
    """What to read, and how.

    `labels` belongs to images that come without theirs (NPY, IDX); `prepare` None keeps images of 28 × 28
    as they are, resizes other arrays plainly and makes pictures like MNIST. `size` is height and width
    where a table's columns do not say.
    """

    path: Path
    labels: Path | None = None
    prepare: Preparation | None = None
    label_column: str | None = None
    size: tuple[int, int] | None = None
