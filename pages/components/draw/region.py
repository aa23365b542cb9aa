"""Choosing a region of a photo with a rectangle."""

import io
from typing import Any

import streamlit as st
from PIL import Image

from pages.components.pictures import as_address
from pages.components.shell import text_beside

ROOM = (320, 420)  # pixels, width and height; fits a phone

_mount = st.components.v2.component(
    "photo_region",
    html=text_beside(__file__, "region.html"),
    css=text_beside(__file__, "region.css"),
    js=text_beside(__file__, "region.js"),
    isolate_styles=False,  # the page's colours reach it
)


def choose(picture: Image.Image, name: str) -> Image.Image:
    """Shows a photo to draw a rectangle on; returns that part of it, or all while there is none.

    `name` tells the photo from others: another one has no rectangle yet.
    """
    photo = as_address(_shown(name, picture), "jpeg")
    result = _mount(key=f"draw-region-{name}", data={"photo": photo}, on_part_change=_nothing_more)
    box = _pixels(result.get("part"), picture.size)
    if box is None:
        st.caption("All of it is read. Draw a rectangle on the photo to choose a part.")
        return picture
    st.caption("The rectangle is read.")
    return picture.crop(box)


def _pixels(part: Any, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom in pixels, of a part sent as shares of the photo; None for none."""
    try:
        left, top, width, height = map(float, part)
    except (TypeError, ValueError):
        return None
    edges = (left * size[0], top * size[1], (left + width) * size[0], (top + height) * size[1])
    if not all(0 <= edge <= limit + 1 for edge, limit in zip(edges, (*size, *size), strict=True)):
        return None
    box = (round(edges[0]), round(edges[1]), round(edges[2]), round(edges[3]))
    return box if box[0] < box[2] and box[1] < box[3] else None


@st.cache_data(show_spinner=False, max_entries=16)
def _shown(name: str, _picture: Image.Image) -> bytes:
    """The photo small enough to send on every rerun, as a JPEG."""
    small = _picture.convert("RGB")
    scale = min(ROOM[0] / small.width, ROOM[1] / small.height)
    size = (max(1, round(scale * small.width)), max(1, round(scale * small.height)))
    jpeg = io.BytesIO()
    small.resize(size, Image.Resampling.BOX).save(jpeg, "JPEG", quality=85)
    return jpeg.getvalue()


def _nothing_more() -> None:
    """A new rectangle needs nothing but the run that it starts."""
