"""The ways in to the Draw page: the canvas, a picture, the webcam, a digit from the test set."""

import base64
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas

from core.data.own_digits import LARGEST_SIDE
from core.drawing.ink import EmptyDrawing
from core.drawing.numbers import TooManyDigits, read_number
from core.drawing.overlay import ink_on_photo
from core.drawing.pictures import LARGEST_FILE, PictureError, open_picture
from core.drawing.preprocessing import prepare_steps
from pages.components.data.samples import available_dataset
from pages.components.draw import region
from pages.components.shared import Kept, test_images
from pages.components.shell import style, text_beside

SIDE = 320  # pixels of the canvas; fits a phone
BRUSHES = (4, 40)  # pixels: thinnest and thickest stroke
SAMPLE = BRUSHES[1] + 8  # pixels of the square beside the slider that shows a dot of the brush
MOST_DIGITS = 8  # in one picture
STEP = 112  # pixels of a step's picture
READING = "draw-reading"  # in the session: the newest drawing
PHOTO_BYTES = 48 * 2**20  # of opened photos, for all visitors together
WAYS = {"draw": "Draw", "upload": "Upload", "webcam": "Webcam", "test": "Test set"}
_STYLE = style(text_beside(__file__, "input.css"))


@dataclass(frozen=True)
class Drawing:
    """What the visitor brought, read from left to right: little enough to be kept with every widget.

    `images` (N, 28, 28) uint8 is what the models see; `truth` is known only for a digit from the test
    set. The pictures themselves are kept once a session, for the newest drawing: see `kept_pictures`.
    """

    key: str
    source: str
    images: np.ndarray
    truth: str = ""


@dataclass(frozen=True)
class Reading:
    """The newest drawing of a session: `pictures` as they came, PNGs, and `steps` from picture to digit."""

    key: str
    images: np.ndarray
    pictures: tuple[bytes, ...]
    steps: tuple[tuple[str, bytes], ...]
    ink: np.ndarray  # (height, width) uint8, all that was found


def kept_pictures(key: str) -> tuple[bytes, ...]:
    """The drawing's pictures as PNGs, one a digit, no larger than they are saved; none for an earlier one."""
    reading = st.session_state.get(READING)
    return reading.pictures if reading and reading.key == key else ()


def kept_steps(key: str) -> tuple[tuple[str, bytes], ...]:
    """How the drawing's first digit becomes what the models see: titles and PNGs."""
    reading = st.session_state.get(READING)
    return reading.steps if reading and reading.key == key else ()


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
        max_upload_size=LARGEST_FILE // 2**20,
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
        _show_ink(part)
    return drawing, hint


def _show_ink(photo: Image.Image) -> None:
    """What was found to be ink, so that a visitor sees why something else was read."""
    small = photo.convert("RGB")
    small.thumbnail((SIDE, SIDE))
    shown = ink_on_photo(np.asarray(small), st.session_state[READING].ink)
    encoded = base64.b64encode(as_png(shown, SIDE)).decode()
    # As HTML: a picture of its own would stay on the server as long as the session.
    st.html(
        f'{_STYLE}<figure class="draw-photo"><img src="data:image/png;base64,{encoded}" '
        'alt="The photo, faded, with the ink that was found in orange">'
        "<figcaption>Orange is what was taken for ink.</figcaption></figure>"
    )


def _open(content: bytes) -> Image.Image:
    key = hashlib.sha256(content).digest()
    return _photos().get(key, lambda: open_picture(content), lambda picture: len(picture.tobytes()))


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
        note = "MNIST is not on this computer (the Train page fetches it), so these are smaller digits."
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


# ── from a picture to what the models see ───────────────────────────────────────────


def read_picture(picture: Any, source: str) -> tuple[Drawing | None, str]:
    """The drawing in a picture, or None and why there is none."""
    pixels = np.asarray(picture)
    key = hashlib.sha256(f"{pixels.shape}".encode() + pixels.tobytes()).hexdigest()[:16]
    reading = st.session_state.get(READING)
    if reading is None or reading.key != key:
        try:
            reading = _read(key, pixels)
        except (EmptyDrawing, TooManyDigits) as error:
            return None, str(error)
        st.session_state[READING] = reading  # in the place of the one before
    return Drawing(key, source, reading.images), ""


def _read(key: str, pixels: np.ndarray) -> Reading:
    number = read_number(pixels, most=MOST_DIGITS)
    pictures = [digit.picture for digit in number.digits] if len(number.digits) > 1 else [pixels]
    steps = [(title, as_png(step, STEP)) for title, step in prepare_steps(pictures[0])]
    pngs = tuple(as_png(picture, LARGEST_SIDE) for picture in pictures)
    return Reading(key, number.images, pngs, tuple(steps), number.ink)


def steps_html(steps: Sequence[tuple[str, bytes]], side: int = STEP) -> str:
    """Titles and PNGs side by side, each this many pixels wide and high."""
    figures = [
        f'<figure><span><img src="data:image/png;base64,{base64.b64encode(png).decode()}" alt="">'
        f"</span><figcaption>{escape(title)}</figcaption></figure>"
        for title, png in steps
    ]
    return f'{_STYLE}<div class="draw-steps" style="--side:{side}px">{"".join(figures)}</div>'


def as_png(pixels: np.ndarray, side: int) -> bytes:
    """The picture as a PNG, reduced to this many pixels where it is larger."""
    picture = Image.fromarray(pixels)
    picture = picture if picture.mode in ("L", "LA", "RGB", "RGBA") else picture.convert("RGBA")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    png = io.BytesIO()
    picture.save(png, "PNG", compress_level=1)
    return png.getvalue()
