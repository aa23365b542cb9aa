"""Models of different classes answer different questions: which classes are drawn, digits or one's own?"""

import streamlit as st

from core.data.catalogue import DIGIT_NAMES
from pages.components.canvas.saved import DIGITS, Family, SavedRun
from pages.components.shell import plain

FAMILY = "draw-family"
MOST_NAMED = 5  # classes that a choice names


def question() -> str:
    """What the page asks, in the words of the classes that were drawn last."""
    names, _ = st.session_state.get(FAMILY, DIGITS)
    verb = "Write" if names == DIGIT_NAMES else "Draw"
    return f"{verb} {plain(one_of(names))}: which models read it, and how sure are they?"


def choose_family(known: dict[str, SavedRun]) -> Family:
    """What is drawn, of all that the models tell apart.

    Nothing is shown while all models know the same. An address that names runs chooses their classes.
    """
    families = list(dict.fromkeys(saved.family for saved in known.values()))
    if len(families) < 2:
        st.session_state[FAMILY] = families[0]
        return families[0]
    if st.session_state.get(FAMILY) not in families:  # on arrival, or when the last model of them went
        asked = [name for text in st.query_params.get_all("runs") for name in text.split(",")]
        named = [known[run].family for run in asked if run in known]
        st.session_state[FAMILY] = named[0] if named else families[0]
    return st.selectbox("What is drawn?", families, format_func=_title, key=FAMILY, width=320)


def _title(family: Family) -> str:
    names, way = family
    return family_title(names) + (" (whole pictures)" if way == "picture" else "")


def one_of(class_names: tuple[str, ...]) -> str:
    """What is to be drawn, within a sentence: "a digit", or "one of" the first classes."""
    return "a digit" if class_names == DIGIT_NAMES else f"one of {family_title(class_names)}"


def family_title(class_names: tuple[str, ...]) -> str:
    """What a choice calls these classes: "Digits", or the first of their names."""
    if class_names == DIGIT_NAMES:
        return "Digits"
    more = len(class_names) - MOST_NAMED
    return ", ".join(class_names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
