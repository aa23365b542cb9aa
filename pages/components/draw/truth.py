"""What did you write? The visitor marks what a drawing shows, and it is kept with that label."""

import io

import streamlit as st
from PIL import Image

from core.data import own_digits
from core.places import artifacts_dir
from core.runs import records
from pages.components.canvas.reading import Drawing, kept_pictures


def ask_truth(drawing: Drawing) -> None:
    """Lets the visitor mark what was drawn; marking again changes the label."""
    if drawing.truth:
        return  # the test set knows, and training on it would be cheating
    saved = st.session_state.get("truth-saved", {}).get(drawing.key)
    if st.session_state.get("truth-of") != drawing.key:
        # One widget for all drawings: one for each would stay in memory as long as the session.
        st.session_state["truth-of"] = drawing.key
        st.session_state["truth-digit"] = int(saved) if saved and len(drawing.images) == 1 else None
        st.session_state["truth-number"] = ""
    if len(drawing.images) == 1:
        st.pills(
            "Which digit did you write? Your answer keeps it among your own digits.",
            range(10),
            wrap=True,
            key="truth-digit",
            on_change=_mark,
            args=(drawing.key, drawing.source),
        )
    else:
        _ask_number(drawing)
    if problem := st.session_state.pop("truth-problem", None):
        st.error(problem)
    if labels := st.session_state.get("truth-saved", {}).get(drawing.key):
        st.caption(f"Kept as {labels}, among your own digits below.")
    if st.session_state.pop("truth-new", False):
        st.rerun()  # the panel of own digits is outside of this fragment


def _mark(key: str, source: str) -> None:
    label = st.session_state["truth-digit"]
    if label is not None:
        _save(key, source, str(label))


def _ask_number(drawing: Drawing) -> None:
    count = len(drawing.images)
    form = st.form("truth-form", border=False)
    with form.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            f"Which {count} digits did you write?",
            max_chars=count,
            key="truth-number",
        )
        sent = st.form_submit_button("Save", icon=":material/check:")
    if sent and len(text) == count and text.isascii() and text.isdecimal():
        _save(drawing.key, drawing.source, text)
    elif sent:
        st.warning(f"{count} digits are needed, such as {'1234567890'[:count]}.")


def _save(key: str, source: str, labels: str) -> None:
    pictures = kept_pictures(key)
    if len(pictures) != len(labels):
        return  # another drawing came meanwhile: the label was not for that one
    try:
        for png, label in zip(pictures, labels, strict=True):
            own_digits.save_digit(artifacts_dir(), Image.open(io.BytesIO(png)), int(label), source)
        st.session_state.setdefault("truth-saved", {})[key] = labels
        st.session_state["truth-new"] = True
    except records.RecordError as error:
        st.session_state["truth-problem"] = str(error)
