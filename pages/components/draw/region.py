"""Choosing a region of a photo with a rectangle."""

import hashlib
import io

import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas

from core.charts.colours import tint

ROOM = (320, 420)  # pixels, width and height; fits a phone
FRAME = "#D55E00"  # the rectangle's colour, seen on light and dark photos
LEAST = 8  # pixels of the photo; a smaller rectangle was a click


def choose(picture: Image.Image) -> Image.Image:
    """Shows a photo to draw a rectangle on; returns that part of it, or all while there is none."""
    scale = min(ROOM[0] / picture.width, ROOM[1] / picture.height)
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    shown = _shown(picture, width, height)
    result = st_canvas(
        drawing_mode="labeled_rect",
        stroke_color=FRAME,
        stroke_width=3,
        fill_color=tint(FRAME, 0.12),
        background_image=shown,
        width=width,
        height=height,
        key=f"draw-region-{hashlib.sha256(shown).hexdigest()[:12]}",
    )
    for box in reversed(result.boxes_in_image_space or []):  # the newest that is large enough
        left, top = max(0, box["left"] / scale), max(0, box["top"] / scale)
        right = min(picture.width, (box["left"] + box["width"]) / scale)
        bottom = min(picture.height, (box["top"] + box["height"]) / scale)
        if right - left >= LEAST and bottom - top >= LEAST:
            st.caption("The newest rectangle is read.")
            return picture.crop((round(left), round(top), round(right), round(bottom)))
    st.caption("All of it is read. Draw a rectangle to choose a part.")
    return picture


@st.cache_data(show_spinner=False, max_entries=16, hash_funcs={Image.Image: lambda image: image.tobytes()})
def _shown(picture: Image.Image, width: int, height: int) -> bytes:
    """The photo small enough to send on every rerun."""
    small = io.BytesIO()
    picture.convert("RGB").resize((width, height), Image.Resampling.BOX).save(small, "JPEG", quality=85)
    return small.getvalue()
