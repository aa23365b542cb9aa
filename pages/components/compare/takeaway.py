"""Downloads: the report, the table."""

import json
from datetime import datetime

import streamlit as st

from core.comparison.compare import Comparison
from core.comparison.results import Results, public_rows, public_table
from core.places import artifacts_dir
from pages.components import shell


def take_away(results: Results, comparison: Comparison) -> None:
    """Downloads of the chosen comparison and of the whole table."""
    stamp = f"{datetime.now():%Y%m%d-%H%M}"
    st.header("Report", anchor=False)
    st.markdown(
        "One HTML file with this comparison: charts, tests, settings, versions, machine. Opens offline."
    )
    with st.container(horizontal=True):
        st.download_button(
            "Download the report",
            data=lambda: _report(comparison),
            file_name=f"digit-derby-{stamp}.html",
            mime="text/html",
            icon=":material/description:",
            type="primary",
            on_click="ignore",
        )
        shell.as_command(f"python -m core report --runs {','.join(comparison.frame.run)}")
    st.header("Table", anchor=False)
    whole = st.segmented_control(
        "Runs", ["chosen", "all"], default="chosen", required=True, key="table", bind="query-params"
    )
    frame = comparison.frame if whole == "chosen" else results.frame
    with st.container(horizontal=True):
        st.download_button(
            "CSV", lambda: public_table(frame).to_csv(index=False), f"digit-derby-{stamp}.csv", "text/csv",
            icon=":material/table:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "JSON", lambda: json.dumps(public_rows(frame), indent=1, allow_nan=False),
            f"digit-derby-{stamp}.json", "application/json", icon=":material/data_object:", on_click="ignore",
        )  # fmt: skip


def _report(comparison: Comparison) -> str:
    from core.export.report import build_report  # brings the template engine; only a download takes it

    return build_report(artifacts_dir(), comparison)
