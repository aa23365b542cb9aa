"""Is the difference real? The tests of a comparison in tables and words."""

import streamlit as st

from core import frameworks
from core.comparison.compare import MOST_PAIRED_RUNS, Comparison
from core.comparison.findings import (
    NO_DIFFERENCE,
    explain_p,
    explain_runs,
    explain_seeds,
    explain_times,
    pair_table,
)
from core.comparison.significance import PairTest
from core.comparison.tables import ranking_table
from pages.components.shell import plain


def show_tests(comparison: Comparison) -> None:
    """Over seeds where there are enough, and between single runs on the same test set."""
    if first := comparison.accuracy_tests or comparison.run_tests():
        st.caption(explain_p(first))
    _over_seeds(comparison)
    _between_runs(comparison)


def _summary(tests: list[PairTest]) -> None:
    real = sum(test.real for test in tests)
    if real == 0:
        st.markdown(f"**{NO_DIFFERENCE.capitalize()}** in any of {len(tests)} pairs.")
    else:
        st.markdown(f"**A real difference in {real} of {len(tests)} pairs**, {NO_DIFFERENCE} in the rest.")


def _over_seeds(comparison: Comparison) -> None:
    st.header("Between frameworks, over seeds", anchor=False)
    if comparison.group is None:
        st.info("Frameworks are tested over seeds when all chosen runs can be ranked together.")
        return
    tests = comparison.accuracy_tests
    if not tests:
        st.info("This needs three seeds that two frameworks share. Start a race with seeds 0, 1, 2.")
        return
    names = {name: frameworks.title(name) for name in comparison.frame.framework}
    _summary(tests)
    columns = ["framework", "runs", "accuracy", "spread (points)", "train time"]
    with st.expander("The tests in numbers"):
        st.dataframe(ranking_table(comparison.ranking())[columns], hide_index=True, alt="Mean and spread")
        st.dataframe(pair_table(tests, names), hide_index=True, alt="Tests over seeds")
    st.caption(explain_seeds(tests))
    if comparison.time_tests and comparison.same_machine:
        with st.expander("The tests of train times"):
            st.dataframe(pair_table(comparison.time_tests, names, "s"), hide_index=True, alt="Tests of times")
            st.caption(explain_times(comparison.time_tests))


def _between_runs(comparison: Comparison) -> None:
    st.header("Between single runs, image by image", anchor=False)
    seeds = comparison.paired_seeds
    seed = None
    if len(seeds) > 1:
        seed = st.segmented_control(
            "Seed", seeds, default=seeds[0], required=True, format_func=lambda s: f"{s:.0f}"
        )
    test_set = comparison.one_seed(seed)
    tests = comparison.run_tests(seed)
    if tests and test_set:
        _summary(tests)
        with st.expander("The tests in numbers"):
            table = pair_table(tests, comparison.labels_of(test_set))
            st.dataframe(table, hide_index=True, alt="Tests between runs")
        st.caption(explain_runs(tests))
        if len(test_set.probabilities) == MOST_PAIRED_RUNS:
            st.caption(
                f"At most {MOST_PAIRED_RUNS} runs are tested with one another; choose fewer for the rest."
            )
    else:
        st.info("This needs two runs with saved predictions on the same test set.")
    for test_set in comparison.test_sets[1:]:
        apart = ", ".join(comparison.labels[run] for run in test_set.probabilities)
        st.caption(f"Not paired with the others, because their test images differ: {plain(apart)}.")
    for run, reason in comparison.without_predictions.items():
        st.caption(f"Not tested: {plain(comparison.labels[run])}: {plain(reason)}.")
