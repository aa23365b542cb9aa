"""The files of a run's variants, to take away."""

import io
import zipfile
from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.places import artifacts_dir
from core.runs.shrunk import VARIANTS, Shrunk, shrunk_dir
from core.words import file_size
from pages.components import shell


def offer_files(variants: Sequence[Shrunk]) -> None:
    """A button for each variant, and the commands that do the same."""
    st.header("Take them away", anchor=False)
    with st.container(horizontal=True, key="shrink-away"):
        for shrunk in variants:
            _download(shrunk)
        shell.as_command("\n".join(dict.fromkeys(map(_command, variants))))


def _command(shrunk: Shrunk) -> str:
    """Writes the variant, and whatever else its form holds; of C one by its bits."""
    form = VARIANTS[shrunk.variant].form
    kind, bits = (shrunk.variant, f" --bits {shrunk.variant[-1]}") if form == "c" else (form, "")
    return f"python -m core export {shrunk.run} --as {form}{bits} --out {shrunk.run}-{kind}"


def _download(shrunk: Shrunk) -> None:
    one = len(shrunk.files) == 1
    name = shrunk.files[0] if one else f"{shrunk.run}-{shrunk.variant}.zip"
    warned = ", loses too much" if shrunk.loses else ""
    st.download_button(
        f"{VARIANTS[shrunk.variant].title} ({file_size(shrunk.bytes_on_disk)}{warned})",
        partial(_content, shrunk),
        name,
        "application/octet-stream" if one else "application/zip",
        icon=":material/download:",
        on_click="ignore",
        key=f"shrink-save-{shrunk.variant}",
        help=", ".join(shrunk.files),
    )


def _content(shrunk: Shrunk) -> bytes:
    folder = shrunk_dir(artifacts_dir(), shrunk.run, shrunk.variant)
    if len(shrunk.files) == 1:
        return (folder / shrunk.files[0]).read_bytes()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in shrunk.files:
            archive.write(folder / name, name)
    return content.getvalue()
