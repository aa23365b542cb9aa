"""The Draw page's models: the shared predictor, the choice of runs, and asking without waiting."""

from collections.abc import Hashable
from concurrent.futures import wait
from pathlib import Path

import numpy as np
import streamlit as st

from core import records
from core.prediction import Answer, Failure, Predictor, default_runs, saved_models
from pages.components.shell import artifacts_dir, framework_title

MOST_RUNS = 12  # cards that still can be taken in
PATIENCE = 0.4  # seconds that a visitor waits before the cards that are ready are shown alone
CHOICE = "draw-runs"


@st.cache_resource(show_spinner=False)
def _predictor(artifacts: Path) -> Predictor:
    predictor = Predictor(artifacts)
    predictor.warm(default_runs(artifacts))
    return predictor


def predictor() -> Predictor:
    """The workers that all visitors share; the first call starts them in the background."""
    return _predictor(artifacts_dir())


@st.cache_data(show_spinner=False, max_entries=4, ttl=600)
def _saved_models(artifacts: Path, changed_ns: int) -> dict[str, str]:
    return saved_models(artifacts)


def available_runs() -> dict[str, str]:
    """Every run with a model for digits, and its framework (read again when a run was added)."""
    artifacts = artifacts_dir()
    # A run's metrics file lands in this folder after its model.
    return _saved_models(artifacts, artifacts.stat().st_mtime_ns) if artifacts.is_dir() else {}


def choose_runs() -> list[str]:
    """A selector for the runs to ask; the choice is in the URL as `runs=a,b`."""
    available = available_runs()
    default = default_runs(artifacts_dir())
    if CHOICE not in st.session_state:
        asked = [name for text in st.query_params.get_all("runs") for name in text.split(",") if name]
        st.session_state[CHOICE] = [run for run in dict.fromkeys(asked) if run in available][:MOST_RUNS]
        missing = [run for run in asked if run not in available]
        if missing:
            st.warning(f"Without a model for digits here, so left out: {', '.join(missing)[:300]}")
    st.session_state[CHOICE] = [run for run in st.session_state[CHOICE] if run in available] or default
    chosen = st.multiselect(
        "Models",
        list(available),
        key=CHOICE,
        format_func=lambda run: run_label(run, available),
        max_selections=MOST_RUNS,
        help="Every saved run that learned digits; several runs of one framework are fine.",
    )
    if chosen in ([], default):
        st.query_params.pop("runs", None)
    else:
        st.query_params["runs"] = ",".join(chosen)
    return chosen


def run_label(run: str, frameworks_of: dict[str, str]) -> str:
    """A run in a few words: its framework and what tells it from the others."""
    return f"{framework_title(frameworks_of[run])} · {run_note(run, frameworks_of[run])}"


def run_note(run: str, framework: str) -> str:
    """The rest of a run's name: "reference, augmented", "21 Nov 06:13 small-cnn-s0"."""
    if records.is_reference(run):
        extra = run.removeprefix(f"{records.REFERENCE}{framework}-small-cnn").strip("-")
        return f"reference, {extra}" if extra else "reference"
    return run.replace(f"{framework}-", "")


def ask(slot: str, key: Hashable, runs: list[str], images: np.ndarray) -> dict[str, Answer | None]:
    """What the models say, or None for a model that is not ready yet: ask again a little later.

    Args:
        slot: what is asked for in this session; a new question takes the place of the old one.
        key: tells this question from the one before.
        runs: the runs to ask.
        images: as `core.prediction.Predictor.submit` takes them.
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


def pending(answers: dict[str, Answer | None]) -> bool:
    """Whether an answer is still to come."""
    return any(answer is None for answer in answers.values())


def failures(answers: dict[str, Answer | None]) -> dict[str, Failure]:
    """The runs without an answer, with the reason."""
    return {run: answer for run, answer in answers.items() if isinstance(answer, Failure)}
