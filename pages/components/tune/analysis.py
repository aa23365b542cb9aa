"""What the candidates say together: all of them in a table."""

import streamlit as st

from core.tuning.study import Study
from pages.components.tune.table import show_table


def show_analysis(study: Study) -> None:
    """The candidates in charts and as a table."""
    st.header("All candidates", anchor=False)
    show_table(study)
