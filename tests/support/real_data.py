"""Real data for tests, where this machine has it; nothing here is skipped for want of it."""

import os
from collections.abc import Callable
from pathlib import Path

from core.data.catalogue import DATASETS
from core.data.files import is_whole
from core.places import PROJECT


def real_data() -> Path:
    """The data folder of DIGIT_DERBY_DATA, else the one that is shared beside the project, else its own."""
    shared = PROJECT.parent / "shared" / "data"
    return Path(os.environ.get("DIGIT_DERBY_DATA") or (shared if shared.is_dir() else PROJECT / "data"))


def datasets_here(*names: str) -> list[str]:
    """Those of the datasets whose files are here and whole; the built-in digits always are."""
    return [name for name in names if is_whole(DATASETS[name], real_data())]


def mnist_or_digits() -> str:
    """What a test learns from."""
    return datasets_here("mnist", "digits")[0]


def where_there_is(folder: str) -> Callable[[Callable], Callable | None]:
    """A test of what only real files can show: it is none where this folder is not below the data folder."""
    there = (real_data() / folder).is_dir()
    return lambda test: test if there else None
