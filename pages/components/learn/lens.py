"""A digit with a window on it that is moved with mouse, finger or arrow keys."""

import numpy as np
import streamlit as st

from pages.components.pictures import as_address, as_png
from pages.components.shell import text_beside

_mount = st.components.v2.component(
    "lens",
    html=text_beside(__file__, "lens.html"),
    css=text_beside(__file__, "lens.css"),
    js=text_beside(__file__, "lens.js"),
    isolate_styles=False,  # the page's colours reach it
)


def lens(key: str, picture: np.ndarray, side: int, step: int = 1) -> tuple[int, int]:
    """Shows the picture; returns row and column of the window's upper left corner.

    Args:
        key: tells it from other windows; each remembers its place while it is shown.
        picture: (H, W) uint8 or (H, W, 3).
        side: rows and columns of the window.
        step: by how many pixels it moves: of a pooling window its side.
    """
    height, width = picture.shape[:2]
    start = [(length - side) // 2 // step * step for length in (height, width)]
    sent = _mount(
        key=key,
        data={
            "picture": as_address(as_png(picture, max(height, width))),
            "rows": height, "columns": width, "side": side, "step": step, "start": start,
        },
        on_place_change=_nothing_more,  # named, so that the result has it from the start
    )  # fmt: skip
    return _inside(sent.get("place") or start, height - side, width - side, step)


def _inside(place: list[int], last_row: int, last_column: int, step: int) -> tuple[int, int]:
    """What a browser sent, within the picture and on the grid."""
    row, column = (int(value) // step * step for value in place)
    return min(max(row, 0), last_row), min(max(column, 0), last_column)


def _nothing_more() -> None:
    """Another place needs nothing but the run that it starts."""
