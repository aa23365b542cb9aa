"""Files from elsewhere: added, and chosen at once."""

import streamlit as st

from core.comparison.compare import MOST_RUNS
from core.places import artifacts_dir
from core.runs.metrics import MAX_FILE_BYTES, import_metrics
from core.runs.records import RecordError
from pages.components.compare import choice, messages


def upload(chosen: list[str]) -> None:
    """Takes metrics files from notebooks and other machines, and adds them to what is chosen."""
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
        except RecordError as error:
            refused.append(str(error))
    # A fresh uploader: the same files are not taken in again on the next rerun.
    st.session_state["compare-uploads"] = st.session_state.get("compare-uploads", 0) + 1
    messages.tell(f"Added: {', '.join(added)}." if added else "", refused)
    if added:
        choice.choose_runs([*added, *chosen][:MOST_RUNS])
    st.rerun()
