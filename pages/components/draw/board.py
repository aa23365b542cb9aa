"""The drawing, the way to what the models see, and what each of them reads."""

from dataclasses import replace

import numpy as np
import streamlit as st

from core.prediction.answers import Answer, Prediction
from pages.components.canvas.asking import ask, note_waiting
from pages.components.canvas.reading import STEP, Drawing, kept_steps
from pages.components.canvas.saved import SavedRun, SavedRuns
from pages.components.canvas.unlike import unlike_html
from pages.components.draw.cards import Card, cards_html, verdict_html
from pages.components.draw.hands import show_hands
from pages.components.draw.input import read_input, steps_html, subject_of
from pages.components.draw.truth import ask_truth
from pages.components.pictures import as_png
from pages.components.shell import style, text_beside

SLOT, MNIST_SLOT = "drawing", "drawing, by those that know MNIST alone"
STYLE = style(text_beside(__file__, "board.css"))
LEFT = 320  # pixels for the canvas and the other ways to bring a digit
STEPS = 88  # pixels of a step beside it
NOTHING_YET = np.zeros((1, 28, 28), np.uint8)


def board(saved: SavedRuns, chosen: list[str]) -> None:
    """The verdict above all; below it the drawing, its steps and the answers side by side.

    Args:
        saved: the runs that can be asked.
        chosen: those that are.
    """
    st.html(STYLE)
    asked = {run: saved.known[run] for run in chosen}
    subject = subject_of(asked)
    said = st.container()  # filled once the drawing below it was read
    with st.container(horizontal=True, gap="medium", key="draw-parts"):
        with st.container(width=LEFT, key="draw-input"):
            drawing, hint = read_input(subject)
        with st.container(width=STEPS, key="draw-steps"):
            if drawing:
                _show_steps(drawing)
        with st.container(width="stretch", key="draw-answers"):
            cards = answer_cards(SLOT, asked, drawing)
            unlike = unlike_html(drawing.images, len(asked)) if drawing and subject.digits else ""
            st.html(unlike + cards_html(cards))  # above the canvas it would push it down under a pen
            if drawing and subject.digits:
                ask_truth(drawing)
    with said:
        st.html(verdict_html(cards, hint, drawing.truth if drawing else ""))
    before = {run: first for run, first in saved.mnist_only.items() if run in asked}
    waiting = any(card.state == "waiting" for card in cards)
    if drawing and before:
        known = {run: saved.known[run] for run in before.values()}
        mnist_only = answer_cards(MNIST_SLOT, known, drawing)
        show_hands(mnist_only, [card for card in cards if card.run in before])
        waiting = waiting or any(card.state == "waiting" for card in mnist_only)
    note_waiting(SLOT, waiting)


def answer_cards(slot: str, asked: dict[str, SavedRun], drawing: Drawing | None) -> list[Card]:
    """What each of the runs says of the drawing, as far as it has answered by now."""
    key, images = (drawing.key, drawing.images) if drawing else ("nothing", NOTHING_YET)
    answers = ask(slot, key, list(asked), images)
    return [_card(run, asked[run], answer, drawing) for run, answer in answers.items()]


def _card(run: str, saved: SavedRun, answer: Answer | None, drawing: Drawing | None) -> Card:
    card = Card(saved.framework, run, saved.title, saved.note, class_names=saved.class_names)
    if answer is None:
        return replace(card, words="Loading the model …", state="waiting")
    if not isinstance(answer, Prediction):
        return replace(card, words=f"This model cannot answer: {answer.reason}", state="failed")
    if drawing is None:
        return replace(card, words="Ready")
    said, took = answer.probabilities, answer.milliseconds
    return replace(card, probabilities=said, milliseconds=took, truth=drawing.truth)


def _show_steps(drawing: Drawing) -> None:
    """How the drawing becomes the 28 × 28 pixels that the models see."""
    steps = kept_steps(drawing.key) or [("What the models see", as_png(drawing.images[0], STEP))]
    st.html(steps_html(steps, STEPS))
