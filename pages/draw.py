"""Draw: every model reads your digit."""

import streamlit as st

from pages.components import present, shell
from pages.components.canvas.asking import tick
from pages.components.canvas.saved import DIGITS, saved_runs
from pages.components.draw.board import SLOT, board
from pages.components.draw.choice import choose_runs
from pages.components.draw.families import choose_family, question
from pages.components.draw.own import show_own_digits
from pages.components.draw.stage import show_on_stage
from pages.components.draw.variants import choose_variants

asked = question()
behind = present.backstage()
with behind:
    shell.heading("Draw", asked)
saved = saved_runs()
if saved.known and present.presenting():
    with behind:
        saved = saved.of(choose_family(saved.known))
        saved, asked_models = choose_variants(saved, choose_runs(saved))
    show_on_stage({name: saved.known[name] for name in asked_models})
elif saved.known:
    with st.container(key="draw-page"):
        choice, place = st.container(key="draw-choice"), st.container(key="draw-board")
        with choice, st.container(horizontal=True, vertical_alignment="center"):
            family = choose_family(saved.known)
            if question() != asked:
                st.rerun()  # for the heading, which stands above the choice
            saved = saved.of(family)
            with st.container(horizontal=True, vertical_alignment="center", key="draw-models"):
                chosen = choose_runs(saved)
                saved, asked_models = choose_variants(saved, chosen)
            present.present_button()
        with place:
            st.fragment(board, run_every=tick(SLOT))(saved, asked_models)
    if family == DIGITS:
        show_own_digits(chosen, saved.known)
else:
    st.info("There is no trained model yet: train one, then come back and draw.")
    shell.page_link("train", "Train the first models")
