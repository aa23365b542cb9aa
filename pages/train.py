"""Train: set up a race, start it, watch it."""

import streamlit as st

from core.places import artifacts_dir
from core.races.launch import BURST, launch_once
from core.runs import records
from core.words import counted
from pages.components import shell
from pages.components.data import card
from pages.components.train import setup_form
from pages.components.train.race_view import races, show_full_line, show_race

shell.heading("Train", "Which framework gets there first, with the same network on the same data?")
artifacts = artifacts_dir()
known = races(str(artifacts))
active = [item.name for item in known if item.active]

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
    shell.page_link("data", "See the data, or bring your own")
    ready = card.ready(st.session_state[setup_form.key("dataset")])
    if problem:
        st.error(shell.plain(problem))
    full = show_full_line()
    button, command = st.columns([1, 3], vertical_alignment="top")
    start = button.button(
        "Queue race" if active else "Start race",
        type="primary",
        icon=":material/play_arrow:",
        disabled=setup is None or not ready or full,
        width="stretch",
    )
    if setup is not None:
        st.caption(setup_form.summary(setup))
        with command:
            shell.as_command(setup.command())

if earlier := [item for item in known if item.name != shown][:10]:
    with st.popover("Earlier races"):
        for item in earlier:
            shell.page_link("train", f"{item.title} · {counted(len(item.runs), 'run')}", race=item.name)

if start and setup is not None:
    before = st.session_state.get("train-launched")
    try:
        launched = launch_once(setup.arguments(), artifacts, before)
    except records.RecordError as error:
        st.error(str(error))
    else:
        if before and launched.race == before.race and launched.clicked - before.clicked > BURST:
            st.toast("This race is in line already.")
        st.session_state["train-launched"] = launched
        st.query_params["race"] = launched.race
        st.rerun()
