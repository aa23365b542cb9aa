"""In which format figures are saved; offered only beside figures."""

import streamlit as st


def figure_format() -> None:
    """In which format the camera button of every figure saves it; kept in the URL."""
    st.segmented_control(
        "The camera button of a figure saves it as",
        ["PNG", "SVG"],
        default="PNG",
        required=True,
        key="figure",
        bind="query-params",
    )
