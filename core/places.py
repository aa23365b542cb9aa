"""Where things lie on disk: the project, the results, the datasets."""

import os
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def artifacts_dir(path: str | Path | None = None) -> Path:
    """The artifacts folder: `path`, else `DIGIT_DERBY_ARTIFACTS`, else `artifacts/` in this project."""
    return Path(path or os.environ.get("DIGIT_DERBY_ARTIFACTS") or PROJECT / "artifacts").absolute()


def data_dir(path: str | Path | None = None) -> Path:
    """The folder of the datasets: `path`, else `DIGIT_DERBY_DATA`, else `data/` in this project."""
    return Path(path or os.environ.get("DIGIT_DERBY_DATA") or PROJECT / "data").expanduser()
