"""The ways in to the Draw page: the canvas, a picture, the webcam, a digit from the test set."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas

from core.drawing.ink import EmptyDrawing
from core.drawing.numbers import TooManyDigits, read_number
from core.drawing.overlay import ink_on_photo
from core.drawing.pictures import PictureError, open_picture
from pages.components.data.samples import available_dataset
from pages.components.draw import region
from pages.components.shared import test_images
from pages.components.shell import style, text_beside

SIDE = 320  # pixels of the canvas; fits a phone
BRUSHES = (4, 40)  # pixels: thinnest and thickest stroke
SAMPLE = BRUSHES[1] + 8  # pixels of the square beside the slider that shows a dot of the brush
MOST_DIGITS = 8  # in one picture
WAYS = {"draw": "Draw", "upload": "Upload", "webcam": "Webcam", "test": "Test set"}
_STYLE = style(text_beside(__file__, "input.css"))


@dataclass(frozen=True)
class Drawing:
    """What the visitor brought, read from left to right.

    `pictures` are as they came (one per digit), `images` (N, 28, 28) uint8 what the models see;
    `ink` (height, width) uint8 is all that was found in it; `truth` is known only for a digit from the
    test set.
    """

    key: str
    source: str
    pictures: tuple[Any, ...]
    images: np.ndarray
    ink: np.ndarray
    truth: str = ""


def read_input() -> tuple[Drawing | None, str]:
    """Shows the chosen way in and returns the drawing, or None and what to do first."""
    way = st.segmented_control(
        "Way in",
        list(WAYS),
        default="draw",
        required=True,
        format_func=WAYS.__getitem__,
        key="draw-way",
        label_visibility="collapsed",
    )
    return {"draw": _canvas, "upload": _upload, "webcam": _webcam, "test": _test_digit}[way]()


# ── the canvas ──────────────────────────────────────────────────────────────────────


def _canvas() -> tuple[Drawing | None, str]:
    state = st.session_state.setdefault("draw-canvas", {"start": [], "edition": 0})
    st.caption("With mouse, pen or finger")  # leaves room for the canvas's own tools
    place = st.container()  # the canvas comes first, but its controls must be read before it is drawn
    with st.container(horizontal=True, width=SIDE):
        undo = st.button("Undo", icon=":material/undo:", key="draw-undo", width="stretch")
        clear = st.button("Clear", icon=":material/delete:", key="draw-clear", width="stretch")
    with st.container(horizontal=True, width=SIDE, vertical_alignment="bottom"):
        width = st.slider("Brush", *BRUSHES, 22, format="%d px", key="draw-brush")
        sample = st.container(width=SAMPLE)
    if undo or clear:
        state["start"] = [] if clear else state.get("objects", [])[:-1]
        state["edition"] += 1
    with place:
        result = st_canvas(
            stroke_width=width,
            stroke_color="#ffffff",
            background_color="#000000",
            width=SIDE,
            height=SIDE,
            # Another edition makes the browser load these strokes, even if they were loaded before.
            initial_drawing={"objects": state["start"], "edition": state["edition"]},
            return_image_data=True,
            key="draw-canvas-element",
        )
    # After the canvas: once the dot is to be seen, the next stroke is as thick.
    sample.html(
        f'{_STYLE}<div class="brush-sample" aria-hidden="true" data-brush="{width}" '
        f'style="--side:{SAMPLE}px;--brush:{width}px"><div></div></div>'
    )
    state["objects"] = (result.json_data or {}).get("objects", [])
    if clear or result.image_data is None or not state["objects"]:
        return None, "Draw a digit"
    return read_picture(result.image_data[..., 0], "drawing")  # white on black: one channel has it all


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
    try:
        picture = _open(content)
    except PictureError as error:
        return None, f"This file cannot be used: {error}."
    part = region.choose(picture)
    drawing, hint = read_picture(part, source)
    if drawing:
        _show_ink(drawing, part)
    return drawing, hint


def _show_ink(drawing: Drawing, photo: Image.Image) -> None:
    """What was found to be ink, so that a visitor sees why something else was read."""
    small = photo.convert("RGB")
    small.thumbnail((SIDE, SIDE))
    shown = ink_on_photo(np.asarray(small), drawing.ink)
    st.image(shown, caption="Orange is what was taken for ink.", width=shown.shape[1])


@st.cache_data(show_spinner=False, max_entries=4)  # some 10 MB each
def _open(content: bytes) -> Image.Image:
    return open_picture(content)


# ── a digit that the models have not seen ───────────────────────────────────────────


def _test_digit() -> tuple[Drawing | None, str]:
    dataset = available_dataset()
    images, labels = test_images(dataset)
    name, note = "MNIST", ""
    if dataset != "mnist":
        name = "the digits in scikit-learn"
        note = "MNIST is not on this computer (the Train page fetches it), so these are smaller digits."
    another = st.button("Another one", icon=":material/casino:", key="draw-another", width=SIDE)
    if another or "draw-test-index" not in st.session_state:
        st.session_state["draw-test-index"] = int(np.random.default_rng().integers(len(labels)))
    index = st.session_state["draw-test-index"] % len(labels)
    enlarged = Image.fromarray(images[index]).resize((SIDE, SIDE), Image.Resampling.NEAREST)
    st.image(enlarged, caption=f"Test image {index:,} of {name}: somebody wrote a {labels[index]}")
    if note:
        st.info(note)
    one = images[index : index + 1]
    return Drawing(f"{name}-{index}", "test set", (one[0],), one, one[0], str(labels[index])), ""


# ── from a picture to what the models see ───────────────────────────────────────────


def read_picture(picture: Any, source: str) -> tuple[Drawing | None, str]:
    """The drawing in a picture, or None and why there is none."""
    pixels = np.asarray(picture)
    key = hashlib.sha256(f"{pixels.shape}".encode() + pixels.tobytes()).hexdigest()[:16]
    try:
        parts, images, ink = _prepared(key, pixels)
    except (EmptyDrawing, TooManyDigits) as error:
        return None, str(error)
    return Drawing(key, source, parts or (pixels,), images, ink), ""


@st.cache_data(show_spinner=False, max_entries=64)
def _prepared(key: str, _pixels: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray, np.ndarray]:
    """The digits of a number, each alone (none for a single one), what the models see, and all ink."""
    number = read_number(_pixels, most=MOST_DIGITS)
    parts = tuple(digit.picture for digit in number.digits) if len(number.digits) > 1 else ()
    return parts, number.images, number.ink
