"""Whose hands a dataset shows, and whom it thanks."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.data.catalogue import DATASETS
from support.strokes import plain_file, uci_file, write


def gallery(dataset: str) -> None:
    from pages.components.data.samples import writers_gallery

    writers_gallery(dataset)


def preview(dataset: str) -> None:
    from pages.components.data.samples import augmentation_preview

    augmentation_preview(dataset)


@pytest.fixture
def pens(tmp_path, monkeypatch):
    """A data folder with small files of strokes."""
    st.cache_resource.clear()  # of another folder's writers
    text = uci_file(7)
    write(tmp_path / "pen-digits" / "pendigits-orig.tra", text)
    write(tmp_path / "pen-unipen" / "digits.txt", plain_file(["syn/4"]))
    content = text.encode("latin-1")
    known = replace(DATASETS["pen"].files[0], size=len(content), md5=hashlib.md5(content).hexdigest())
    monkeypatch.setitem(DATASETS, "pen", replace(DATASETS["pen"], files=(known,)))
    monkeypatch.setenv("DIGIT_DERBY_DATA", str(tmp_path))


def shown(dataset: str, part: Callable[[str], None] = gallery) -> tuple[list[str], str]:
    page = AppTest.from_function(part, args=(dataset,), default_timeout=60).run()
    assert not page.exception
    pictures = [element.proto.body for element in page.get("html") if "<img" in element.proto.body]
    return pictures, " ".join(caption.value for caption in page.caption)


def test_pen_strokes_are_shown_by_writer_with_thanks_to_their_makers(pens):
    pictures, thanks = shown("pen")
    assert len(pictures) == 1
    assert "pen-digits/1, syn/4" in pictures[0]  # a writer of each laboratory first
    assert "Alpaydin" in thanks
    assert "UNIPEN" in thanks


def test_augmentation_is_previewed_on_a_few_writers_without_drawing_everybody(pens, tmp_path):
    pictures, said = shown("pen", preview)
    assert len(pictures) == 1
    assert "the same turned and shifted a little" in pictures[0]
    assert not said
    assert not (tmp_path / "pen-rendered").exists()


def test_without_the_files_only_the_makers_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_DATA", str(tmp_path))
    pictures, thanks = shown("mnist-pen")
    assert not pictures
    assert "LeCun" in thanks
