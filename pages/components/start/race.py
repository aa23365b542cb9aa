"""The button that races all frameworks at once."""

import streamlit as st

from core.races.setup import Setup
from pages.components import launching, shell

SPRINT = "sprint"  # the preset: a minute for all frameworks together


def race_button() -> None:
    """One click: all frameworks, the quick network, MNIST."""
    full = launching.show_full_line()
    clicked = st.button(
        "Race them now (about a minute)",
        type="primary",
        icon=":material/play_arrow:",
        disabled=full,
        key="start-race",
    )
    if (ahead := launching.ahead()) and not full:
        what = "search" if launching.study_in_line(ahead[0]["race"]) else "race"
        st.caption(f"A {what} is going on; yours starts after it.")
    if clicked and (launched := launching.start_race(Setup.default(SPRINT).arguments())):
        shell.go_to("train", race=launched.race)
