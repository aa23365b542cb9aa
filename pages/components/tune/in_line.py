"""Where a study stands in the line that it shares with the races of this machine."""

from typing import Any

import streamlit as st

from core.places import artifacts_dir
from core.races.race_list import Race
from core.tuning.study import Study
from core.words import counted
from pages.components import shell
from pages.components.launching import line, study_in_line
from pages.components.names import race_name, study_name
from pages.components.tune.source import is_active

SHOWN_PLACES = 5  # in a longer line, the one that trains and this one are enough


def show_line(study: Study) -> None:
    """Who is ahead and who waits, when more than this study is in line."""
    places = line(str(artifacts_dir()))
    if len(places) < 2 or not is_active(study):
        return
    with st.container(horizontal=True, key="line"):
        st.markdown("In line:")
        for number, place in enumerate(places, 1):
            if number == 1 or place["race"] == study.spec.name or len(places) <= SHOWN_PLACES:
                _place(place, study.spec.name, number)
        if len(places) > SHOWN_PLACES:
            st.markdown(f"{counted(len(places) - 1, 'other')} in line")


def _place(place: dict[str, Any], name: str, number: int) -> None:
    state = ("trains" if number == 1 else f"place {number}") if place["ready"] else "fetches its data"
    if place["race"] == name:
        st.markdown(f"**this study** ({state})")
    elif not place["here"]:
        st.markdown(f"a race or study elsewhere on this machine ({state})")
    elif spec := study_in_line(place["race"]):
        shell.page_link("tune", f"{shell.plain(study_name(spec))} ({state})", study=spec.name)
    else:
        title = race_name(Race(place["race"], (), True))
        shell.page_link("train", f"Race of {shell.plain(title)} ({state})", race=place["race"])
