"""Compare: what the runs really show."""

import streamlit as st

from core import frameworks
from core.charts.colours import order
from core.places import artifacts_dir
from pages.components import present, shared, shell, take_home
from pages.components.compare import (
    again,
    choice,
    deleting,
    figures,
    fits,
    manage,
    messages,
    stage,
    takeaway,
    tests,
)
from pages.components.compare.answer import show_answer
from pages.components.compare.table import names, runs_table

with present.backstage():
    shell.heading("Compare", "More accurate, faster, smaller, shorter: and is the difference real?")
if study := st.query_params.get("study"):
    fits.show_fits(study)
    st.stop()
artifacts = str(artifacts_dir())
results = shared.results_reader().read()
messages.show_messages(deleting.undo)

if results.frame.empty:
    st.info("No results yet. Train something, or add metrics files from elsewhere.")
    again.show_race_without_result(results)
    shell.page_link("train", "Start a race")
    manage.manage_bar(results, names(results), [], [])
    st.stop()

offered = choice.groups(artifacts, results.version, results)
chosen, unknown = choice.chosen_runs(results, offered)
shown = (artifacts, results.version, tuple(chosen))

if present.presenting() and chosen:
    stage.show_on_stage(choice.comparison(*shown, results))
    st.stop()
if offered:
    choice.group_picker(offered, chosen, results.frame)
for said, runs in choice.why_missing(unknown, results).items():
    listed = ", ".join(run[:80] for run in runs[:5])
    st.warning(f"{said}: {shell.plain(listed)}{' …' if len(runs) > 5 else ''}")
answer = st.container()  # filled after the table, which need not wait for any test
view = runs_table(results, chosen)
manage.manage_bar(results, names(results), chosen, view)

with answer:
    if not chosen:
        st.info("Choose runs in the list.")
        again.show_race_without_result(results)
        st.stop()
    comparison = choice.comparison(*shown, results)
    show_answer(comparison, offered)
    again.show_trouble(comparison, results)
    with st.container(horizontal=True, vertical_alignment="center", key="compare-ways"):
        shell.page_link("train", "Replay", runs=",".join(comparison.frame.run), view="replay")
        if code := [name for name in frameworks.names() if name in set(comparison.frame.framework)]:
            shell.page_link("learn", "What counts as a line", code=",".join(order(code)))
        again.clock_again(comparison)
        take_home.take_home(comparison.labels, "compare")
        present.present_button()

figures_tab, learning_tab, tests_tab, errors_tab, shrink_tab, away_tab = st.tabs(
    ["Figures", "Learning", "Is it real?", "Mistakes", "Shrink", "Download"], key="tab", bind="query-params"
)
details = choice.details(artifacts, results.version, tuple(comparison.frame.run))
with figures_tab:
    if figures_tab.open:
        figures.overview(comparison, shown)
with learning_tab:
    if learning_tab.open:
        figures.learning(comparison, details)
with tests_tab:
    if tests_tab.open:
        tests.show_tests(comparison)
with errors_tab:
    if errors_tab.open:
        from pages.components.compare import errors  # brings the datasets; the table does not wait for them

        errors.show_errors(comparison, details)
with shrink_tab:
    if shrink_tab.open:
        from pages.components.compare import shrink  # brings what reads saved models, once somebody asks

        shrink.shrink(comparison, results, names(results))
with away_tab:
    if away_tab.open:
        takeaway.take_away(results, comparison)
