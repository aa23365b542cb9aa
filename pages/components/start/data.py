"""The pictures that the networks learn from, small."""

from html import escape

import numpy as np
import streamlit as st

from core.data.catalogue import DatasetError
from pages.components.data.samples import available_dataset, look_at, mosaic
from pages.components.pictures import as_address, as_png
from pages.components.shell import style, text_beside

STYLE = style(text_beside(__file__, "data.css"))
ROWS = 2


def show_data() -> None:
    """A strip of digits, and how many there are."""
    try:
        look = look_at(available_dataset())
    except DatasetError as error:
        st.error(str(error))
        return
    strip = mosaic(look.samples[:, :ROWS].swapaxes(0, 1))
    train, test = int(look.train_counts.sum()), int(look.test_counts.sum())
    words = f"{train:,} handwritten pictures to learn from and {test:,} to be tested on, 28 × 28 pixels each."
    st.html(
        f'{STYLE}<figure class="data-strip" data-testid="data"><img src="{_address(strip)}" '
        f'alt="The digits from 0 to 9, each in {ROWS} hands"><figcaption><b>The data: '
        f"{escape(look.title)}</b> {words}</figcaption></figure>"
    )


def _address(picture: np.ndarray) -> str:
    return as_address(as_png(picture, max(picture.shape)))
