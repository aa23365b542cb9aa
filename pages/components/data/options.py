"""What there is to choose about an import: how images are made, where labels and test images are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.data.catalogue import DatasetError
from core.data.importing.limits import TEST_SHARE
from core.data.importing.parts import PREPARATIONS, Source
from pages.components import shell
from pages.components.data.samples import mosaic, show_mosaic
from pages.components.data.upload import Arrived, upload_field

if TYPE_CHECKING:
    from core.data.importing.parts import Preparation
    from core.data.importing.preview import Kind

SHARE = round(100 * TEST_SHARE)  # per cent of each class


@dataclass(frozen=True)
class Chosen:
    """The options of `python -m core data import` that were chosen, and the files that belong to them."""

    arguments: list[str]
    files: list[Arrived]


def choose_options(arrived: Arrived, kind: "Kind") -> Chosen:
    """The fields for a file of this kind; another file has new ones."""
    path, file = arrived.path, arrived.token
    arguments: list[str] = []
    files: dict[str, Arrived | None] = {}
    if kind == "array":
        files["--labels"] = upload_field("Labels of the images (NPY, IDX)", f"import-labels-{file}")
    look = st.container()  # how the images are made, which the choices below it may change
    with st.expander("Labels and test images" if kind == "table" else "Test images"):
        source = Source(path)
        if kind == "table":
            column, size = _columns(file)
            arguments += [f"--label-column={column}"] if column else []
            arguments += [f"--size={size}"] if size else []
            source = Source(path, label_column=column or None, size=_pair(size))
        files["--test"] = upload_field("Images to test with, where they are a file", f"import-test-{file}")
        if kind == "array":
            files["--test-labels"] = upload_field("Labels of those", f"import-test-labels-{file}")
        if not files["--test"]:
            arguments += _share(file)
    with look:
        arguments += _preparation(source, kind, file)
    arguments += [f"{option}={more.path}" for option, more in files.items() if more]
    return Chosen(arguments, [more for more in files.values() if more])


def _columns(file: str) -> tuple[str, str]:
    """Column of the labels and size of the images, as far as the table does not say."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.text_input(
            "Column of the labels",
            key=f"import-column-{file}",
            placeholder="label, or the first",
            help="Its name in the first line, or its number, counted from 1.",
        )
        size = st.text_input(
            "Height × width in pixels",
            key=f"import-size-{file}",
            placeholder="a square",
            help="Such as 20x16; needed where images are not square.",
        )
    return column.strip(), size.replace("×", "x").replace(" ", "")


def _pair(size: str) -> tuple[int, int] | None:
    height, _, width = size.partition("x")
    return (int(height), int(width)) if height.isdecimal() and width.isdecimal() else None


def _share(file: str) -> list[str]:
    share = st.number_input(
        "Test images, % of each class",
        1,
        90,
        SHARE,
        key=f"import-share-{file}",
        help="Which they are is drawn once, for all races. A file that brings test images keeps those.",
    )
    return [] if share == SHARE else [f"--test-share={share / 100}"]


# ── how images are made ─────────────────────────────────────────────────────────────


def _preparation(source: Source, kind: "Kind", file: str) -> list[str]:
    """The choice between two ways of making images 28 × 28, both to be seen where that is quick."""
    from core.data.importing.preview import USUAL

    ways = list(PREPARATIONS)
    how = st.radio(
        "How to make the images 28 × 28",
        ways,
        index=ways.index(USUAL[kind]),
        format_func=PREPARATIONS.__getitem__,
        key=f"import-prepare-{file}",
    )
    try:
        shown = _looks(source, source.path.stat().st_mtime_ns)
    except (DatasetError, OSError) as error:
        st.warning(shell.plain(str(error)))
        shown = {}
    for way, look in shown.items():
        title = PREPARATIONS[way].partition(":")[0]
        if isinstance(look, str):
            st.caption(f"{title}: {shell.plain(look)}")
        else:
            mark = "chosen" if way == how else "the other way"
            show_mosaic(look, f"Some of the images, {title}", f"{title} ({mark})", wide=False)
    return [] if how == USUAL[kind] else [f"--prepare={how}"]


@st.cache_data(max_entries=4, show_spinner="Looking at the images …", hash_funcs={Source: repr})
def _looks(source: Source, changed_ns: int) -> "dict[Preparation, np.ndarray | str]":
    """For each way some images as one picture, or why they cannot be made so; nothing for arrays."""
    from core.data.importing.preview import preview  # brings OpenCV

    found = preview(source)
    if found is None:
        return {}
    half = -(-len(found.labels) // 2)  # in two rows, which fit a phone
    return {
        way: images if isinstance(images, str) else mosaic(np.resize(images, (2, half, 28, 28)))
        for way, images in found.images.items()
    }
