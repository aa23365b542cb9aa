"""A dataset that is not on this machine: for those who ask, what is missing, and fetching it."""

import streamlit as st

from core.data.catalogue import DatasetInfo
from core.data.fetch_process import DatasetDownload
from pages.components import shell

LOOK = 0.5  # seconds between looks at a download


@st.cache_resource(max_entries=1, show_spinner=False)
def _downloads() -> dict[str, DatasetDownload]:
    """Dataset → its newest download, which all visitors see."""
    return {}


def missing_card(info: DatasetInfo, problems: list[str]) -> None:
    """What is wrong with the dataset's files, and the way out."""
    download = _downloads().get(info.name)
    with st.container(border=True, key="data-card"):
        if not info.fetchable:
            st.error(shell.plain(f"{info.title}: {'; '.join(problems)}. {info.ways_out()}"))
            return
        st.markdown(f"**{shell.plain(info.title)} is not on this machine yet.** A race fetches it by itself.")
        if download and download.running:
            st.fragment(_follow, run_every=LOOK)(download)
            return
        if download and (failure := download.failure()):
            st.error(f"{shell.plain(info.title)} could not be fetched: {shell.plain(failure)}.")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                f"Download {info.title}",
                icon=":material/download:",
                type="primary",
                on_click=_begin,
                args=(info.name,),
            )
            with st.popover("What is missing"):
                st.markdown(f"Looked for in `{info.folder()}`:")
                st.markdown("\n".join(f"- {shell.plain(problem)}" for problem in problems))


def _begin(dataset: str) -> None:
    before = _downloads().get(dataset)
    if before is None or not before.running:  # another visitor may have clicked
        _downloads()[dataset] = DatasetDownload(dataset)


def _stop(download: DatasetDownload) -> None:
    download.stop()
    _downloads().pop(download.info.name, None)


def _follow(download: DatasetDownload) -> None:
    received = download.look()
    if not download.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(received.share, text=f"Fetching {shell.plain(download.info.title)}: {received.words}")
        st.button("Stop", icon=":material/stop:", on_click=_stop, args=(download,))
