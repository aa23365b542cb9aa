"""scikit-learn's own way to search, as its community writes it: ten lines to copy."""

import streamlit as st

from core.tuning.sklearn_way import example


def show_example() -> None:
    """The example in a fold; the frontend's highlighter is fetched by who opens it."""
    fold = st.expander("scikit-learn's own way", key="sklearn-way", on_change="rerun")
    if fold.open:
        fold.caption(
            "The same search with scikit-learn's own GridSearchCV: the framework's exhibit is an estimator "
            "like any other. Save it as a file in this project's folder and run it."
        )
        fold.code(example(), language="python", wrap_lines=True)
