"""What became of an upload, a deletion or its undoing: said above everything else."""

from collections.abc import Callable

import streamlit as st

from pages.components.shell import plain

_KEPT = "compare-messages"


def tell(done: str = "", refused: list[str] | None = None, undo: str = "") -> None:
    """Keeps what happened for the next run of the page.

    Args:
        done: what was done, in a sentence.
        refused: what was not, and why.
        undo: the key of the deletion that can be undone.
    """
    st.session_state[_KEPT] = (done, refused or [], undo)


def show_messages(undo: Callable[[str], None]) -> None:
    """Shows what happened; a deletion, with a button that undoes it, until somebody chooses runs again."""
    done, refused, key = st.session_state.pop(_KEPT, ("", [], ""))
    if key and st.query_params.get("runs") == "":
        tell(done, undo=key)
    if done:
        with st.container(horizontal=True, vertical_alignment="center", key="compare-done"):
            st.success(plain(done))
            if key:
                st.button("Undo", icon=":material/undo:", on_click=undo, args=(key,), type="primary")
    for problem in refused:
        st.error(f"Not done: {plain(problem)}")
