"""A window on the digit, and the numbers in it."""

import streamlit as st

from core.data.batches import normalise
from pages.components.learn.digit import chosen_digit
from pages.components.learn.layout import two
from pages.components.learn.lens import lens
from pages.components.learn.matrix import matrix_html, side_by_side

SIDE = 6


def show() -> None:
    """The digit beside the window's numbers, as stored or as the network gets them."""
    digit = chosen_digit()
    left, right = two()
    with left:
        row, column = lens("lens-numbers", digit.image, SIDE)
    with right:
        scaled = st.toggle("As the network gets them: divided by 255", key="learn-scaled")
        window = (slice(row, row + SIDE), slice(column, column + SIDE))
        where = f"Rows {row + 1} to {row + SIDE}, columns {column + 1} to {column + SIDE}"
        if scaled:
            table = matrix_html(normalise(digit.image[None])[0, ..., 0][window], where, ".2f", limit=1)
        else:
            table = matrix_html(digit.image[window], where, limit=255)
        st.html(side_by_side(table))
        inked = int((digit.image > 0).sum())
        st.caption(f"Of all 28 × 28 numbers, {inked} are above 0: there is ink.")
