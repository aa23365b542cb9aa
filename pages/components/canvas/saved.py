"""The saved models that can be asked about a drawing, and what to call them."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core import frameworks
from core.charts.colours import order
from core.data.catalogue import DIGIT_NAMES, Way
from core.places import artifacts_dir
from core.runs import records
from core.runs.names import begun
from core.words import moment

if TYPE_CHECKING:
    from core.prediction.models import ModelFile

Family = tuple[tuple[str, ...], Way]  # classes, and how a picture of them is read
DIGITS: Family = (DIGIT_NAMES, "number")
MOST_RUNS = 12  # cards that still can be taken in


@dataclass(frozen=True)
class SavedRun:
    """A run that can be asked: its framework and its name, what tells it from others, what it tells apart.

    `dataset` is what it learned from, where its classes' test images are; `way` is how it wants a picture
    read.
    """

    framework: str
    title: str
    note: str
    class_names: tuple[str, ...] = DIGIT_NAMES
    dataset: str = ""
    way: Way = "number"

    @property
    def family(self) -> "Family":
        """Runs of one family can be asked about one drawing."""
        return self.class_names, self.way

    @property
    def label(self) -> str:
        """Both in one line."""
        return f"{self.title} · {self.note}"


@dataclass(frozen=True)
class SavedRuns:
    """Every run with a model.

    `best` are those to ask about a digit unless the visitor chooses, one a framework; `others` runs of
    other kinds, who may disagree; `mnist_only` says of those of the best that met many people's pens which
    run of their framework did not.
    """

    known: dict[str, SavedRun]
    best: list[str]
    others: list[str]
    mnist_only: dict[str, str] = field(default_factory=dict)

    def of(self, family: "Family") -> "SavedRuns":
        """Those of this family; other classes than the digits have one kind of models."""
        known = {run: saved for run, saved in self.known.items() if saved.family == family}
        if family == DIGITS:
            return replace(self, known=known)
        newest: dict[str, str] = {}
        for run, saved in known.items():
            newest.setdefault(saved.framework, run)
        return SavedRuns(known, [newest[framework] for framework in order(list(newest))], [])


def saved_runs() -> SavedRuns:
    """Every run that can be asked."""
    artifacts = artifacts_dir()
    if not artifacts.is_dir():
        return SavedRuns({}, [], [])
    # A run's metrics file lands in this folder after its model, which changes the folder's time.
    return _saved_runs(artifacts, artifacts.stat().st_mtime_ns)


@st.cache_data(show_spinner=False, max_entries=4, ttl=60)
def _saved_runs(artifacts: Path, changed_ns: int) -> SavedRuns:
    from core.prediction.models import default_runs, model_files, on_mnist_alone, other_kinds

    files = model_files(artifacts)  # the one look through all runs
    known = _told_apart({run: _described(artifacts, file) for run, file in files.items()})
    of = {files[run].framework: run for run in default_runs(files)}
    best = [of[framework] for framework in order(list(of))]
    others = other_kinds(files, best)[: MOST_RUNS - len(best)]
    return SavedRuns(known, best, others, on_mnist_alone(files, best))


def _described(artifacts: Path, file: "ModelFile") -> SavedRun:
    note, title = _note(artifacts, file.run, file.framework), frameworks.title(file.framework)
    return SavedRun(file.framework, title, note, file.class_names, file.dataset, file.way)


def _note(artifacts: Path, run: str, framework: str) -> str:
    """The visitor's title for a run, or its name made readable: "augmented" for a reference run."""
    from core.prediction.models import DEFAULT_ARCHITECTURE

    if records.is_reference(run):
        kind = run.removeprefix(f"{records.REFERENCE}{framework}-")
        return kind.removeprefix(DEFAULT_ARCHITECTURE).strip("-") or "plain"
    try:
        if title := records.read_notes(artifacts, run)["title"]:
            return title
    except records.RecordError as error:
        return f"{run} ({error})"
    return _by_time(run, framework)


def _by_time(run: str, framework: str) -> str:
    when, rest = begun(run), run.partition(f"-{framework}-")[2]
    return f"{moment(when)} {rest}" if when and rest else run


def _told_apart(known: dict[str, SavedRun]) -> dict[str, SavedRun]:
    """The same with more in the notes of runs that one name was given to, such as those of a race."""
    alike = Counter(saved.label for saved in known.values())
    return {
        run: replace(saved, note=f"{saved.note}, {_by_time(run, saved.framework)}")
        if alike[saved.label] > 1
        else saved
        for run, saved in known.items()
    }
