"""Compare: what the runs really show."""

import streamlit as st

from core.places import artifacts_dir
from pages.components import compare_choice as choice
from pages.components import compare_figures, compare_manage, compare_takeaway, compare_tests, shell
from pages.components.compare_answer import show_answer
from pages.components.compare_table import runs_table

shell.heading("Compare", "More accurate, faster, smaller, shorter: and is the difference real?")
artifacts = str(artifacts_dir())
results = choice.reader(artifacts).read()
compare_manage.show_messages()

if results.frame.empty:
    st.info("No results yet. Train something, or add metrics files from elsewhere.")
    shell.page_link("train", "Start a race")
    compare_manage.manage_bar(results, [])
    st.stop()

offered = choice.groups(artifacts, results.version, results)
chosen, unknown = choice.chosen_runs(results, offered)
shown = (artifacts, results.version, tuple(chosen))

if offered:
    choice.group_picker(offered, chosen, results.frame)
if unknown:
    names = ", ".join(run[:80] for run in unknown[:5])
    st.warning(f"Not here any more: {shell.plain(names)}{' …' if len(unknown) > 5 else ''}")
answer = st.container()  # filled after the table, which need not wait for any test
runs_table(results, chosen)
compare_manage.manage_bar(results, chosen)

with answer:
    if not chosen:
        st.info("Choose runs in the table.")
        st.stop()
    comparison = choice.comparison(*shown, results)
    show_answer(comparison, offered)

tabs = st.tabs(
    ["Figures", "Learning", "Is it real?", "Where they err", "Take it away"], key="tab", bind="query-params"
)
overview, learning, tests, errors, away = tabs
details = choice.details(artifacts, results.version, tuple(comparison.frame.run))
with overview:
    if overview.open:
        compare_figures.overview(comparison, shown)
with learning:
    if learning.open:
        compare_figures.learning(comparison, details)
with tests:
    if tests.open:
        compare_tests.show_tests(comparison)
with errors:
    if errors.open:
        from pages.components import compare_errors  # brings the datasets; the table does not wait for them

        compare_errors.show_errors(comparison, details)
with away:
    if away.open:
        compare_takeaway.take_away(results, comparison)
compare_takeaway.figure_format()
