"""Which models are asked: the best of each framework, other kinds too, or whichever the visitor likes."""

import streamlit as st

from core.words import counted
from pages.components.canvas.saved import MOST_RUNS, SavedRuns
from pages.components.shell import plain

CHOICE = "draw-runs"
OTHERS = "draw-others"
MISSING = "draw-missing"  # runs of the address that are not here: said until the visitor chooses


def choose_runs(saved: SavedRuns) -> list[str]:
    """A switch and a selector for the runs to ask; the choice is in the URL as `runs=a,b`."""
    if CHOICE not in st.session_state:
        st.session_state[CHOICE], st.session_state[MISSING] = _from_address(saved)
    st.session_state[CHOICE] = [run for run in st.session_state[CHOICE] if run in saved.known] or saved.best
    st.session_state[OTHERS] = st.session_state[CHOICE] == [*saved.best, *saved.others]
    if missing := st.session_state.get(MISSING):
        st.warning(f"Without a model for this here, so left out: {plain(', '.join(missing)[:300])}")
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        if saved.others:
            st.toggle(
                "Ask other kinds of models too",
                key=OTHERS,
                on_change=_switch,
                args=(saved,),
                help="The best five learned from many people’s pens, and from pictures turned and shifted a "
                "little. Others know MNIST alone, or are other networks: they disagree more often.",
            )
        with st.popover(counted(len(st.session_state[CHOICE]), "model"), icon=":material/tune:"):
            chosen = st.multiselect(
                "Models to ask",
                list(saved.known),
                key=CHOICE,
                format_func=lambda run: saved.known[run].label,
                max_selections=MOST_RUNS,
                on_change=_forget_missing,
                help="Every saved run that learned these classes; several runs of one framework are fine.",
            )
    if chosen in ([], saved.best):
        st.query_params.pop("runs", None)
    else:
        st.query_params["runs"] = ",".join(chosen)
    return chosen


def _from_address(saved: SavedRuns) -> tuple[list[str], list[str]]:
    """The runs that the address names, and those of them that are not here."""
    asked = [name for text in st.query_params.get_all("runs") for name in text.split(",") if name]
    missing = [run for run in asked if run not in saved.known]
    return [run for run in dict.fromkeys(asked) if run in saved.known][:MOST_RUNS], missing


def _switch(saved: SavedRuns) -> None:
    more = saved.others if st.session_state[OTHERS] else []
    st.session_state[CHOICE] = [*saved.best, *more]
    _forget_missing()


def _forget_missing() -> None:
    st.session_state.pop(MISSING, None)
