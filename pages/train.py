"""Train: set up a race, start it, watch it."""

from contextlib import nullcontext

import streamlit as st

from core.places import artifacts_dir
from core.words import counted
from pages.components import present, shell
from pages.components.launching import ahead, begin_button, show_ahead, show_full_line, start_race
from pages.components.live_chart import load_ahead
from pages.components.names import race_name
from pages.components.train import race_replay, setup_form
from pages.components.train.load_line import show_load
from pages.components.train.race_view import races, show_race

with present.backstage():
    shell.heading("Train", "Which framework gets there first, with the same network on the same data?")
race_replay.settle_address()
artifacts = artifacts_dir()
known = races(str(artifacts))
active = [item.name for item in known if item.active]

shown = st.query_params.get("race")
if shown is None and not race_replay.asked_for() and active and "new" not in st.query_params:
    shown = active[-1]  # the one that trains: those behind it were started later
    st.query_params["race"] = shown

watching = shown or race_replay.asked_for()
on_stage = present.presenting() and watching
with present.stage("race") if on_stage else nullcontext():
    if race_replay.asked_for():
        race_replay.show()
    elif shown:
        show_race(shown)
if on_stage:
    st.stop()

refused = setup_form.prepare_fields()
with st.expander("Set up another race", expanded=False) if watching else st.container():
    for problem in refused:
        st.warning(f"The link has a value that does not work: {shell.plain(problem)}. The usual value stays.")
    setup_form.main_fields()
    settings = st.expander("All settings", key="all-settings", on_change="rerun")
    with settings:
        setup_form.more_fields(in_sight=bool(settings.open))
    setup, problem = setup_form.collect()
    shell.page_link("data", "See the data, or bring your own")
    if problem:
        st.error(shell.plain(problem))
    full = show_full_line()
    places = ahead()
    queued = bool(active or places)
    if not queued:  # a race or a study that trains is no other work
        show_load()
    show_ahead(places)
    button, command = st.columns([1, 3], vertical_alignment="top")
    with button:
        start = begin_button("race", queued, disabled=setup is None or full)
    if not watching:
        load_ahead()
    if setup is not None:
        st.caption(setup_form.summary(setup))
        with command:
            shell.as_command(setup.command())

if earlier := [item for item in known if item.name != shown][:10]:
    with st.popover("Earlier races"):
        for item in earlier:
            shell.page_link(
                "train", f"{shell.plain(race_name(item))} · {counted(len(item.runs), 'run')}", race=item.name
            )

if start and setup is not None and (launched := start_race(setup.arguments())):
    st.query_params["race"] = launched.race
    st.rerun()
