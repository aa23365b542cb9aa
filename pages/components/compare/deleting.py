"""Deleting runs, which go to the bin, and getting them back."""

import pandas as pd
import streamlit as st

from core import frameworks
from core.comparison.results import Results, ResultsReader
from core.places import artifacts_dir
from core.runs import bin
from core.runs.records import RecordError
from core.words import counted, listed, missing, moment
from pages.components import shell
from pages.components.compare import choice, messages
from pages.components.names import run_names

MOST_NAMES = 5  # in a sentence


@st.dialog("Delete?")
def ask_to_delete(results: Results, names: pd.Series, own: list[str], hidden: int) -> None:
    """Names the runs and deletes them; they can be put back for a week.

    Args:
        results: all runs.
        names: what they are called.
        own: the runs to delete.
        hidden: how many more are chosen but hidden by the filter, which stay.
    """
    st.markdown(f"{counted(len(own), 'run')} with model, history and predictions:")
    with st.container(height=min(60 + 45 * len(own), 330)):
        rows = results.frame.loc[own]
        for run, framework, seed in zip(rows.run, rows.framework, rows.seed, strict=True):
            told = [frameworks.title(framework), *([] if missing(seed) else [f"seed {seed:.0f}"])]
            title = shell.plain(" · ".join(told))
            st.markdown(f"**{shell.plain(names[run])}** · {title}  \n:small[{shell.plain(run)}]")
    if hidden:
        st.markdown(f"**{counted(hidden, 'more chosen run')}** hidden by the filter: not deleted.")
    st.caption(f"They go to the bin, from where they can be put back for {bin.KEPT.days} days.")
    keep, delete = st.columns(2)
    if keep.button("Keep", width="stretch"):
        st.rerun()
    if delete.button("Delete", type="primary", width="stretch"):
        try:
            deletion = bin.delete(artifacts_dir(), own)
        except RecordError as error:
            messages.tell(refused=[str(error)])
        else:
            messages.tell(f"In the bin: {_in_short([names[run] for run in own])}.", undo=deletion.key)
            choice.choose_runs([])
        st.rerun()


def undo(key: str) -> None:
    """Brings the runs of a deletion back and chooses them."""
    try:
        back = bin.put_back(artifacts_dir(), key)
    except RecordError as error:
        messages.tell(refused=[str(error)])
    else:
        messages.tell(f"{counted(len(back), 'run')} back as before.")
        choice.choose_runs(back)


def bin_menu() -> None:
    """What lies in the bin, to be put back or thrown away; nothing while it is empty."""
    try:
        found = bin.deletions(artifacts_dir())
    except RecordError as error:
        st.error(shell.plain(str(error)))
        return
    if not found:
        return
    count = sum(len(deletion.runs) for deletion in found)
    menu = st.popover(f"Bin: {count}", icon=":material/delete_sweep:", key="compare-bin", on_change="rerun")
    if not menu.open:
        return
    with menu:
        for deletion in found:
            frame = ResultsReader(deletion.folder).read().frame  # the bin holds runs as a results folder does
            told = _in_short(list(run_names(frame))) if len(frame) else counted(len(deletion.runs), "run")
            st.markdown(f"{moment(deletion.when)}: {shell.plain(told)}")
            st.button("Put back", key=f"back-{deletion.key}", on_click=undo, args=(deletion.key,))
        st.caption(f"Kept for {bin.KEPT.days} days, less when the disk is full.")
        st.button("Empty the bin", icon=":material/delete_forever:", on_click=_empty)


def _empty() -> None:
    try:
        bin.empty(artifacts_dir())
    except RecordError as error:
        messages.tell(refused=[str(error)])
    else:
        messages.tell("The bin is empty.")


def _in_short(names: list[str]) -> str:
    once = list(dict.fromkeys(names))
    counts = [f"{name} ({names.count(name)} runs)" if names.count(name) > 1 else name for name in once]
    rest = len(counts) - MOST_NAMES
    return listed([*counts[:MOST_NAMES], f"{rest} more"] if rest > 0 else counts)
