"""Where the first page's parts stand: side by side where it is wide, the canvas second on a phone."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shell import style, text_beside

STYLE = style(text_beside(__file__, "start.css"))


def layout() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """The places of the headline, of the canvas, and of the race below the headline."""
    st.html(STYLE)
    with st.container(
        key="start-page"
    ):  # Streamlit's columns would put the race before the canvas on a phone
        return (
            st.container(key="start-hero"),
            st.container(key="start-board"),
            st.container(key="start-track"),
        )
