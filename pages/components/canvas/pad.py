"""The canvas: a black field for mouse, pen or finger, which sends its strokes.

A component of our own of a few kilobytes: it lies on the first page, where a drawing library of 0.4 MB
would be seen. Strokes are what it sends: little for the wire and for a session's memory, and what undoes,
comes back after a look at another page and is painted here the same for every browser.
"""

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.components.shell import text_beside

if TYPE_CHECKING:
    from core.drawing.strokes import Stroke

KEPT = "drawing-strokes"  # in the session: the newest drawing, as it was sent, which all pages share

_mount = st.components.v2.component(
    "ink_pad",
    html=text_beside(__file__, "pad.html"),
    css=text_beside(__file__, "pad.css"),
    js=text_beside(__file__, "pad.js"),
    isolate_styles=False,  # the page's colours reach it
)


def pad(key: str, brush: bool = False) -> "tuple[Stroke, ...]":
    """Shows the canvas with the session's drawing on it; returns its strokes.

    Args:
        key: tells it from the canvases of other pages.
        brush: whether the visitor may choose how thick it draws.
    """
    kept = st.session_state.get(KEPT, [])
    result = _mount(
        key=key,
        data={"strokes": kept, "brush": brush},
        on_strokes_change=_nothing_more,  # named, so that the result has it from the start
    )
    sent = result.get("strokes")
    if sent is None:  # just shown: nobody has drawn on this one yet
        sent = kept
    return _taken(sent)


def kept_strokes() -> "tuple[Stroke, ...]":
    """The strokes of the session's newest drawing, on whichever page it was made."""
    return _taken(st.session_state.get(KEPT, []))


def _taken(sent: Any) -> "tuple[Stroke, ...]":
    """The strokes of what was sent, which is kept when it is a drawing."""
    from core.drawing.strokes import read_strokes

    if not sent:
        st.session_state.pop(KEPT, None)
        return ()
    try:
        strokes = read_strokes(sent)
    except ValueError:  # made by hand: the canvas sends no such thing
        return ()
    st.session_state[KEPT] = sent
    return strokes


def _nothing_more() -> None:
    """A new drawing needs nothing but the run that it starts."""
