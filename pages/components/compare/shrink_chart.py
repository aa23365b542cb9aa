"""Accuracy over bytes: the chosen runs, every variant that was made, and what others published."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import frameworks
from core.charts.pareto import Mark, pareto_chart
from core.comparison.compare import Comparison
from core.comparison.published import DATASET, PUBLISHED, SOURCES
from core.comparison.results import Results
from core.comparison.shrunk import form, four_bits
from core.data.catalogue import dataset_title
from core.places import artifacts_dir
from core.runs.shrunk import VARIANTS, Shrunk, all_shrunk
from pages.components.compare.figure_format import figure_format
from pages.components.compare.figures import show_figure
from pages.components.shell import plain

BYTES = 4  # of a weight as a float


def show_chart(
    comparison: Comparison, results: Results, names: pd.Series, variants: Sequence[Shrunk], run: str
) -> None:
    """The figure for the dataset of the run that is looked at; nothing where no accuracy is known.

    Args:
        comparison: of the chosen runs.
        results: of all runs: whatever was shrunk is drawn.
        names: what all runs are called.
        variants: those of the run.
        run: it.
    """
    dataset = results.frame.dataset[run]
    own = _marks(comparison, results, names, dataset)
    if not own:
        return
    published = PUBLISHED if dataset == DATASET else ()
    st.header("Accuracy against bytes", anchor=False)
    others = [Mark(one.name, one.size, one.accuracy) for one in published]
    show_figure(pareto_chart(own, others), "pareto", "Test accuracy over the bytes of the weights")
    about = (
        f"The chosen runs on {dataset_title(dataset)}, and whatever was shrunk; a number is the framework’s."
    )
    if len(own) > 1:
        about += " What is of one size stands side by side; "
        about += "nothing here beats those on the dotted line in both."
    if published:
        about += f" Grey crosses are what others published, weights alone, on images of 16 × 16: {SOURCES}."
    st.caption(plain(about))
    if published and (said := four_bits(variants)):
        st.markdown(plain(said))
    figure_format()


def _marks(comparison: Comparison, results: Results, names: pd.Series, dataset: str) -> list[Mark]:
    """The chosen runs of this dataset, and every variant with the model that it was made of."""
    frame = results.frame[(results.frame.dataset == dataset) & results.frame.test_accuracy.notna()]
    made = [shrunk for shrunk in all_shrunk(artifacts_dir()) if shrunk.run in frame.index]
    wanted = {*comparison.frame.run, *(shrunk.run for shrunk in made)}
    whole = frame[frame.run.isin(wanted) & frame.params.notna()]
    called = {
        run: f"{frameworks.title(framework)} · {names[run]}"
        for run, framework in zip(frame.run, frame.framework, strict=True)
    }
    floats = [
        Mark(f"{called[run]} · as trained", BYTES * params, accuracy, framework=framework)
        for run, params, accuracy, framework in zip(
            whole.run, whole.params, whole.test_accuracy, whole.framework, strict=True
        )
    ]
    return floats + [
        Mark(
            f"{called[shrunk.run]} · {VARIANTS[shrunk.variant].title}", shrunk.bytes_of_weights,
            shrunk.accuracy, form(shrunk.variant), frame.framework[shrunk.run],
        )
        for shrunk in made
    ]  # fmt: skip
