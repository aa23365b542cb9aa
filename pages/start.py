"""Start: draw at once, race at once, and what came out so far."""

import streamlit as st

from core import frameworks
from core.words import number_word
from pages.components import shell
from pages.components.newest import newest_results
from pages.components.replay import show_replay
from pages.components.start import findings
from pages.components.start.board import show_board
from pages.components.start.data import show_data
from pages.components.start.layout import layout
from pages.components.start.race import race_button

hero, board, track = layout()
newest = newest_results()
with hero:
    many = number_word(len(frameworks.names()))
    shell.heading(
        f"{many.capitalize()} frameworks, one network, one fair race.",
        f"A small network learns to read handwriting, once in each of the {many} tools that people build "
        "such networks with: same pictures, same start, same clock.",
    )
    with st.container(horizontal=True, vertical_alignment="center", key="start-act"):
        race_button()
        with st.container(horizontal=True, width="content", key="start-quiet"):
            if newest:
                shell.page_link("compare", "What came out so far", runs=",".join(newest.runs))
            shell.page_link("train", "Set up a race of your own", new="1")
with board:
    show_board()
if newest:
    with track:
        st.header("The last race, on one clock", anchor=False)
        show_replay(list(newest.runs), key="start", autoplay=True, curves=False)
    findings.show_findings(newest)
show_data()
