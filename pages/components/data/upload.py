"""A field for one file that goes straight to the server's disk, up to the limit of imported data."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.data.import_process import forget_upload, uploaded
from core.data.importing.limits import LARGEST_UPLOAD
from pages.components.data.receiving import ADDRESS, TOO_LARGE
from pages.components.shell import text_beside

_mount = st.components.v2.component(
    "own_data_upload",
    html=text_beside(__file__, "upload.html"),
    css=text_beside(__file__, "upload.css"),
    js=text_beside(__file__, "upload.js"),
)


@dataclass(frozen=True)
class Arrived:
    """A file that a visitor sent: its token, where it lies, and what it was called."""

    token: str
    path: Path


def upload_field(label: str, key: str, accept: str = "") -> Arrived | None:
    """The field; returns the file once it is on the disk, as long as it stays there.

    Args:
        label: what to choose.
        key: of the widget, one a field.
        accept: endings of names that the browser offers, such as ".csv,.zip".
    """
    result: Any = _mount(
        key=key,
        data={
            "label": label,
            "accept": accept,
            "address": ADDRESS,
            "limit": LARGEST_UPLOAD,
            "tooLarge": TOO_LARGE,
        },
        on_file_change=lambda: None,
    )
    sent = result.file
    token = str(sent["token"]) if isinstance(sent, dict) and "token" in sent else ""
    before = st.session_state.get(f"{key}-token", token)
    st.session_state[f"{key}-token"] = token
    if before != token:
        forget_upload(before)  # another file took its place
    path = uploaded(token)
    return Arrived(token, path) if path else None
