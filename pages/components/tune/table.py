"""All trials as a table, and as a CSV file."""

from typing import Any

import pandas as pd
import streamlit as st

from core import frameworks
from core.fields import FIELDS
from core.tuning.study import Study
from core.tuning.tables import trials_csv, trials_table
from pages.components.tune.scores import by_time, measure

TITLES = {
    "number": "Trial",
    "framework": "Framework",
    "status": "Status",
    "epochs": "Epochs",
    "seconds": "Seconds of training",
    "reason": "Why",
}


def show_table(study: Study) -> None:
    """The trials in a table that can be sorted, with a button that saves it."""
    table = trials_table(study).drop(columns="name")  # the settings stand in columns of their own
    if not by_time(study.spec):
        scores = [name for name in table.columns if name == "score" or name.startswith("score ")]
        table[scores] = 100 * table[scores]
    if "framework" in table:
        table["framework"] = table.framework.map(frameworks.title)
    st.dataframe(table, hide_index=True, width="stretch", column_config=_columns(study, table))
    st.download_button(
        "Save as CSV",
        lambda: trials_csv(study),
        file_name=f"{study.spec.name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _columns(study: Study, table: pd.DataFrame) -> dict[str, Any]:
    """Column → how it is called and written: a score in per cent, a setting by its word."""
    columns: dict[str, Any] = {}
    score, unit = (None, "") if by_time(study.spec) else ("%.2f", " (%)")
    for name in table.columns:
        if name == "score" or name.startswith("score "):
            title = (
                measure(study.spec).capitalize()
                if name == "score"
                else name.removeprefix("score ").capitalize()
            )
            columns[name] = st.column_config.NumberColumn(f"{title}{unit}", format=score)
        elif name == "seconds":
            columns[name] = st.column_config.NumberColumn(TITLES[name], format="%.1f")
        else:
            columns[name] = TITLES[name] if name in TITLES else FIELDS[name].title
    return columns
