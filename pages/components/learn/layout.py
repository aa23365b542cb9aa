"""Where an exhibit's parts stand: side by side where it is wide, one below the other on a phone."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def three() -> list[DeltaGenerator]:
    """The places of the digit, of controls and numbers, and of the picture that comes of them."""
    return st.columns([3, 5, 3], gap="medium")


def two() -> list[DeltaGenerator]:
    """The places of what is moved and of what it does."""
    return st.columns([3, 8], gap="medium")
