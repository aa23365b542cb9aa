"""Models of different classes answer different questions: which classes are drawn, digits or one's own?"""

import streamlit as st

from core.data.catalogue import DIGIT_NAMES
from pages.components.canvas.saved import SavedRun

FAMILY = "draw-family"
MOST_NAMED = 5  # classes that a choice names


def choose_family(known: dict[str, SavedRun]) -> tuple[str, ...]:
    """The classes that are drawn, of those that the models tell apart.

    Nothing is shown while all models know the same. An address that names runs chooses their classes.
    """
    families = list(dict.fromkeys(saved.class_names for saved in known.values()))
    if len(families) < 2:
        return families[0]
    if st.session_state.get(FAMILY) not in families:  # on arrival, or when the last model of them went
        asked = [name for text in st.query_params.get_all("runs") for name in text.split(",")]
        named = [known[run].class_names for run in asked if run in known]
        st.session_state[FAMILY] = named[0] if named else families[0]
    return st.selectbox("What is drawn?", families, format_func=family_title, key=FAMILY, width=320)


def family_title(class_names: tuple[str, ...]) -> str:
    """What a choice calls these classes: "Digits", or the first of their names."""
    if class_names == DIGIT_NAMES:
        return "Digits"
    more = len(class_names) - MOST_NAMED
    return ", ".join(class_names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
