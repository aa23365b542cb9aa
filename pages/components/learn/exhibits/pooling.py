"""Max pooling of a feature map, while the digit moves."""

import streamlit as st

from core.lessons.features import changed, edge_kernel, feature_map, moved, pooled, rectified
from pages.components.learn.digit import chosen_digit
from pages.components.learn.layout import three
from pages.components.learn.lens import lens
from pages.components.learn.matrix import map_html, matrix_html, side_by_side
from pages.components.learn.paint import largest, paint

MOST = 4  # pixels that the digit moves


def show() -> None:
    """The map with a pooling window, what stays of it, and how much a moved digit changes both."""
    digit = chosen_digit()
    left, middle, right = three()
    with middle:
        by = st.slider("Move the digit to the right by … pixels", -MOST, MOST, 0, key="learn-moved")
        size = st.segmented_control(
            "Window", [2, 4], default=2, required=True, format_func=lambda n: f"{n} × {n}", key="learn-window"
        )
    still = rectified(feature_map(digit.image, edge_kernel(0)))
    numbers = rectified(feature_map(moved(digit.image, by), edge_kernel(0)))
    small, limit = pooled(numbers, size), largest(still)
    with left:
        row, column = lens("lens-pooling", paint(numbers, limit, signed=True), size, step=size)
    with middle:
        window = numbers[row : row + size, column : column + size]
        place = (row // size, column // size)
        st.html(
            side_by_side(
                matrix_html(window, "In the window", ".2f", limit, signed=True),
                "→",
                matrix_html(small[place].reshape(1, 1), "Kept", ".2f", limit, signed=True),
            )
        )
        if by:
            map_changed, kept_changed = changed(still, numbers), changed(pooled(still, size), small)
            st.markdown(
                f"Moved by {abs(by)}: **{100 * map_changed:.0f} %** of the map is different, after pooling "
                f"**{100 * kept_changed:.0f} %**."
            )
    with right:
        title = f"{len(small)} × {len(small)} numbers are left"
        alt = "The feature map, smaller and coarser"
        st.html(side_by_side(map_html(small, title, alt, limit, True, (*place, 1))))
