"""Starting a race from a page, once a click, and saying why it cannot start; the line that it waits in."""

from collections.abc import Sequence
from itertools import takewhile
from threading import Condition
from typing import Any

import streamlit as st
from cachetools import TTLCache, cached

from core.places import artifacts_dir
from core.races import turns
from core.races.launch import BURST, Launched, launch_once
from core.races.race_list import Race, places_in_line
from core.runs import records
from core.tuning.folder import read_spec
from core.tuning.study import StudySpec
from core.words import counted
from pages.components import shell
from pages.components.names import race_name, study_heading
from pages.components.shared import FOLDERS, LOOK

LAUNCHED = "train-launched"  # in the session: the visitor's last race


@cached(TTLCache(FOLDERS, LOOK), condition=Condition())
def line(artifacts: str) -> list[dict[str, Any]]:
    """The races that train or wait on this machine, looked up once for all visitors."""
    return places_in_line(artifacts_dir(artifacts))


def study_in_line(name: str) -> StudySpec | None:
    """The study of this name, which waits in the same line as the races; None for a race."""
    try:
        return read_spec(artifacts_dir(), name)
    except records.RecordError:
        return None


def ahead(name: str | None = None) -> list[dict[str, Any]]:
    """Who trains or waits before the race or study of this name; of one that is not in line yet, all."""
    places = line(str(artifacts_dir()))
    return list(takewhile(lambda place: place["race"] != name, places)) if name else places


def show_ahead(places: Sequence[dict[str, Any]]) -> None:
    """Says what a race or study that somebody starts now would wait for, as `ahead` found it; with a link."""
    if not places:
        return
    first, *others = places
    with st.container(horizontal=True, vertical_alignment="center", key="ahead"):
        st.caption("Starts after")
        if not first["here"]:
            st.caption("a race or study elsewhere on this machine")
        elif spec := study_in_line(first["race"]):
            shell.page_link("tune", shell.plain(study_heading(spec)), study=spec.name)
        else:
            title = shell.plain(race_name(Race(first["race"], (), True)))
            shell.page_link("train", f"Race of {title}", race=first["race"])
        if others:
            st.caption(f"and {counted(len(others), 'other')} in line")


def begin_button(what: str, queued: bool, disabled: bool) -> bool:
    """The button that starts a race or a search, or queues it; whether it was clicked."""
    return st.button(
        f"{'Queue' if queued else 'Start'} {what}",
        key=f"begin-{what}",  # a click stays one when the line empties meanwhile and the label changes
        type="primary",
        icon=":material/play_arrow:",
        disabled=disabled,
        width="stretch",
    )


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
