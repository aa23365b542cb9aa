"""What a study amounts to before it starts, and its start."""

import time

import streamlit as st

from core.places import artifacts_dir
from core.races.launch import BURST
from core.runs.records import RecordError
from core.tuning import asked, studies
from core.tuning.study import StudySpec
from core.words import counted
from pages.components import shell

STARTED = "tune-started"  # in the session: the visitor's last study, its options, and when it was clicked


def show_amount(spec: StudySpec) -> None:
    """How many trainings that is and roughly how long, before anything starts."""
    st.caption(f"{trainings(spec)} {how_long(spec)}")


def trainings(spec: StudySpec) -> str:
    """How many trainings the search takes, and those at its end."""
    planned = asked.fits_planned(spec)
    each = (spec.folds or 1) * len(spec.seeds) * (len(spec.frameworks) if spec.common else 1)
    end = f"then {counted(final_trainings(spec), 'fresh run')} tell whether the winner is real."
    if planned is None:
        each_told = "" if each == 1 else f", each trained {each} times"
        return f"As many trials as {spec.minutes:g} minutes allow{each_told}; {end}"
    return f"{counted(planned, 'training')} in the search; {end}"


def final_trainings(spec: StudySpec) -> int:
    """Winner, runner-up and the preset's recipe, in every framework, over the fresh seeds."""
    return 3 * len(spec.frameworks) * spec.final_seeds


def how_long(spec: StudySpec) -> str:
    """Roughly how long, from runs that are known on this machine."""
    return ""


def start_study(spec: StudySpec) -> str:
    """Starts the study, or says why it cannot start; clicks in a row start one. Returns its name."""
    options, now = asked.arguments(spec), time.monotonic()
    before = st.session_state.get(STARTED)
    if before and before[1] == options and now - before[2] < BURST:
        return before[0]
    try:
        name = studies.launch(artifacts_dir(), spec)
    except RecordError as error:
        st.error(shell.plain(str(error)))
        return ""
    st.session_state[STARTED] = (name, options, now)
    return name
