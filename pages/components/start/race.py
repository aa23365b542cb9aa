"""The button that races all frameworks at once."""

import streamlit as st

from core.places import artifacts_dir
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
    if launching.line(str(artifacts_dir())) and not full:
        st.caption("A race is going on; yours starts after it.")
    if clicked and (launched := launching.start_race(Setup.default(SPRINT).arguments())):
        shell.go_to("train", race=launched.race)
