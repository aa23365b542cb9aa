"""The test images on which the chosen runs disagree, and those that all get wrong."""

import base64
from functools import lru_cache
from html import escape
from io import BytesIO

import numpy as np
import streamlit as st
from PIL import Image

from core.comparison.compare import Comparison
from core.data.catalogue import DatasetError, dataset_title, find_dataset, names_of_classes
from core.runs.predictions import TestSet, all_wrong, disagreements
from core.words import missing, percent
from pages.components.shared import test_images
from pages.components.shell import style, text_beside
from pages.components.silks import disc, silk_css

PER_PAGE = 24
_STYLE = style(silk_css() + text_beside(__file__, "gallery.css"))


def show_gallery(comparison: Comparison) -> None:
    """Test images with each run's guess and confidence; leads on when they cannot be shown."""
    st.header("Where they disagree", anchor=False)
    test_set = comparison.one_seed()
    if test_set is None or len(test_set.probabilities) < 2:
        st.info("This needs two runs with saved predictions on the same test set.")
        return
    found = {"disagree": disagreements(test_set), "all wrong": all_wrong(test_set)}
    titles = {
        "disagree": f"They disagree ({len(found['disagree']):,})",
        "all wrong": f"All are wrong ({len(found['all wrong']):,})",
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.segmented_control(
            "Images", list(titles), format_func=titles.__getitem__, default="disagree", required=True,
            key="gallery", bind="query-params",
        )  # fmt: skip
        classes = sorted({int(label) for label in test_set.labels[found[which]]})
        run, table = next(iter(test_set.probabilities.items()))
        frame = comparison.frame
        names = names_of_classes(frame.dataset[run], frame.dataset_content[run], table.shape[1])
        true = st.selectbox(
            "True class", [None, *classes], format_func=lambda c: "all" if c is None else names[c], width=140
        )
        chosen = found[which] if true is None else found[which][test_set.labels[found[which]] == true]
        pages = max(1, -(-len(chosen) // PER_PAGE))
        page = st.pagination(pages, key=f"gallery-page-{which}-{true}") if pages > 1 else 1
    if not len(chosen):
        st.success("None.")
        return
    _images(comparison, test_set, chosen[(page - 1) * PER_PAGE : page * PER_PAGE])


def _images(comparison: Comparison, test_set: TestSet, indices: np.ndarray) -> None:
    run = next(iter(test_set.probabilities))
    dataset, content = comparison.frame.dataset[run], comparison.frame.dataset_content[run]
    try:
        info = find_dataset(dataset)
        images, labels = test_images(dataset)
    except DatasetError as error:
        st.info(f"The images themselves are not on this machine. {error}")
        return
    same = info.content == ("" if missing(content) else content)
    if not same or not np.array_equal(labels, test_set.labels):
        title = dataset_title(dataset)
        st.warning(f"These runs were tested on other images than the {title} that is on this machine.")
        return
    names = info.class_names
    runs = comparison.labels_of(test_set)
    exhibits = "".join(_exhibit(comparison, runs, test_set, images, names, index) for index in indices)
    st.html(f'{_STYLE}<div class="gallery">{exhibits}</div>')


def _exhibit(
    comparison: Comparison,
    runs: dict[str, str],
    test_set: TestSet,
    images: np.ndarray,
    names: tuple[str, ...],
    index: int,
) -> str:
    true = test_set.labels[index]
    lines = []
    for run, table in test_set.probabilities.items():
        guess = table[index].argmax()
        mark = disc(str(comparison.frame.framework[run]))
        wrong = "" if guess == true else ' class="wrong"'
        answer = f"<span{wrong}>{escape(names[guess])} · {percent(table[index][guess], 0)}</span>"
        lines.append(f'<div class="guess"><span>{mark} {escape(runs[run])}</span>{answer}</div>')
    picture = f'<img alt="test image {index}" src="{_data_uri(images[index].tobytes(), images.shape[1:])}">'
    title = f'<div class="true">is {escape(names[true])}</div>'
    return f'<div class="exhibit">{picture}{title}{"".join(lines)}</div>'


@lru_cache(maxsize=2000)
def _data_uri(pixels: bytes, shape: tuple[int, int]) -> str:
    buffer = BytesIO()
    Image.fromarray(np.frombuffer(pixels, np.uint8).reshape(shape)).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
