"""Tell it the truth: the visitor marks what a drawing shows, and it is saved with that label."""

import streamlit as st

from core.data import own_digits
from core.places import artifacts_dir
from core.runs import records
from pages.components.draw.input import Drawing


def ask_truth(drawing: Drawing) -> None:
    """Lets the visitor mark what was drawn; marking again changes the label."""
    if drawing.truth:
        return  # the test set knows, and training on it would be cheating
    if len(drawing.images) == 1:
        st.pills(
            "Tell it the truth: which digit is it?",
            range(10),
            wrap=True,
            key=f"truth-{drawing.key}",
            on_change=_mark,
            args=(drawing,),
        )
    else:
        _ask_number(drawing)
    if problem := st.session_state.pop("truth-problem", None):
        st.error(problem)
    if labels := st.session_state.get("truth-saved", {}).get(drawing.key):
        st.caption(f"Saved as {labels}; see your own digits below.")
    if st.session_state.pop("truth-new", False):
        st.rerun()  # the panel of own digits is outside of this fragment


def _mark(drawing: Drawing) -> None:
    label = st.session_state[f"truth-{drawing.key}"]
    if label is not None:
        _save(drawing, str(label))


def _ask_number(drawing: Drawing) -> None:
    count = len(drawing.images)
    form = st.form(f"truth-form-{drawing.key}", border=False)
    with form.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(f"Tell it the truth: which {count} digits are these?", max_chars=count)
        sent = st.form_submit_button("Save", icon=":material/check:")
    if sent and len(text) == count and text.isascii() and text.isdecimal():
        _save(drawing, text)
    elif sent:
        st.warning(f"{count} digits are needed, such as {'1234567890'[:count]}.")


def _save(drawing: Drawing, labels: str) -> None:
    try:
        for picture, label in zip(drawing.pictures, labels, strict=True):
            own_digits.save_digit(artifacts_dir(), picture, int(label), drawing.source)
        st.session_state.setdefault("truth-saved", {})[drawing.key] = labels
        st.session_state["truth-new"] = True
    except records.RecordError as error:
        st.session_state["truth-problem"] = str(error)
