"""The bar under the table: what can be done with the chosen runs, and with files."""

import pandas as pd
import streamlit as st

from core.comparison.results import Results
from core.places import artifacts_dir
from core.runs.status import run_status
from pages.components import shell
from pages.components.compare import deleting, naming, telling
from pages.components.compare.upload import upload


def manage_bar(results: Results, names: pd.Series, chosen: list[str], view: list[str]) -> None:
    """Rename and delete what was chosen, fill in what files do not say, add files, see what was not read.

    Only what is in sight is renamed or deleted: a chosen run that the filter hides stays as it is.

    Args:
        results: all runs.
        names: what they are called.
        chosen: the chosen runs.
        view: the runs that the filter shows.
    """
    in_sight = [run for run in chosen if run in set(view)]
    own = [run for run in in_sight if results.frame.origin[run] != "reference"]
    hidden = len(chosen) - len(in_sight)
    with st.container(horizontal=True, key="compare-manage"):
        if st.button("Rename…", icon=":material/edit:", disabled=not own, help="Own and imported runs"):
            naming.rename(results, names, own)
        if st.button("Delete…", icon=":material/delete:", disabled=not own, help="Own and imported runs"):
            deleting.ask_to_delete(results, names, own, hidden)
        telling.offer(results, names, in_sight)
        with st.popover("Add results", icon=":material/upload_file:"):
            upload(chosen)
        deleting.bin_menu()
        if results.problems:
            with st.popover(f"Not read: {len(results.problems)}", icon=":material/report:"):
                table = pd.DataFrame(results.problems.items(), columns=["file", "reason"])
                st.dataframe(table, hide_index=True, width=640, alt="Files that cannot be read")
        if results.unfinished:
            with st.popover(
                f"Without a result: {len(results.unfinished)}", icon=":material/hourglass_empty:"
            ):
                _unfinished(results.unfinished)


def _unfinished(runs: list[str]) -> None:
    newest = runs[::-1][:50]
    states = [run_status(artifacts_dir(), run).state for run in newest]
    st.dataframe(
        pd.DataFrame({"run": newest, "status": states}), hide_index=True, alt="Runs without a result"
    )
    shell.page_link("train", "Watch races")
    shell.page_link("tune", "Watch studies")
