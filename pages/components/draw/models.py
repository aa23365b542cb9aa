"""The Draw page's models: which there are, the choice of runs, and asking without waiting."""

from collections.abc import Hashable
from concurrent.futures import wait
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import streamlit as st

from core import frameworks
from core.data.catalogue import DIGIT_NAMES
from core.places import artifacts_dir
from core.prediction.answers import Answer
from core.prediction.models import default_runs, models_by_classes
from core.runs import records
from core.words import counted
from pages.components.shared import predictor
from pages.components.shell import plain

MOST_RUNS = 12  # cards that still can be taken in
PATIENCE = 0.4  # seconds that a visitor waits before the cards that are ready are shown alone
TICK = 0.5  # seconds between looks at models that are still loading
CHOICE = "draw-runs"


@dataclass(frozen=True)
class SavedRun:
    """A run that can be asked: what its framework is called, and what tells it from its other runs."""

    framework: str
    title: str
    note: str
    class_names: tuple[str, ...] = DIGIT_NAMES

    @property
    def label(self) -> str:
        """Both in one line."""
        return f"{self.title} · {self.note}"


@st.cache_data(show_spinner=False, max_entries=4, ttl=60)
def _saved_runs(artifacts: Path, changed_ns: int) -> tuple[dict[str, SavedRun], list[str]]:
    found = {
        run: SavedRun(framework, frameworks.title(framework), _note(artifacts, run, framework), class_names)
        for class_names, runs in models_by_classes(artifacts).items()
        for run, framework in runs.items()
    }
    return found, default_runs(artifacts)


def _note(artifacts: Path, run: str, framework: str) -> str:
    """The visitor's title for a run, or its name made readable: "reference, augmented"."""
    if records.is_reference(run):
        extra = run.removeprefix(f"{records.REFERENCE}{framework}-small-cnn").strip("-")
        return f"reference, {extra}" if extra else "reference"
    try:
        if title := records.read_notes(artifacts, run)["title"]:
            return title
    except records.RecordError as error:
        return f"{run} ({error})"
    when, _, rest = run.partition(f"-{framework}-")
    try:
        return f"{datetime.strptime(when, '%Y%m%d-%H%M%S'):%d %b %H:%M} {rest}"
    except ValueError:
        return run


def available_runs() -> tuple[dict[str, SavedRun], list[str]]:
    """Every run with a model, and those to ask about a digit unless the visitor chooses."""
    artifacts = artifacts_dir()
    # A run's metrics file lands in this folder after its model, which changes the folder's time.
    return _saved_runs(artifacts, artifacts.stat().st_mtime_ns) if artifacts.is_dir() else ({}, [])


def choose_runs(available: dict[str, SavedRun], default: list[str]) -> list[str]:
    """A selector for the runs to ask; the choice is in the URL as `runs=a,b`."""
    if CHOICE not in st.session_state:
        asked = [name for text in st.query_params.get_all("runs") for name in text.split(",") if name]
        st.session_state[CHOICE] = [run for run in dict.fromkeys(asked) if run in available][:MOST_RUNS]
        missing = [run for run in asked if run not in available]
        if missing:
            st.warning(f"Without a model for this here, so left out: {plain(', '.join(missing)[:300])}")
    st.session_state[CHOICE] = [run for run in st.session_state[CHOICE] if run in available] or default
    with st.popover(counted(len(st.session_state[CHOICE]), "model"), icon=":material/tune:"):
        chosen = st.multiselect(
            "Models to ask",
            list(available),
            key=CHOICE,
            format_func=lambda run: available[run].label,
            max_selections=MOST_RUNS,
            help="Every saved run that learned these classes; several runs of one framework are fine.",
        )
    if chosen in ([], default):
        st.query_params.pop("runs", None)
    else:
        st.query_params["runs"] = ",".join(chosen)
    return chosen


def ask(slot: str, key: Hashable, runs: list[str], images: np.ndarray) -> dict[str, Answer | None]:
    """What the models say, or None for a model that is not ready yet: ask again a little later.

    Args:
        slot: what is asked for in this session; a new question takes the place of the old one.
        key: tells this question from the one before.
        runs: the runs to ask.
        images: as `core.prediction.predictor.Predictor.submit` takes them.
    """
    slots = st.session_state.setdefault("draw-questions", {})
    asked, futures = slots.get(slot, (None, {}))
    if asked != (key, tuple(runs)):
        for future in futures.values():
            future.cancel()  # nobody waits for the answer about an earlier stroke
        futures = predictor().submit(runs, images)
        slots[slot] = ((key, tuple(runs)), futures)
    wait(futures.values(), timeout=PATIENCE)
    return {run: future.result() if future.done() else None for run, future in futures.items()}


def tick(slot: str) -> float | None:
    """How often a fragment that shows this question's answers must run by itself, if at all."""
    return TICK if st.session_state.get(f"draw-waiting-{slot}") else None


def note_waiting(slot: str, answers: dict[str, Answer | None]) -> None:
    """Starts or ends the ticking when the first or the last of the answers is still to come."""
    waiting = any(answer is None for answer in answers.values())
    if waiting != st.session_state.get(f"draw-waiting-{slot}", False):
        st.session_state[f"draw-waiting-{slot}"] = waiting
        st.rerun()
