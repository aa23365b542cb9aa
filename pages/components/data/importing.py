"""The card that makes a visitor's own images a dataset: a file, a name, a look, and it is there."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.data.catalogue import DatasetError
from core.data.import_process import DatasetImport, forget_upload
from core.data.importing.limits import MOST_CLASSES, MOST_IMAGES, NAME_HINT
from core.data.own_datasets import check_name
from pages.components import shell
from pages.components.data.options import choose_options
from pages.components.data.shelf import NEW
from pages.components.data.upload import Arrived, upload_field

if TYPE_CHECKING:
    from core.data.importing.preview import Kind

ACCEPT = ".csv,.txt,.npz,.npy,.zip,.gz"  # IDX files have no ending
TICK = 0.5  # seconds between looks at an import


@st.cache_resource(max_entries=1, show_spinner=False)
def _newest() -> dict[str, DatasetImport]:
    """The import under way, one for all visitors: each takes a core and some hundred MB."""
    return {}


def import_card() -> None:
    """The whole card."""
    with st.container(border=True, key="import-card"):
        st.header("Your own images", anchor=False)
        st.markdown(
            f"A table (**CSV**: a line an image, its label first or in a column called label), a **ZIP** of "
            f"pictures with one folder per class, or arrays (**NPZ**, **NPY**, **IDX**). 2 to {MOST_CLASSES} "
            f"classes, up to {MOST_IMAGES:,} images; they stay on this machine."
        )
        finished = st.session_state.pop("import-said", None)
        if finished:
            _say(*finished)
        running = _newest().get("import")
        if running and running.running:
            st.fragment(_follow, run_every=TICK)()
            return
        edition = st.session_state.setdefault("import-edition", 0)
        arrived = upload_field("The file with the images", f"import-file-{edition}", ACCEPT)
        if arrived:
            _settings(arrived)


def _settings(arrived: Arrived) -> None:
    """What there is to choose once the file is here, and the button."""
    try:
        kind = _kind(str(arrived.path), arrived.path.stat().st_mtime_ns)
    except (DatasetError, OSError) as error:
        st.error(shell.plain(str(error)))
        return
    name = st.text_input(
        "Name of the dataset",
        _suggested(arrived.path),
        max_chars=64,
        key=f"import-name-{arrived.token}",
        help=f"Config files and commands say it: {NAME_HINT}.",
    )
    chosen = choose_options(arrived, kind)
    if not st.button("Import", type="primary", icon=":material/add:", key="import-start"):
        return
    try:
        check_name(name)
    except DatasetError as error:
        st.error(shell.plain(str(error)))
        return
    st.session_state["import-files"] = [arrived.token, *(file.token for file in chosen.files)]
    st.session_state["import-mine"] = _newest()["import"] = DatasetImport(
        name, arrived.path, *chosen.arguments
    )
    st.rerun()


@st.cache_data(max_entries=8, show_spinner=False)
def _kind(path: str, changed_ns: int) -> "Kind":
    from core.data.importing.preview import kind_of  # brings OpenCV

    return kind_of(Path(path))


def _suggested(path: Path) -> str:
    """A name made of the file's."""
    return re.sub(r"[^a-z0-9]+", "-", path.name.split(".")[0].casefold()).strip("-")[:64]


# ── while it runs ───────────────────────────────────────────────────────────────────


def _follow() -> None:
    running = _newest()["import"]
    if running.running:
        now = running.stage()
        st.progress(now.share, text=f"{shell.plain(running.name)}: {now.stage}")
        return
    if st.session_state.pop("import-mine", None) is running:
        st.session_state["import-said"] = (running.name, running.succeeded, running.said())
        if running.succeeded:
            for token in st.session_state.pop("import-files", []):
                forget_upload(token)
            st.session_state["import-edition"] += 1  # empty fields for the next one
            st.session_state[NEW] = running.name
    st.rerun()


def _say(name: str, succeeded: bool, said: str) -> None:
    """How the visitor's import ended."""
    if not succeeded:
        st.error(f"Nothing was imported. {shell.plain(said)}")
        return
    st.success("  \n".join(shell.plain(line) for line in said.splitlines()[:-1]))
    shell.page_link("train", f"Train on {name}", dataset=name)
