"""The dataset of a race: is it there, and if not, what can be done."""

import streamlit as st

from core.data.catalogue import find_dataset
from core.data.fetch_process import DatasetDownload
from core.words import megabytes
from pages.components.shared import file_problems

DATASET_KEY = "setup-dataset"  # the form's field


@st.cache_resource(max_entries=1, show_spinner=False)
def _downloads() -> dict[str, DatasetDownload]:
    """Dataset → its newest download, which all visitors see."""
    return {}


def ready(dataset: str) -> bool:
    """Whether the dataset can be trained on; shows a card with the ways out when it cannot."""
    problems = file_problems(dataset)
    download = _downloads().get(dataset)
    if not problems:
        return True
    info = find_dataset(dataset)
    with st.container(border=True, key="data-card"):
        st.markdown(f"**{info.title} is not on this machine yet.** It is looked for in `{info.folder()}`.")
        with st.popover("What is missing"):
            st.markdown("\n".join(f"- {problem}" for problem in problems))
        if download and download.running:
            st.fragment(_follow, run_every=0.5)(dataset)
            return False
        if download and download.failure():
            st.error("The download did not succeed:")
            st.code(download.failure(), language=None, wrap_lines=True)
        with st.container(horizontal=True):
            st.button(
                f"Download {info.title}",
                icon=":material/download:",
                type="primary",
                on_click=lambda: _downloads().update({dataset: DatasetDownload(dataset)}),
            )
            st.button("Use the built-in digits instead", on_click=_use_digits)
    return False


def _follow(dataset: str) -> None:
    download = _downloads()[dataset]
    now = download.received()
    if not download.running:
        st.rerun()
    size = f", {megabytes(now.partial_bytes, 1)} of the next" if now.partial_bytes else ""
    st.progress(now.files / now.of, text=f"Downloading: {now.files} of {now.of} files{size}")


def _use_digits() -> None:
    st.session_state[DATASET_KEY] = "digits"
