"""Train: set up a race, start it, watch it."""

import time

import streamlit as st

from core.places import artifacts_dir
from core.races.launch import launch
from core.runs import records
from core.words import counted
from pages.components import shell
from pages.components.data import card
from pages.components.train import setup_form
from pages.components.train.race_view import race_list, show_race

shell.heading("Train", "Which framework gets there first, with the same network on the same data?")
artifacts = artifacts_dir()
races = race_list(str(artifacts)).races()
active = [item.name for item in races if item.active]

shown = st.query_params.get("race")
if shown is None and active and "new" not in st.query_params:
    shown = active[-1]  # the one that trains: those behind it were started later
    st.query_params["race"] = shown

if shown:
    show_race(shown)

refused = setup_form.prepare_fields()
with st.expander("Set up another race", expanded=False) if shown else st.container():
    for problem in refused:
        st.warning(f"From the address: {shell.plain(problem)}; the default stays.")
    setup_form.main_fields()
    settings = st.expander("All settings", key="all-settings", on_change="rerun")
    with settings:
        setup_form.more_fields(in_sight=bool(settings.open))
    setup, problem = setup_form.collect()
    ready = card.ready(st.session_state[setup_form.key("dataset")])
    if problem:
        st.error(shell.plain(problem))
    button, command = st.columns([1, 3], vertical_alignment="top")
    start = button.button(
        "Queue race" if active else "Start race",
        type="primary",
        icon=":material/play_arrow:",
        disabled=setup is None or not ready,
        width="stretch",
    )
    if setup is not None:
        st.caption(setup_form.summary(setup))
        with command:
            shell.as_command(setup.command())

if earlier := [item for item in races if item.name != shown][:10]:
    with st.popover("Earlier races"):
        for item in earlier:
            shell.page_link("train", f"{item.title} · {counted(len(item.runs), 'run')}", race=item.name)

if start and setup is not None:
    again = st.session_state.get("train-started")
    if again is None or again[0] != setup or time.monotonic() - again[1] > 2:  # not a double click
        try:
            name = launch(setup.arguments(), artifacts)
        except records.RecordError as error:
            st.error(str(error))
        else:
            st.session_state["train-started"] = (setup, time.monotonic())
            st.query_params["race"] = name
            st.rerun()
