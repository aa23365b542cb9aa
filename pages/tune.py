"""Tune: set up a study, start it, watch it, read what came of it."""

import streamlit as st

from core.tuning import asked
from pages.components import shell
from pages.components.launching import ahead, begin_button, show_ahead, show_full_line
from pages.components.tune import manage, setup_form, setup_state, sklearn_example, start
from pages.components.tune.source import listed
from pages.components.tune.study_view import settle_address, show_study

WHAT = (
    "A search trains the network again and again, each time with other settings (a trial), and keeps what "
    "does best on images held back from training. At the end the winner, the runner-up and the settings that "
    "the network comes with (the preset’s recipe) are trained anew and tested: is the winner real, or was it "
    "luck?"
)

shell.heading("Tune", "Which settings are best for each framework, and is the winner really better?")
settle_address()
known = listed()
active = [one.name for one in known if one.active]
shown = st.query_params.get("study")
if shown is None and active and "new" not in st.query_params:
    shown = active[-1]  # the one that works: those behind it were started later
    st.query_params["study"] = shown
manage.show_problem()
manage.ask_about_broken()
if shown:
    show_study(shown)

refused = setup_state.prepare()
with st.expander("Set up another study", expanded=False) if shown else st.container():
    for problem in refused:
        st.warning(f"The link has a value that does not work: {shell.plain(problem)}. The usual value stays.")
    if not shown:
        st.caption(WHAT)
    setup_form.main_fields()
    with st.expander("All settings", key="tune-all-settings"):
        setup_form.more_fields()
    spec, problems = setup_state.collect()
    for problem in problems:
        st.error(shell.plain(problem))
    if spec is not None and not shown:
        setup_state.write_address(spec)
    full = show_full_line()
    queued = ahead()
    show_ahead(queued)
    button, command = st.columns([1, 3], vertical_alignment="top")
    with button:
        clicked = begin_button("search", bool(queued), disabled=spec is None or full)
    if spec is not None:
        start.show_amount(spec)
        with command:
            shell.as_command(asked.command(spec))

manage.earlier_studies(shown)
sklearn_example.show_example()

if clicked and spec is not None and (name := start.start_study(spec)):
    st.query_params.clear()
    st.query_params["study"] = name
    st.rerun()
