"""Take a run home: a button behind which its script, its notebook and its model card lie."""

import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from core.places import artifacts_dir
from pages.components import shell

if TYPE_CHECKING:
    from core.export.takehome import Kind

FORMS: dict["Kind", str] = {"script": "Script", "notebook": "Notebook", "card": "Model card"}
LANGUAGES = {"py": "python", "ipynb": "json", "md": "markdown"}


def take_home(runs: Mapping[str, str], key: str) -> None:
    """The button; nothing is built before somebody opens it.

    Args:
        runs: name → what it is called.
        key: tells this button from others on the page.
    """
    asked = st.popover(
        "Take it home", icon=":material/home:", key=f"take-home-{key}", on_change="rerun",
        help="One file for one framework that trains the run again, without this project",
    )  # fmt: skip
    if not asked.open:
        return
    with asked:
        run = st.selectbox("Run", list(runs), format_func=runs.__getitem__, key=f"take-home-run-{key}")
        form = st.segmented_control(
            "As", list(FORMS), default="script", format_func=FORMS.__getitem__, required=True,
            key=f"take-home-form-{key}",
        )  # fmt: skip
        if run and form:
            _offer(run, form, key)


def _offer(run: str, form: "Kind", key: str) -> None:
    from core.export.recorded import ExportError  # what builds the files, once somebody asks
    from core.export.takehome import build_files

    try:
        files = build_files(artifacts_dir(), run, form)
    except ExportError as error:
        st.info(shell.plain(str(error)))
        return
    name, text = next(iter(files.items()))
    stem, _, ending = name.rpartition(".")
    one = len(files) == 1
    st.download_button(
        f"Download {name}" if one else "Download all as a ZIP file",
        text if one else _packed(files),
        name if one else f"{stem}.zip",
        "text/markdown" if one else "application/zip",
        icon=":material/download:", type="primary", on_click="ignore", key=f"take-home-save-{key}",
    )  # fmt: skip
    st.caption(shell.plain(f"In it: {', '.join(files)}. As a command, in this project's folder:"))
    st.code(f"python -m core export {run} --as {form} --out {stem}", language=None, wrap_lines=True)
    st.caption(shell.plain(f"Or copy {name}:"))
    # All of it: a part that scrolls inside the popover could not be reached with the keyboard.
    st.code(text, language=LANGUAGES[ending], wrap_lines=True)


def _packed(files: Mapping[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()
