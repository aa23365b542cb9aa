"""Where things lie on disk: the project, the results, the datasets."""

import os
from pathlib import Path

PROJECT = Path(__file__).parents[1]
ARTIFACTS_VARIABLE, DATA_VARIABLE = "DIGIT_DERBY_ARTIFACTS", "DIGIT_DERBY_DATA"


def artifacts_dir(path: str | Path | None = None) -> Path:
    """The artifacts folder: `path`, else `DIGIT_DERBY_ARTIFACTS`, else `artifacts/` in this project."""
    return Path(path or os.environ.get(ARTIFACTS_VARIABLE) or PROJECT / "artifacts").absolute()


def data_dir(path: str | Path | None = None) -> Path:
    """The folder of the datasets: `path`, else `DIGIT_DERBY_DATA`, else `data/` in this project."""
    return Path(path or os.environ.get(DATA_VARIABLE) or PROJECT / "data").expanduser()


def whole_paths() -> dict[str, str]:
    """The variables above that are set, so that they mean the same to a process in another folder."""
    places = {ARTIFACTS_VARIABLE: artifacts_dir, DATA_VARIABLE: data_dir}
    return {name: str(place().absolute()) for name, place in places.items() if os.environ.get(name)}
