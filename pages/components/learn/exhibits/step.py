"""Steps of learning on one digit: the loss, the gradients from back to front, one of them as a picture."""

import streamlit as st

from core.lessons.step import MOST, RATE, Step, steps
from core.words import confidence
from pages.components.learn.curve import Line, curve_html
from pages.components.learn.digit import chosen_digit
from pages.components.learn.layout import three
from pages.components.learn.matrix import map_html, side_by_side

DONE = "learn-steps"


def show() -> None:
    """A slider for the number of steps, and what the network finds then."""
    digit = chosen_digit()
    asked, shown, beside = three()
    with asked:
        known = digit.label if digit.label is not None else 0
        right = st.pills(
            "It should answer", range(10), default=known, required=True, wrap=True, key=f"learn-label-{known}"
        )
        st.button("One step", type="primary", icon=":material/step:", key="learn-one-step", on_click=_forward)
        done = st.slider("Steps done", 0, MOST, 0, key=DONE)
    found = steps(digit.image, right)
    now = found[done]
    with shown:
        st.html(
            f'<p class="learn-sum condensed figures">{confidence(float(now.probabilities[right]))} for the '
            f"{right}: loss {now.loss:.3f}</p>{_way(now)}{_curve(found, done)}"
        )
    with beside:
        st.html(side_by_side(_picture(now)))


def _forward() -> None:
    st.session_state[DONE] = min(st.session_state.get(DONE, 0) + 1, MOST)


def _way(now: Step) -> str:
    """The four parts of the next step, in the order in which they are done."""
    parts = [
        ("Forward", "784 pixels → 16 hidden numbers → 10 probabilities"),
        ("Loss", f"{now.loss:.3f}"),
        (
            "Backward",
            f"last layer: gradient of length {now.sizes[1]:.2f}, then first layer: {now.sizes[0]:.2f}",
        ),
        ("Step", f"each weight − {RATE:g} × its gradient"),
    ]
    rows = "".join(f"<li><b>{name}</b> {what}</li>" for name, what in parts)
    return f'<ol class="learn-way figures">{rows}</ol>'


def _curve(found: list[Step], done: int) -> str:
    losses = [step.loss for step in found]
    top = max(losses)
    line = Line(list(enumerate(losses)), "var(--turf)", "loss on this digit")
    said = f"The loss falls from {losses[0]:.2f} to {losses[-1]:.2f} in {MOST} steps; now {losses[done]:.2f}"
    titles = (f"steps, 0 to {MOST}", "loss")
    return curve_html([line], (0, MOST), (0, top), titles, ("0", f"{top:.1f}"), said, (done, losses[done]))


def _picture(now: Step) -> str:
    caption = (
        f"Gradient of the weights into hidden number {now.unit + 1}, a pixel each. "
        "Blue: more weight, less loss; orange: more weight, more loss"
    )
    alt = "The digit again: only weights behind ink have a gradient, in orange or blue"
    return map_html(now.picture, caption, alt, signed=True)
