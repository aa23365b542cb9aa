"""A race replayed on Train: by its name, by its runs, or the newest one."""

import streamlit as st

from core.races.race_list import Race
from core.words import counted
from pages.components import present, shell
from pages.components.newest import newest_results
from pages.components.replay import show_replay
from pages.components.train.race_view import find_race

MOST_RUNS = 60  # of an address
NAMES = ("race", "runs", "view")  # in an address: what is shown


def asked_for() -> bool:
    """Whether the address asks for a replay."""
    return st.query_params.get("view") == "replay"


def settle_address() -> None:
    """Puts into the browser's address what a link within this page asked for; Streamlit leaves it alone."""
    named = {name: st.query_params[name] for name in NAMES if name in st.query_params}
    if st.session_state.get("train-address", named) != named:
        st.query_params.update(named)
    st.session_state["train-address"] = named


def show() -> None:
    """The replay that the address names, with the ways on from it."""
    race, runs = st.query_params.get("race"), _runs()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(_title(race, runs), anchor=False)
        if runs and not present.presenting():
            present.present_button()
    if not runs:
        st.info("There is no race here that can be replayed yet.")
        return
    show_replay(runs, key="replay", autoplay=True, present=present.presenting())
    if present.presenting():
        return
    with st.container(horizontal=True):
        if race:
            shell.page_link("train", "The race and its result", race=race)
        shell.page_link("compare", "Compare these runs", runs=",".join(runs))
        shell.page_link("draw", "Draw a digit for them", runs=",".join(runs))


def _runs() -> list[str]:
    race, named = st.query_params.get("race"), st.query_params.get("runs", "")
    if race:
        found = find_race(race)
        return list(found.runs) if found else []
    if chosen := [run for run in named.split(",") if run][:MOST_RUNS]:
        return chosen
    newest = newest_results()
    return list(newest.runs) if newest else []


def _title(race: str | None, runs: list[str]) -> str:
    if race:
        return f"Replay of the race of {shell.plain(Race(race, (), False).title[:80])}"
    return f"Replay of {counted(len(runs), 'run')}"
