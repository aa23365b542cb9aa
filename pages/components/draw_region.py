"""Choosing a region of a photo with a rectangle."""

import hashlib
import io

import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas

SHOWN_WIDTH = 320  # pixels; fits a phone
LEAST = 8  # pixels of the photo; a smaller rectangle was a click


def choose(picture: Image.Image) -> Image.Image:
    """Shows a photo to draw a rectangle on; returns that part of it, or all while there is none."""
    shown, key = _shown(picture)
    result = st_canvas(
        drawing_mode="labeled_rect",
        stroke_color="#D55E00",
        stroke_width=3,
        fill_color="rgba(213, 94, 0, 0.12)",
        background_image=shown,
        width=SHOWN_WIDTH,
        height=round(SHOWN_WIDTH * picture.height / picture.width),
        max_display_height=480,
        key=f"draw-region-{key}",
    )
    boxes = result.boxes_in_image_space or []
    scale = picture.width / SHOWN_WIDTH
    for box in reversed(boxes):  # the newest that is large enough
        left, top = max(0, box["left"] * scale), max(0, box["top"] * scale)
        right = min(picture.width, (box["left"] + box["width"]) * scale)
        bottom = min(picture.height, (box["top"] + box["height"]) * scale)
        if right - left >= LEAST and bottom - top >= LEAST:
            st.caption("Only the newest rectangle is read.")
            return picture.crop((round(left), round(top), round(right), round(bottom)))
    st.caption("Draw a rectangle around the digit, or leave it and all of the picture is read.")
    return picture


@st.cache_data(show_spinner=False, max_entries=16, hash_funcs={Image.Image: lambda image: image.tobytes()})
def _shown(picture: Image.Image) -> tuple[bytes, str]:
    """The photo small enough to send on every rerun, and a key of its content."""
    height = max(1, round(SHOWN_WIDTH * picture.height / picture.width))
    small = io.BytesIO()
    picture.convert("RGB").resize((SHOWN_WIDTH, height), Image.Resampling.BOX).save(small, "JPEG", quality=85)
    return small.getvalue(), hashlib.sha256(small.getvalue()).hexdigest()[:12]
