"""Which stations were done, remembered in the visitor's browser and nowhere else."""

import streamlit as st

from core.lessons.stations import stations
from pages.components.shell import text_beside

KEY = "learn-progress"

_mount = st.components.v2.component("progress", html="<i></i>", js=text_beside(__file__, "progress.js"))


def progress(done: str | None = None, forget: bool = False) -> list[str]:
    """The names of the stations that this browser remembers, in their order.

    Args:
        done: the station that was done just now.
        forget: whether to forget all.
    """
    known = (st.session_state.get(KEY) or {}).get("done") or []
    _mount(key=KEY, data={"done": done, "forget": forget, "known": known}, on_done_change=_nothing_more)
    return [name for name in stations() if name in known]


def _nothing_more() -> None:
    """What the browser remembers needs nothing but the run that it starts."""
