"""A feature map before and after ReLU, with the bias on a slider."""

import numpy as np
import streamlit as st

from core.lessons.features import edge_kernel, feature_map, rectified
from pages.components.learn.digit import chosen_digit
from pages.components.learn.layout import three
from pages.components.learn.lens import lens
from pages.components.learn.matrix import map_html, matrix_html, side_by_side
from pages.components.learn.paint import largest, paint

SIDE = 4
MOST = 1.0  # of the bias, as large as a full edge


def show() -> None:
    """The map with a window, its numbers before and after, and what is left of all of it."""
    digit = chosen_digit()
    left, middle, right = three()
    with middle:
        bias = st.slider("Bias", -MOST, MOST, 0.0, 0.05, key="learn-bias")
    before = feature_map(digit.image, edge_kernel(0), bias)
    after = rectified(before)
    limit = largest(before)
    with left:
        row, column = lens("lens-relu", paint(before, limit, signed=True), SIDE)
    window = (slice(row, row + SIDE), slice(column, column + SIDE))
    with middle:
        st.html(
            side_by_side(
                matrix_html(before[window], "Before ReLU", ".2f", limit, signed=True),
                "→",
                matrix_html(after[window], "After: max(0, x)", ".2f", limit, signed=True),
            )
        )
        st.caption(f"{_share(after)} of the 784 numbers are above 0 and go on.")
    with right:
        title = "The whole map after ReLU"
        st.html(side_by_side(map_html(after, title, _alt(after), limit, True, (row, column, SIDE))))


def _share(after: np.ndarray) -> str:
    return f"{100 * (after > 0).mean():.0f} %"


def _alt(after: np.ndarray) -> str:
    return f"The feature map with {_share(after)} of its numbers left, in orange; the rest is black"
