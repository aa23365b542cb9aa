"""The button that races all frameworks at once."""

from dataclasses import replace

import streamlit as st

from core.places import artifacts_dir
from core.races.setup import Setup
from pages.components import launching, shell
from pages.components.data.samples import available_dataset

SPRINT = "sprint"  # the preset: a minute for all frameworks together


def race_button() -> None:
    """One click: all frameworks, the quick network, MNIST or else the digits that come along."""
    dataset = available_dataset()
    full = launching.show_full_line()
    small = "" if dataset == "mnist" else " on small digits"
    clicked = st.button(
        f"Race them now{small} (about a minute)",
        type="primary",
        icon=":material/play_arrow:",
        disabled=full,
        key="start-race",
    )
    if launching.line(str(artifacts_dir())) and not full:
        st.caption("A race is going on; yours starts after it.")
    if clicked and (launched := launching.start_race(sprint_on(dataset))):
        shell.go_to("train", race=launched.race)


def sprint_on(dataset: str) -> Setup:
    """The race that the button starts."""
    setup = Setup.default(SPRINT)
    return replace(setup, values=setup.values | {"dataset": dataset})
