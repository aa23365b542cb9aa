"""What several pages hold for all visitors: each resource is read, kept and bounded here, once.

The libraries are imported by who first asks: a page's heading waits for none of them.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

import streamlit as st

from core.places import artifacts_dir

if TYPE_CHECKING:
    import numpy as np

    from core.comparison.results import ResultsReader
    from core.prediction.predictor import Predictor

T = TypeVar("T")
FOLDERS = 2  # artifacts folders that are held at once; a server has one
# Seconds that all visitors share a look at what goes on: races, studies, the line. Kept by cachetools, for
# Streamlit's cache of resources raises KeyError when an entry's time ends between its two looks at it.
LOOK = 0.5
STUDIES = 4  # whose fits are held at once, some kilobytes each fit
DATASETS = 3  # whose test images are held at once, some 8 MB each


class Kept(Generic[T]):
    """What was made last, for all visitors, bounded by bytes: the oldest goes first."""

    def __init__(self, limit: int) -> None:
        """Takes the most bytes that are kept together."""
        self._limit, self._bytes = limit, 0
        self._held: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """What is kept under the key, else what `make` makes, whose bytes `size` tells."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key][0]
        value = make()
        with self._lock:
            if key not in self._held:
                self._held[key] = value, size(value)
                self._bytes += self._held[key][1]
            while self._bytes > self._limit:
                self._bytes -= self._held.popitem(last=False)[1][1]
        return value


# ── runs ────────────────────────────────────────────────────────────────────────────


def results_reader() -> "ResultsReader":
    """The results of all runs, each file read once for all visitors."""
    return _results_reader(artifacts_dir())


@st.cache_resource(max_entries=FOLDERS, show_spinner=False)
def _results_reader(artifacts: Path) -> "ResultsReader":
    from core.comparison.results import ResultsReader

    return ResultsReader(artifacts)


def fits_reader(study: str) -> "ResultsReader":
    """The results of a study's fits, which the reader of all runs leaves out."""
    return _fits_reader(artifacts_dir(), study)


@st.cache_resource(max_entries=STUDIES, show_spinner=False)
def _fits_reader(artifacts: Path, study: str) -> "ResultsReader":
    from core.comparison.results import ResultsReader

    return ResultsReader(artifacts, study)


def predictor() -> "Predictor":
    """The workers that answer for the models; the first call starts them in the background."""
    return _predictor(artifacts_dir())


@st.cache_resource(max_entries=FOLDERS, show_spinner=False)
def _predictor(artifacts: Path) -> "Predictor":
    from core.prediction.models import default_runs, model_files
    from core.prediction.predictor import Predictor

    predictor = Predictor(artifacts)

    def warm() -> None:
        predictor.warm(default_runs(model_files(artifacts)))

    # Looking through many runs takes a while; no page waits for it.
    Thread(target=warm, name="warm-models", daemon=True).start()
    return predictor


# ── datasets ────────────────────────────────────────────────────────────────────────


def file_problems(dataset: str) -> list[str]:
    """What is wrong with the dataset's files; reads them only when they changed.

    Raises:
        core.data.catalogue.DatasetError: no dataset of this name.
    """
    return _file_problems(dataset, _file_marks(dataset))


@st.cache_data(max_entries=20, show_spinner=False)
def _file_problems(dataset: str, marks: tuple[tuple[str, int], ...]) -> list[str]:
    from core.data.catalogue import find_dataset
    from core.data.files import status

    return [f"{file.name} {file.problem}" for file in status(find_dataset(dataset)) if not file.ok]


def test_images(dataset: str) -> "tuple[np.ndarray, np.ndarray]":
    """Test images (N, 28, 28) uint8 and labels (N,); nobody may write to them.

    Raises:
        core.data.catalogue.DatasetError: no such dataset, or its files cannot be used.
    """
    return _test_images(dataset, _file_marks(dataset))


@st.cache_resource(max_entries=DATASETS, show_spinner="Reading the test images …")
def _test_images(dataset: str, marks: tuple[tuple[str, int], ...]) -> "tuple[np.ndarray, np.ndarray]":
    from core.data.catalogue import find_dataset
    from core.data.datasets import load_images

    images = load_images(find_dataset(dataset))
    return images.x_test.copy(), images.y_test.copy()  # without the training images beside them


def _file_marks(dataset: str) -> tuple[tuple[str, int], ...]:
    """Path and time of each file: other marks, another content."""
    from core.data.catalogue import find_dataset

    info = find_dataset(dataset)
    optional = [folder for part in info.with_files() for folder in part.optional_folders()]
    paths = [*info.paths(), *optional]
    return tuple((str(path), path.stat().st_mtime_ns if path.exists() else 0) for path in paths)
