"""Own runs: rename, annotate, delete. Files from outside: upload; the ones that cannot be read."""

import pandas as pd
import streamlit as st

from core.comparison.results import Results
from core.places import artifacts_dir
from core.runs import records
from core.runs.metrics import MAX_FILE_BYTES, import_metrics
from core.runs.status import run_status
from core.words import counted
from pages.components import shell


def manage_bar(results: Results, chosen: list[str]) -> None:
    """Buttons under the table: rename and delete what was chosen, add files, see what was not read."""
    own = [run for run in chosen if results.frame.origin[run] != "reference"]
    with st.container(horizontal=True, key="compare-manage"):
        if st.button("Rename…", icon=":material/edit:", disabled=not own, help="Own and imported runs"):
            _rename(results, own)
        if st.button("Delete…", icon=":material/delete:", disabled=not own, help="Own and imported runs"):
            _delete(own)
        with st.popover("Add results", icon=":material/upload_file:"):
            upload()
        if results.problems:
            with st.popover(f"Not read: {len(results.problems)}", icon=":material/report:"):
                table = pd.DataFrame(results.problems.items(), columns=["file", "reason"])
                st.dataframe(table, hide_index=True, width=640, alt="Files that cannot be read")
        if results.unfinished:
            with st.popover(
                f"Without a result: {len(results.unfinished)}", icon=":material/hourglass_empty:"
            ):
                _unfinished(results.unfinished)


def upload() -> None:
    """Takes metrics files from notebooks and other machines."""
    st.markdown("A `…_metrics.json` with keys such as `framework`, `test_accuracy`, `train_time_sec`.")
    files = st.file_uploader(
        "Metrics files",
        type="json",
        accept_multiple_files=True,
        max_upload_size=MAX_FILE_BYTES // 2**20,
        key=f"upload-{st.session_state.get('compare-uploads', 0)}",
        label_visibility="collapsed",
    )
    if not files:
        return
    added, refused = [], []
    for file in files:
        try:
            added.append(import_metrics(artifacts_dir(), file.name, file.getvalue()))
        except records.RecordError as error:
            refused.append(str(error))
    # A fresh uploader: the same files are not taken in again on the next rerun.
    st.session_state["compare-uploads"] = st.session_state.get("compare-uploads", 0) + 1
    st.session_state["compare-messages"] = (added, refused)
    st.rerun()


def show_messages() -> None:
    """What became of an upload or a deletion, once."""
    added, refused = st.session_state.pop("compare-messages", ([], []))
    if added:
        st.success(f"Added: {shell.plain(', '.join(added))}.")
    for problem in refused:
        st.error(f"Not done: {shell.plain(problem)}")


@st.dialog("Rename and annotate")
def _rename(results: Results, own: list[str]) -> None:
    run = own[0] if len(own) == 1 else st.selectbox("Run", own)
    row = results.frame.loc[run]
    title = st.text_input(
        "Title", "" if row.title == run else row.title, placeholder=run, max_chars=120, key=f"t-{run}"
    )
    remark = st.text_area("Remark", row.remark, max_chars=2000, key=f"r-{run}")
    if st.button("Save", type="primary"):
        try:
            records.write_notes(artifacts_dir(), run, title or "", remark or "")
        except (records.RecordError, OSError) as error:
            st.error(shell.plain(str(error)))
        else:
            st.rerun()


@st.dialog("Delete for good?")
def _delete(own: list[str]) -> None:
    st.markdown(f"{counted(len(own), 'run')} with model, history and predictions:")
    st.code("\n".join(own), language=None)
    keep, delete = st.columns(2)
    if keep.button("Keep", width="stretch"):
        st.rerun()
    if delete.button("Delete", type="primary", width="stretch"):
        refused = []
        for run in own:
            try:
                if run_status(artifacts_dir(), run).active:
                    raise records.RecordError(f"{run} is still in a race; stop it first")
                records.delete_run(artifacts_dir(), run)
            except (records.RecordError, OSError) as error:
                refused.append(str(error))
        st.session_state["compare-messages"] = ([], refused)
        st.query_params.pop("runs", None)
        st.rerun()


def _unfinished(runs: list[str]) -> None:
    newest = runs[::-1][:50]
    states = [run_status(artifacts_dir(), run).state for run in newest]
    st.dataframe(
        pd.DataFrame({"run": newest, "status": states}), hide_index=True, alt="Runs without a result"
    )
    shell.page_link("train", "Watch races")
