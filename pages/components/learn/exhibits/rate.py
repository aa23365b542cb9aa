"""A tiny network that trains in front of the visitor: learning rate, batch, few digits or all."""

from time import perf_counter

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.lessons.answers import softmax
from core.lessons.tiny import ALL, FEW, GUESSING, Curve, TinySettings, logits, train_tiny
from core.words import confidence, percent
from pages.components.learn.curve import Line, curve_html
from pages.components.learn.digit import Subject, chosen_digit
from pages.components.learn.layout import two
from pages.components.shared import Kept

RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0)
BATCHES = (4, 32, 128)
REDRAW = 0.08  # seconds between two pictures of a curve that grows
KEPT_BYTES = 8 * 2**20
WORDS = {"crawls": "It crawls.", "learns": "It learns.", "explodes": "It explodes."}


def show() -> None:
    """Three controls; each change trains anew, and the curves grow meanwhile."""
    digit = chosen_digit()
    asked, shown = two()
    with asked:
        rate = st.select_slider("Learning rate", RATES, value=1e-3, format_func=_rate, key="learn-rate")
        batch = st.segmented_control(
            "Digits in a batch", BATCHES, default=32, required=True, key="learn-batch"
        )
        digits = st.segmented_control(
            "Digits to learn from", [FEW, ALL], default=ALL, required=True, format_func=lambda n: f"{n:,}",
            key="learn-digits",
        )  # fmt: skip
    with shown:
        curve = _watch(TinySettings(rate, batch, digits), st.empty())
    with asked:
        st.markdown(_reading(curve, digit))


def _rate(rate: float) -> str:
    return f"{rate:g}" if rate >= 1e-3 else f"{rate:.5f}"


def _watch(settings: TinySettings, place: DeltaGenerator) -> Curve:
    """Trains while the curves grow; what was trained with these settings before is shown at once."""
    drawn = perf_counter()

    def report(curve: Curve) -> None:
        nonlocal drawn
        if perf_counter() - drawn > REDRAW:
            drawn = perf_counter()
            place.html(curves_html(settings, curve, over=False))

    curve = _trained().get(settings, lambda: train_tiny(settings, report), _size)
    place.html(curves_html(settings, curve, over=True))
    return curve


def _reading(curve: Curve, digit: Subject) -> str:
    """What the network, now that it is trained, makes of the visitor's digit."""
    with np.errstate(all="ignore"):  # after an explosion
        last = logits(digit.image, curve.network)
    if not np.isfinite(last).all():
        return "Of your digit it makes **no number** any more."
    return f"Your digit it now reads as a **{last.argmax()}**, {confidence(softmax(last).max())} sure."


@st.cache_resource(max_entries=1, show_spinner=False)
def _trained() -> Kept[Curve]:
    """The curves of the last settings that anybody tried: each training is the same every time."""
    return Kept(KEPT_BYTES)


def _size(curve: Curve) -> int:
    weights = sum(array.nbytes for array in curve.network.weights) if curve.network else 0
    return weights + 32 * len(curve.losses) + 120 * len(curve.epochs)  # Python's numbers in lists, about


def curves_html(settings: TinySettings, curve: Curve, over: bool) -> str:
    """What happens in a sentence, the loss of every step, both accuracies of every epoch."""
    said = _said(settings, curve) if over else f"Step {len(curve.losses)} …"
    state = curve.verdict if over else "trains"
    head = f'<p class="learn-sum condensed" role="status" data-state="{state}">{said}</p>'
    return head + _losses(settings, curve) + _accuracies(settings, curve)


def _said(settings: TinySettings, curve: Curve) -> str:
    _, on_train, on_test = curve.epochs[-1]
    told = f"{WORDS[curve.verdict]} {percent(on_test, 0)} of the 300 test digits are right"
    if curve.verdict == "explodes":
        told += f"; the loss rose to {max(curve.losses):,.0f}" if max(curve.losses) < 1e9 else ""
    elif on_train - on_test > 0.1:
        told += f", but {percent(on_train, 0)} of the {settings.digits:,} that it learned from"
    return f"{told}. <small>{len(curve.losses)} steps in {curve.seconds:.1f} s</small>"


def _losses(settings: TinySettings, curve: Curve) -> str:
    steps = settings.steps
    top = max(3.0, *(loss for loss in curve.losses if loss < float("inf"))) if curve.losses else 3.0
    lines = [
        Line(list(enumerate(curve.losses, 1)), "var(--turf)", "loss in training"),
        Line([(0, GUESSING), (steps, GUESSING)], "var(--soft)", "guessing: 2.30", dash="8 6"),
    ]
    said = f"Loss by step, now {curve.losses[-1]:.2f}" if curve.losses else "No step yet"
    return curve_html(
        lines, (0, steps), (0, top), (f"steps, 0 to {steps}", "loss"), ("0", f"{top:,.0f}"), said
    )


def _accuracies(settings: TinySettings, curve: Curve) -> str:
    trained = [(step, on_train) for step, on_train, _ in curve.epochs]
    tested = [(step, on_test) for step, _, on_test in curve.epochs]
    lines = [
        Line(trained, "var(--soft)", f"right of the {settings.digits:,} training digits", dash="8 6"),
        Line(tested, "var(--turf)", "right of the 300 test digits"),
    ]
    said = "No epoch yet"
    if curve.epochs:
        said = f"Right: {percent(trained[-1][1])} in training, {percent(tested[-1][1])} of the test digits"
    titles = (f"steps, 0 to {settings.steps}", "right")
    return curve_html(lines, (0, settings.steps), (0, 1), titles, ("0 %", "100 %"), said)
