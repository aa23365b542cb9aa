"""The ways in to the Draw page: the canvas, a picture, the webcam, a digit from the test set."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from PIL import Image

from core.data.catalogue import DatasetError, Way, dataset_title
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
from pages.components.canvas.saved import SavedRun
from pages.components.data.samples import available_dataset
from pages.components.draw import region
from pages.components.draw.families import one_of
from pages.components.pictures import as_address, as_png
from pages.components.shared import Kept, file_problems, test_images
from pages.components.shell import plain, style, text_beside

CANVAS = "draw-canvas"  # of the page and of a projector
TEST_IMAGES = 2**31  # more than any dataset has: a number drawn from so many does for each
SIDE = 320  # pixels of a picture that was brought; fits a phone
PHOTO_BYTES = 48 * 2**20  # of opened photos, for all visitors together
WAYS = {"draw": "Draw", "upload": "Upload", "webcam": "Webcam", "test": "Test set"}
_STYLE = style(text_beside(__file__, "input.css"))


@dataclass(frozen=True)
class Subject:
    """What is to be drawn: its classes, the dataset that has test images of them, how pictures are read."""

    class_names: tuple[str, ...]
    dataset: str
    way: Way

    @property
    def digits(self) -> bool:
        """Whether digits, and so numbers, are drawn."""
        return self.way == "number"

    @property
    def words(self) -> str:
        """Such as "a digit"."""
        return one_of(self.class_names)


def subject_of(asked: dict[str, SavedRun]) -> Subject:
    """What these runs, which are of one family, can be asked about."""
    first = next(iter(asked.values()))
    return Subject(first.class_names, first.dataset, first.way)


def read_input(subject: Subject) -> tuple[Drawing | None, str]:
    """Shows the chosen way in and returns the drawing, or None and what to do first."""
    testable = subject.digits or _whole(subject.dataset)
    way = st.segmented_control(
        "Way in",
        [way for way in WAYS if testable or way != "test"],
        default="draw",
        required=True,
        format_func=WAYS.__getitem__,
        key="draw-way",
        label_visibility="collapsed",
    )
    return {"draw": _canvas, "upload": _upload, "webcam": _webcam, "test": _test_image}[way](subject)


def _whole(dataset: str) -> bool:
    try:
        return not file_problems(dataset)
    except DatasetError:
        return False  # deleted a moment ago


# ── the canvas ──────────────────────────────────────────────────────────────────────


def _canvas(subject: Subject) -> tuple[Drawing | None, str]:
    return read_drawing(pad(CANVAS, brush=True), subject.words, subject.way)


# ── pictures ────────────────────────────────────────────────────────────────────────


def _upload(subject: Subject) -> tuple[Drawing | None, str]:
    several = "one digit, or of several in a row"
    file = st.file_uploader(
        f"A picture of {several if subject.digits else plain(subject.words)}",
        max_upload_size=20,  # MB; above 10 the refusal is a sentence of ours
        help="PNG, JPEG or WebP, up to 10 MB",
        key="draw-upload",
    )
    return _photo(file.getvalue(), "upload", subject) if file else (None, "Upload a picture")


def _webcam(subject: Subject) -> tuple[Drawing | None, str]:
    shown = "a digit on paper" if subject.digits else plain(subject.words)
    shot = st.camera_input(f"Hold {shown} before the camera", key="draw-webcam")
    return _photo(shot.getvalue(), "photo", subject) if shot else (None, "Take a photo")


def _photo(content: bytes, source: str, subject: Subject) -> tuple[Drawing | None, str]:
    name = hashlib.sha256(content).hexdigest()
    try:
        picture = _open(content, name)
    except PictureError as error:
        return None, f"This file cannot be used: {error}."
    part = region.choose(picture, name)
    drawing, hint = read_picture(part, source, subject.words, subject.way)
    if drawing and subject.way != "picture":
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


# ── an image that the models have not seen ──────────────────────────────────────────


def test_image(subject: Subject, number: int) -> tuple[Drawing, str, str]:
    """An image of the test set, a caption that says what it is, and a note where it is not MNIST's."""
    dataset = available_dataset() if subject.digits else subject.dataset
    images, labels = test_images(dataset)
    index = number % len(labels)
    truth = subject.class_names[labels[index]]
    title, note = dataset_title(dataset), ""
    if dataset == "digits":
        title = "the digits in scikit-learn"
        note = "These are the small built-in digits; MNIST's come with the first race on it."
    told = f"somebody wrote a {truth}" if subject.digits else f"it is {truth}"
    caption = f"Test image {index:,} of {title}: {told}"
    one = images[index : index + 1].copy()
    return Drawing(f"{dataset}-{index}", "test set", one, truth), caption, note


def _test_image(subject: Subject) -> tuple[Drawing | None, str]:
    another = st.button("Another one", icon=":material/casino:", key="draw-another", width=SIDE)
    if another or "draw-test-index" not in st.session_state:
        st.session_state["draw-test-index"] = int(np.random.default_rng().integers(TEST_IMAGES))
    drawing, caption, note = test_image(subject, st.session_state["draw-test-index"])
    st.html(steps_html([(caption, as_png(drawing.images[0], SIDE))], SIDE))
    if note:
        st.info(note)
    return drawing, ""


# ── pictures as HTML ────────────────────────────────────────────────────────────────


def steps_html(steps: Sequence[tuple[str, bytes]], side: int = STEP) -> str:
    """Titles and PNGs side by side, each this many pixels wide and high."""
    figures = [
        f'<figure><span><img src="{as_address(png)}" alt=""></span>'
        f"<figcaption>{escape(title)}</figcaption></figure>"
        for title, png in steps
    ]
    return f'{_STYLE}<div class="draw-steps" style="--side:{side}px">{"".join(figures)}</div>'
