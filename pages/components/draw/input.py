"""The ways in to the Draw page: the canvas, a picture, the webcam, a digit from the test set."""

import hashlib
from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st
from PIL import Image

from core.drawing.overlay import ink_on_photo
from core.drawing.pictures import PictureError, open_picture
from pages.components.canvas.pad import pad
from pages.components.canvas.reading import (
    STEP,
    Drawing,
    kept_ink,
    read_drawing,
    read_picture,
)
from pages.components.data.samples import available_dataset
from pages.components.draw import region
from pages.components.pictures import as_address, as_png
from pages.components.shared import Kept, test_images
from pages.components.shell import style, text_beside

SIDE = 320  # pixels of a picture that was brought; fits a phone
PHOTO_BYTES = 48 * 2**20  # of opened photos, for all visitors together
WAYS = {"draw": "Draw", "upload": "Upload", "webcam": "Webcam", "test": "Test set"}
_STYLE = style(text_beside(__file__, "input.css"))


def read_input(digits: bool = True) -> tuple[Drawing | None, str]:
    """Shows the chosen way in and returns the drawing, or None and what to do first.

    Only where `digits` are asked for, one of the test set is among the ways.
    """
    way = st.segmented_control(
        "Way in",
        [way for way in WAYS if digits or way != "test"],
        default="draw",
        required=True,
        format_func=WAYS.__getitem__,
        key="draw-way",
        label_visibility="collapsed",
    )
    if way == "draw":
        return _canvas("Draw a digit" if digits else "Draw something that they learned")
    return {"upload": _upload, "webcam": _webcam, "test": _test_digit}[way]()


# ── the canvas ──────────────────────────────────────────────────────────────────────


def _canvas(first: str) -> tuple[Drawing | None, str]:
    return read_drawing(pad("draw-canvas", brush=True), first)


# ── pictures ────────────────────────────────────────────────────────────────────────


def _upload() -> tuple[Drawing | None, str]:
    file = st.file_uploader(
        "A picture of one digit, or of several in a row",
        max_upload_size=20,  # MB; above 10 the refusal is a sentence of ours
        help="PNG, JPEG or WebP, up to 10 MB",
        key="draw-upload",
    )
    return _photo(file.getvalue(), "upload") if file else (None, "Upload a picture")


def _webcam() -> tuple[Drawing | None, str]:
    shot = st.camera_input("Hold a digit on paper before the camera", key="draw-webcam")
    return _photo(shot.getvalue(), "photo") if shot else (None, "Take a photo")


def _photo(content: bytes, source: str) -> tuple[Drawing | None, str]:
    name = hashlib.sha256(content).hexdigest()
    try:
        picture = _open(content, name)
    except PictureError as error:
        return None, f"This file cannot be used: {error}."
    part = region.choose(picture, name)
    drawing, hint = read_picture(part, source)
    if drawing:
        _show_ink(part)
    return drawing, hint


def _show_ink(photo: Image.Image) -> None:
    """What was found to be ink, so that a visitor sees why something else was read."""
    small = photo.convert("RGB")
    small.thumbnail((SIDE, SIDE))
    shown = ink_on_photo(np.asarray(small), kept_ink())
    st.html(
        f'{_STYLE}<figure class="draw-photo"><img src="{as_address(as_png(shown, SIDE))}" '
        'alt="The photo, faded, with the ink that was found in orange">'
        "<figcaption>Orange is what was taken for ink.</figcaption></figure>"
    )


def _open(content: bytes, name: str) -> Image.Image:
    return _photos().get(name, lambda: open_picture(content), lambda picture: len(picture.tobytes()))


@st.cache_resource(max_entries=1, show_spinner=False)
def _photos() -> Kept[Image.Image]:
    """The photos that are looked at, opened; for all visitors together."""
    return Kept(PHOTO_BYTES)


# ── a digit that the models have not seen ───────────────────────────────────────────


def _test_digit() -> tuple[Drawing | None, str]:
    dataset = available_dataset()
    images, labels = test_images(dataset)
    name, note = "MNIST", ""
    if dataset != "mnist":
        name = "the digits in scikit-learn"
        note = "These are the small built-in digits; MNIST's come with the first race on it."
    another = st.button("Another one", icon=":material/casino:", key="draw-another", width=SIDE)
    if another or "draw-test-index" not in st.session_state:
        st.session_state["draw-test-index"] = int(np.random.default_rng().integers(len(labels)))
    index = st.session_state["draw-test-index"] % len(labels)
    caption = f"Test image {index:,} of {name}: somebody wrote a {labels[index]}"
    st.html(steps_html([(caption, as_png(images[index], SIDE))], SIDE))
    if note:
        st.info(note)
    one = images[index : index + 1].copy()
    return Drawing(f"{name}-{index}", "test set", one, str(labels[index])), ""


# ── pictures as HTML ────────────────────────────────────────────────────────────────


def steps_html(steps: Sequence[tuple[str, bytes]], side: int = STEP) -> str:
    """Titles and PNGs side by side, each this many pixels wide and high."""
    figures = [
        f'<figure><span><img src="{as_address(png)}" alt=""></span>'
        f"<figcaption>{escape(title)}</figcaption></figure>"
        for title, png in steps
    ]
    return f'{_STYLE}<div class="draw-steps" style="--side:{side}px">{"".join(figures)}</div>'
