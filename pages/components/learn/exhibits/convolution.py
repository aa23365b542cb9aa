"""A kernel over the digit: nine products and their sum at one place, the map of all places."""

import numpy as np
import streamlit as st

from core.lessons.features import BLUR, SHARPEN, SIZE, edge_kernel, feature_map, patch
from pages.components.learn.digit import chosen_digit
from pages.components.learn.layout import three
from pages.components.learn.lens import lens
from pages.components.learn.matrix import map_html, matrix_html, side_by_side

EDGES = "Find edges"
FIXED = {"Blur": BLUR, "Sharpen": SHARPEN}


def show() -> None:
    """The digit, one place of the convolution as a sum, and the feature map."""
    digit = chosen_digit()
    left, middle, right = three()
    with left:
        row, column = lens("lens-convolution", digit.image, SIZE)
    with middle:
        kernel = _kernel()
        pixels = patch(digit.image, row + 1, column + 1)
        products = pixels * kernel
        result = feature_map(digit.image, kernel)
        st.html(
            side_by_side(
                matrix_html(pixels, "Pixels", ".2f", limit=1),
                "×",
                matrix_html(kernel, "Kernel", ".2f", signed=True),
                "=",
                matrix_html(products, "Products", ".2f", limit=1, signed=True),
            )
        )
        said = f"Their sum: {result[row + 1, column + 1]:.2f}".replace("-", "−")
        st.html(f'<p class="learn-sum condensed figures">{said}</p>')
    with right:
        title = "Feature map: the sum at every place. Orange is above 0, blue below"
        alt = "The digit as the kernel sees it: orange where it fits, blue where the opposite is"
        st.html(side_by_side(map_html(result, title, alt, signed=True, marked=(row + 1, column + 1, 1))))


def _kernel() -> np.ndarray:
    """What the visitor chose, (3, 3)."""
    kind = st.segmented_control("Kernel", [EDGES, *FIXED], default=EDGES, required=True, key="learn-kernel")
    if kind in FIXED:
        return FIXED[kind]
    degrees = st.slider(
        "Brighter towards … degrees (0 right, 90 up)", 0, 345, 0, 15, key="learn-direction", format="%d°"
    )
    return edge_kernel(degrees)
