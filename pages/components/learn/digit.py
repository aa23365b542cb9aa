"""The digit that a station works on: the visitor's drawing, else one from the built-in test set."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.lessons.tiny import built_in_digits
from pages.components.canvas.pad import kept_strokes, pad
from pages.components.canvas.reading import read_drawing
from pages.components.pictures import as_address, as_png

FIRST = 41  # of the test set: a clear one, with edges in every direction
PLACE, ASIDE = "learn-test-digit", "learn-set-aside"  # in the session


@dataclass(frozen=True)
class Subject:
    """A digit (28, 28) uint8, and what it is where somebody knows."""

    image: np.ndarray
    label: int | None
    said: str


def chosen_digit() -> Subject:
    """Shows which digit it is, with a way to another one and to a canvas."""
    with st.container(horizontal=True, vertical_alignment="center", key="learn-digit"):
        place = st.container(width="content")
        if st.button("Another digit", icon=":material/casino:", key="learn-another"):
            _go_on()
        canvas = st.popover("Draw your own", icon=":material/draw:", key="learn-draw", on_change="rerun")
        if canvas.open:
            with canvas:
                pad("learn-canvas")
    subject = _drawn() or _from_test_set()
    picture = as_address(as_png(subject.image, 28))
    place.html(f'<p class="learn-digit"><img src="{picture}" alt="">{subject.said}</p>')
    return subject


def _go_on() -> None:
    """To the next digit of the test set; a drawing stays away until there is another one."""
    st.session_state[PLACE] = st.session_state.get(PLACE, FIRST) + 1
    drawing, _ = read_drawing(kept_strokes())
    st.session_state[ASIDE] = drawing.key if drawing else ""


def _drawn() -> Subject | None:
    drawing, _ = read_drawing(kept_strokes())
    if drawing is None or drawing.key == st.session_state.get(ASIDE):
        return None
    return Subject(drawing.images[0], None, "Your drawing")


def _from_test_set() -> Subject:
    _, _, images, labels = built_in_digits()
    place = st.session_state.get(PLACE, FIRST) % len(labels)
    return Subject(images[place], int(labels[place]), f"Test digit {place + 1}: somebody’s {labels[place]}")
