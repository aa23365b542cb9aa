"""What finished runs said about every test image: read from their folders, paired, searched for errors.

artifacts/<run>/test_probabilities.npy   (N, classes) float32
artifacts/<run>/test_labels.npy          (N,) uint8
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.runs import records
from core.runs.records import RecordError
from core.scores import check_predictions

MAX_VALUES = 10_000_000  # a million images of ten classes


@dataclass(frozen=True)
class TestSet:
    """Runs that answered the same questions: same labels in the same order."""

    __test__ = False  # pytest: not a test

    labels: np.ndarray  # (N,) int64
    probabilities: dict[str, np.ndarray]  # run → (N, classes) float

    def guesses(self) -> np.ndarray:
        """(runs, N) int64, in the order of `probabilities`."""
        return np.array([table.argmax(axis=1) for table in self.probabilities.values()])

    def right(self) -> dict[str, np.ndarray]:
        """For each run (N,) bool: where it is right."""
        return dict(zip(self.probabilities, self.guesses() == self.labels, strict=True))

    def confidences(self) -> np.ndarray:
        """(runs, N) float: the probability that each run gives to its own guess."""
        return np.array([table.max(axis=1) for table in self.probabilities.values()])

    def choose(self, runs: list[str]) -> "TestSet":
        """The same questions, only these runs."""
        return TestSet(self.labels, {run: table for run, table in self.probabilities.items() if run in runs})


def load_predictions(artifacts: Path, run: str) -> tuple[np.ndarray, np.ndarray]:
    """One run's probabilities (N, classes) and labels (N,), checked; pickled content is never loaded.

    Raises:
        RecordError: a file is missing or broken; the message names it and says why.
    """
    folder = records.run_dir(artifacts, run)
    probabilities, labels = (_load(folder / f"test_{name}.npy") for name in ("probabilities", "labels"))
    try:
        # Copied: a mapped file that somebody cuts short would take the whole server down.
        return check_predictions(np.array(probabilities, np.float32), np.array(labels))
    except ValueError as error:
        raise RecordError(f"test_probabilities.npy and test_labels.npy do not fit: {error}") from error


def _load(path: Path) -> np.ndarray:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise RecordError(f"{path.name} is missing") from None
    except Exception as error:  # NumPy evaluates a header as Python: a damaged one raises almost anything
        raise RecordError(f"{path.name} cannot be read: {error}") from error
    numbers = isinstance(array, np.ndarray) and array.dtype.kind in "fiu"
    if not numbers or array.ndim == 0 or array.size > MAX_VALUES:
        raise RecordError(f"{path.name} does not hold a table of predictions")
    return array


def load_test_sets(artifacts: Path, runs: list[str]) -> tuple[list[TestSet], dict[str, str]]:
    """The runs' predictions, those with the same test labels together, largest set first.

    Returns:
        The sets, and for each run without usable predictions the reason.
    """
    sets: dict[bytes, TestSet] = {}
    problems: dict[str, str] = {}
    for run in runs:
        try:
            probabilities, labels = load_predictions(artifacts, run)
        except RecordError as error:
            problems[run] = str(error)
            continue
        key = labels.tobytes() + bytes([probabilities.shape[1] % 256])
        sets.setdefault(key, TestSet(labels, {})).probabilities[run] = probabilities
    return sorted(sets.values(), key=lambda found: -len(found.probabilities)), problems


def disagreements(test_set: TestSet) -> np.ndarray:
    """Indices of the images on which the runs' guesses differ, the most divided first."""
    guesses = test_set.guesses()
    classes = next(iter(test_set.probabilities.values())).shape[1]
    votes = np.array([(guesses == digit).sum(axis=0) for digit in range(classes)])
    agreeing = votes.max(axis=0)  # how many runs share the most popular guess
    found = np.flatnonzero(agreeing < len(guesses))
    return found[np.lexsort((found, agreeing[found]))]


def all_wrong(test_set: TestSet) -> np.ndarray:
    """Indices of the images that every run gets wrong, those with the surest wrong guesses first."""
    found = np.flatnonzero((test_set.guesses() != test_set.labels).all(axis=0))
    return found[np.argsort(-test_set.confidences()[:, found].mean(axis=0), kind="stable")]
