"""Pictures of a dataset: samples of every class, their counts, what augmentation does to them."""

from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from core.data.catalogue import DatasetError, DatasetInfo, find_dataset
from core.data.datasets import load_images
from pages.components.pictures import as_address, as_png
from pages.components.shared import file_problems
from pages.components.shell import style, text_beside

ENLARGED = 2  # screen pixels for each pixel of an image
GAP = 2
SAMPLES = 12  # of each class
STYLE = style(text_beside(__file__, "samples.css"))
WRITERS = 7  # whose digits are shown


@dataclass(frozen=True)
class DatasetLook:
    """What the pages show of a dataset."""

    title: str
    class_names: tuple[str, ...]
    samples: np.ndarray  # (classes, 12, 28, 28) uint8, the first training images of every class
    train_counts: np.ndarray  # (classes,)
    test_counts: np.ndarray  # (classes,)


def available_dataset() -> str:
    """MNIST when its files are whole, else the digits that come with scikit-learn."""
    return "mnist" if not file_problems("mnist") else "digits"


def look_at(dataset: str) -> DatasetLook:
    """Reads the dataset once and keeps only what is shown.

    Raises:
        DatasetError: its files cannot be used.
    """
    return _look_at(find_dataset(dataset))


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs={DatasetInfo: repr})
def _look_at(info: DatasetInfo) -> DatasetLook:
    images = load_images(info)
    count = len(images.class_names)
    # A small class shows its images again.
    places = [np.flatnonzero(images.y_train == label) for label in range(count)]
    samples = [images.x_train[np.resize(place, SAMPLES)] for place in places]
    return DatasetLook(
        info.title,
        images.class_names,
        np.stack(samples),
        np.bincount(images.y_train, minlength=count),
        np.bincount(images.y_test, minlength=count),
    )


def mosaic(images: np.ndarray) -> np.ndarray:
    """Images (rows, columns, 28, 28) as one enlarged picture, ink light on dark as the models see it."""
    padded = np.pad(images, ((0, 0), (0, 0), (GAP, GAP), (GAP, GAP)), constant_values=40)
    rows, columns, height, width = padded.shape
    picture = padded.transpose(0, 2, 1, 3).reshape(rows * height, columns * width)
    return picture.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)


def show_mosaic(picture: np.ndarray, alt: str, caption: str, wide: bool = True) -> None:
    """A picture of `mosaic` with alternative text and caption, as wide as there is room or as it is."""
    image = f'<img src="{as_address(as_png(picture, max(picture.shape)))}" alt="{escape(alt)}">'
    kind = "mosaic mosaic-wide" if wide else "mosaic"
    st.html(f'{STYLE}<figure class="{kind}">{image}<figcaption>{escape(caption)}</figcaption></figure>')


def writers_gallery(dataset: str) -> None:
    """The ten digits of some of the people who wrote the dataset, and who is to be thanked for it."""
    info = find_dataset(dataset)
    if has_pens(info) and not file_problems(dataset):
        samples = _hands()
        show_mosaic(
            mosaic(np.stack([images for _, images in samples])),
            f"Digits of {len(samples)} people, a row each",
            f"Ten digits each by {len(samples)} people. "
            f"From above: {', '.join(writer for writer, _ in samples)} (laboratory/person).",
        )
    if info.attribution:
        st.caption(info.attribution)


def has_pens(info: DatasetInfo) -> bool:
    """Whether strokes of pens are among its images: drawing all of them takes a minute, once."""
    return any(part.reader == "pen" for part in info.with_files())


@st.cache_resource(max_entries=1, show_spinner="Drawing the strokes …")
def _hands() -> list[tuple[str, np.ndarray]]:
    from core.data.pen_dataset import read_sources, samples_by_writer

    return samples_by_writer(read_sources(), WRITERS)


def augmentation_preview(dataset: str) -> None:
    """Twelve training images as they are and, below, as a run with augmentation meets them."""
    from core.data.augmentation import augment  # OpenCV is loaded only by who asks for it

    if file_problems(dataset) and find_dataset(dataset).fetchable:
        st.caption("The preview comes with the data, which the race fetches.")
        return
    try:
        before = _some_images(dataset)
    except DatasetError as error:
        st.caption(f"No preview: {error}")
        return
    after = augment(before, np.random.default_rng(0))
    show_mosaic(
        mosaic(np.stack([before, after])),
        "Twelve training images, and the same turned and shifted a little",
        "Above: training images as stored. Below: as one epoch meets them; every epoch differs.",
    )


def _some_images(dataset: str) -> np.ndarray:
    """Training images (12, 28, 28) uint8; of pens those of a few writers, since nobody waits for all."""
    if has_pens(find_dataset(dataset)):
        return np.concatenate([images for _, images in _hands()])[:SAMPLES]
    look = look_at(dataset)
    return look.samples[:, 1][np.arange(SAMPLES) % len(look.class_names)]
