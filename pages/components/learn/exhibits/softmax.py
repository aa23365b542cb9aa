"""The ten logits of the digit, one of which is pushed, and their probabilities."""

import streamlit as st

from core.lessons.answers import pushed, softmax
from core.lessons.tiny import logits
from pages.components.learn.bars import bars_html
from pages.components.learn.digit import chosen_digit
from pages.components.learn.layout import two


def show() -> None:
    """Sliders for one logit and for the temperature; a row for each digit."""
    digit = chosen_digit()
    asked, shown = two()
    with asked:
        place = st.pills(
            "Push the logit of …", range(10), default=3, required=True, wrap=True, key="learn-pushed"
        )
        by = st.slider("By", -10.0, 10.0, 0.0, 0.5, key="learn-push")
        temperature = st.slider("Temperature: divide all logits by", 0.2, 5.0, 1.0, 0.2, key="learn-heat")
        st.caption("The network was trained on the built-in digits when the first visitor came here.")
    numbers = pushed(logits(digit.image), place, by)
    with shown:
        st.html(bars_html(numbers, softmax(numbers, temperature), place))
