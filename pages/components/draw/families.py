"""Models of different classes answer different questions: which classes are drawn, digits or one's own?"""

import streamlit as st

from core import frameworks
from core.data.catalogue import DIGIT_NAMES
from pages.components.draw.models import SavedRun

FAMILY = "draw-family"
MOST_NAMED = 5  # classes that a choice names


def choose_family(
    available: dict[str, SavedRun], default: list[str]
) -> tuple[dict[str, SavedRun], list[str], tuple[str, ...]]:
    """The runs that tell the chosen classes apart, those to ask at first, and the classes.

    Nothing is shown while all models read digits. An address that names runs chooses their classes.
    """
    families = list(dict.fromkeys(saved.class_names for saved in available.values()))
    if len(families) < 2:
        return available, default, families[0]
    if FAMILY not in st.session_state:
        asked = [name for text in st.query_params.get_all("runs") for name in text.split(",")]
        named = [available[run].class_names for run in asked if run in available]
        st.session_state[FAMILY] = named[0] if named else families[0]
    chosen = st.selectbox("What is drawn?", families, format_func=family_title, key=FAMILY, width=320)
    runs = {run: saved for run, saved in available.items() if saved.class_names == chosen}
    if chosen != DIGIT_NAMES:
        default = []
        for name in frameworks.names():
            default += [run for run in runs if runs[run].framework == name][:1]
    return runs, default, chosen


def family_title(class_names: tuple[str, ...]) -> str:
    """What a choice calls these classes: "Digits", or the first of their names."""
    if class_names == DIGIT_NAMES:
        return "Digits"
    more = len(class_names) - MOST_NAMED
    return ", ".join(class_names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
