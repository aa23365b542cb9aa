"""Draw: every model reads your digit."""

import streamlit as st

from core.data.catalogue import DIGIT_NAMES
from pages.components import shell
from pages.components.canvas.asking import tick
from pages.components.canvas.saved import saved_runs
from pages.components.draw.board import SLOT, board
from pages.components.draw.choice import choose_runs
from pages.components.draw.families import choose_family
from pages.components.draw.own import show_own_digits

shell.heading("Draw", "Write a digit: which models read it, and how sure are they?")
saved = saved_runs()
if saved.known:
    with st.container(key="draw-page"):
        choice, place = st.container(key="draw-choice"), st.container(key="draw-board")
        with choice:
            class_names = choose_family(saved.known)
            saved = saved.of(class_names)
            chosen = choose_runs(saved)
        with place:
            st.fragment(board, run_every=tick(SLOT))(saved, chosen)
    if class_names == DIGIT_NAMES:
        show_own_digits(chosen, saved.known)
else:
    st.info("There is no trained model yet: train one, then come back and draw.")
    shell.page_link("train", "Train the first models")
