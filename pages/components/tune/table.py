"""All candidates as a table, and as a CSV file."""

from typing import Any

import pandas as pd
import streamlit as st

from core.tuning.study import Study
from core.tuning.tables import trials_csv, trials_table


def show_table(study: Study) -> None:
    """The candidates in a table that can be sorted, with a button that saves it."""
    table = trials_table(study)
    st.dataframe(table, hide_index=True, width="stretch", column_config=_columns(table))
    st.download_button(
        "Save as CSV",
        lambda: trials_csv(study),
        file_name=f"{study.spec.name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    return {}
