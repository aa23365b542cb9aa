"""Starting a race from a page, once a click, and saying why it cannot start; the line that it waits in."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.places import artifacts_dir
from core.races import turns
from core.races.launch import BURST, Launched, launch_once
from core.races.race_list import places_in_line
from core.runs import records
from core.tuning.folder import read_spec
from core.tuning.study import StudySpec

LOOK = 0.5  # seconds that all visitors share a look at the races and at the line
LAUNCHED = "train-launched"  # in the session: the visitor's last race


@st.cache_resource(max_entries=4, ttl=LOOK, show_spinner=False)
def line(artifacts: str) -> list[dict[str, Any]]:
    """The races that train or wait on this machine, looked up once for all visitors."""
    return places_in_line(artifacts_dir(artifacts))


def study_in_line(name: str) -> StudySpec | None:
    """The study of this name, which waits in the same line as the races; None for a race."""
    try:
        return read_spec(artifacts_dir(), name)
    except records.RecordError:
        return None


def line_is_full() -> bool:
    """Whether no more races may wait."""
    return turns.is_full(len(line(str(artifacts_dir()))))


def show_full_line() -> bool:
    """Says that no more races may wait, when that is so."""
    if full := line_is_full():
        st.info(str(turns.LineFull()), icon=":material/hourglass_top:")
    return full


def start_race(arguments: Sequence[str]) -> Launched | None:
    """Starts the race of these options, or says why it cannot start; clicks in a row start one."""
    before = st.session_state.get(LAUNCHED)
    try:
        launched = launch_once(list(arguments), artifacts_dir(), before)
    except records.RecordError as error:
        st.error(str(error))
        return None
    if before and launched.race == before.race and launched.clicked - before.clicked > BURST:
        st.toast("This race is in line already.")
    st.session_state[LAUNCHED] = launched
    return launched
