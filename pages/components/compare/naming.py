"""A visitor's own names for runs, and remarks: beside the table for one run, in a dialog for any."""

import pandas as pd
import streamlit as st

from core.comparison.results import Results
from core.places import artifacts_dir
from core.runs import records
from pages.components import shell
from pages.components.compare import messages


def name_field(frame: pd.DataFrame, names: pd.Series, chosen: list[str]) -> None:
    """A field for the name of the chosen run, where it is one alone and the visitor's own.

    Args:
        frame: `Results.frame`.
        names: what the runs are called now.
        chosen: the runs that are chosen and in sight.
    """
    if len(chosen) != 1 or frame.origin[chosen[0]] == "reference":
        return
    run = chosen[0]
    own = "" if frame.title[run] == run else frame.title[run]
    key = f"name-{run}-{own}"

    def save() -> None:
        try:
            records.write_notes(artifacts_dir(), run, st.session_state[key], frame.remark[run])
        except (records.RecordError, OSError) as error:
            messages.tell(refused=[str(error)])

    st.text_input(
        "Name of this run", own, key=key, max_chars=120, placeholder=f"Name for {names[run]}", width=300,
        label_visibility="collapsed", on_change=save,
    )  # fmt: skip


@st.dialog("Name and remark")
def rename(results: Results, names: pd.Series, own: list[str]) -> None:
    """Asks for name and remark of one of these runs, and saves them beside it."""
    run = own[0] if len(own) == 1 else st.selectbox("Run", own, format_func=names.__getitem__)
    row = results.frame.loc[run]
    title = st.text_input(
        "Name", "" if row.title == run else row.title, placeholder=names[run], max_chars=120, key=f"t-{run}"
    )
    remark = st.text_area("Remark", row.remark, max_chars=2000, key=f"r-{run}")
    if st.button("Save", type="primary"):
        try:
            records.write_notes(artifacts_dir(), run, title or "", remark or "")
        except (records.RecordError, OSError) as error:
            st.error(shell.plain(str(error)))
        else:
            st.rerun()
