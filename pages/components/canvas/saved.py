"""The saved models that can be asked about a drawing, and what to call them."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from core import frameworks
from core.charts.colours import order
from core.places import artifacts_dir
from core.runs import records
from core.runs.names import begun
from core.words import moment

MOST_RUNS = 12  # cards that still can be taken in


@dataclass(frozen=True)
class SavedRun:
    """A run that can be asked: what its framework is called, and what tells it from its other runs."""

    framework: str
    title: str
    note: str

    @property
    def label(self) -> str:
        """Both in one line."""
        return f"{self.title} · {self.note}"


@dataclass(frozen=True)
class SavedRuns:
    """Every run with a model for digits.

    `best` are those to ask unless the visitor chooses, one a framework; `others` runs of other kinds, who
    may disagree.
    """

    known: dict[str, SavedRun]
    best: list[str]
    others: list[str]


def saved_runs() -> SavedRuns:
    """Every run that can be asked."""
    artifacts = artifacts_dir()
    if not artifacts.is_dir():
        return SavedRuns({}, [], [])
    # A run's metrics file lands in this folder after its model, which changes the folder's time.
    return _saved_runs(artifacts, artifacts.stat().st_mtime_ns)


@st.cache_data(show_spinner=False, max_entries=4, ttl=60)
def _saved_runs(artifacts: Path, changed_ns: int) -> SavedRuns:
    from core.prediction.models import default_runs, other_kinds, saved_models

    saved = saved_models(artifacts)
    known = {
        run: SavedRun(framework, frameworks.title(framework), _note(artifacts, run, framework))
        for run, framework in saved.items()
    }
    known = _told_apart(known)
    of = {saved[run]: run for run in default_runs(artifacts)}
    best = [of[framework] for framework in order(list(of))]
    return SavedRuns(known, best, other_kinds(artifacts, best)[: MOST_RUNS - len(best)])


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
