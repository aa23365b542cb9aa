"""The canvas on the first page: draw a digit, and one model of each framework says what it reads."""

import streamlit as st

from pages.components.canvas.asking import ask, note_waiting, tick
from pages.components.canvas.pad import pad
from pages.components.canvas.reading import Drawing, read_drawing
from pages.components.canvas.saved import SavedRun, saved_runs
from pages.components.canvas.unlike import unlike_html
from pages.components.start.answers import Row, answer_row, rows_html, said_html

SLOT = "start"


def show_board() -> None:
    """The canvas and its answer; redraws itself while a model is still loading."""
    st.fragment(_board, run_every=tick(SLOT))()


def _board() -> None:
    saved = saved_runs()
    asked = {run: saved.known[run] for run in saved.best}
    st.header("Draw a digit. Who reads it?", anchor=False)
    if not asked:
        st.caption("Nobody yet: no model has been trained. Start a race, then come back and draw.")
        return
    with st.container(horizontal=True, gap="medium", key="start-pair"):
        with st.container(width=272, key="start-pad"):
            drawing, hint = read_drawing(pad("start-canvas"))
        beside = st.container(width="stretch", key="start-said")
    rows = _rows(asked, drawing)
    with beside:
        st.html(said_html(rows, drawing, hint))
    unlike = unlike_html(drawing.images, len(rows)) if drawing else ""
    st.html(unlike + rows_html(rows))
    note_waiting(SLOT, any(row.state == "waiting" for row in rows))


def _rows(asked: dict[str, SavedRun], drawing: Drawing | None) -> list[Row]:
    if drawing is None:  # nobody asks before there is a drawing: the first page starts no worker
        return [Row(saved.framework, saved.title) for saved in asked.values()]
    answers = ask(SLOT, drawing.key, list(asked), drawing.images)
    return [answer_row(asked[run], answer) for run, answer in answers.items()]
