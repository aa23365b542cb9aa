"""Asking models about a drawing without waiting for them."""

from collections.abc import Hashable
from concurrent.futures import wait
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.components.shared import predictor

if TYPE_CHECKING:
    from concurrent.futures import Future

    from core.prediction.answers import Answer

PATIENCE = 0.4  # seconds that a visitor waits before the answers that are ready are shown alone
TICK = 0.5  # seconds between looks at models that are still loading


def ask(slot: str, key: Hashable, runs: list[str], images: np.ndarray) -> "dict[str, Answer | None]":
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
    return {run: _answer(future) for run, future in futures.items()}


def _answer(future: "Future[Answer]") -> "Answer | None":
    """What a model said by now; nothing either when the page, run anew meanwhile, asked something else."""
    return future.result() if future.done() and not future.cancelled() else None


def tick(slot: str) -> float | None:
    """How often a fragment that shows this question's answers must run by itself, if at all."""
    return TICK if st.session_state.get(f"draw-waiting-{slot}") else None


def note_waiting(slot: str, waiting: bool) -> None:
    """Starts or ends the ticking when the first or the last of the answers is still to come."""
    if waiting != st.session_state.get(f"draw-waiting-{slot}", False):
        st.session_state[f"draw-waiting-{slot}"] = waiting
        st.rerun()
