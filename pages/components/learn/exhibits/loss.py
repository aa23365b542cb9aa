"""The loss of the network's answer, on the curve −ln(p)."""

import numpy as np
import streamlit as st

from core.lessons.answers import loss, pushed, softmax
from core.lessons.tiny import GUESSING, logits
from core.words import confidence
from pages.components.learn.curve import Line, curve_html
from pages.components.learn.digit import chosen_digit
from pages.components.learn.layout import two

TOP = 6.0  # of the loss that is drawn: a probability of a quarter of one per cent


def show() -> None:
    """Which digit is right, how sure the network is of it, what that costs."""
    digit = chosen_digit()
    answer = logits(digit.image)
    asked, shown = two()
    with asked:
        likely = digit.label if digit.label is not None else int(answer.argmax())
        right = st.pills(
            "The right digit is",
            range(10),
            default=likely,
            required=True,
            wrap=True,
            key=f"learn-right-{likely}",
        )
        by = st.slider("Less sure ↔ surer of it", -10.0, 10.0, 0.0, 0.5, key="learn-surer")
    numbers = pushed(answer, right, by)
    probability, cost = float(softmax(numbers)[right]), loss(numbers, right)
    with shown:
        st.html(
            f'<p class="learn-sum condensed figures">{confidence(probability)} for the {right}: '
            f"loss {cost:.3f}</p>{_curve(probability, cost)}"
        )


def _curve(probability: float, cost: float) -> str:
    shares = np.geomspace(np.exp(-TOP), 1, 120)
    lines = [
        Line(list(zip(shares, -np.log(shares), strict=True)), "var(--turf)", "loss = −ln(probability)"),
        Line([(0, GUESSING), (1, GUESSING)], "var(--soft)", f"guessing: {GUESSING:.2f}", dash="8 6"),
    ]
    said = f"The curve of minus the logarithm; this answer lies at {confidence(probability)}, loss {cost:.2f}"
    titles = ("probability of the right digit, 0 to 100 %", "loss")
    return curve_html(lines, (0, 1), (0, TOP), titles, ("0", f"{TOP:g}"), said, (probability, cost))
