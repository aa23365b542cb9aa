"""Draw: every model guesses your digit."""

import numpy as np
import streamlit as st

from core.charts.colours import colour as framework_colour
from core.data.catalogue import DIGIT_NAMES
from core.prediction.answers import Answer, Prediction
from pages.components import shell
from pages.components.draw import models
from pages.components.draw.cards import Card, cards_html, verdict_html
from pages.components.draw.families import choose_family
from pages.components.draw.input import STEP, Drawing, as_png, kept_steps, read_input, steps_html
from pages.components.draw.models import SavedRun
from pages.components.draw.own import show_own_digits
from pages.components.draw.truth import ask_truth
from pages.components.draw.unlike import unlike_html

LEFT = 336  # pixels for the canvas and the four ways to bring a digit
NOTHING_YET = np.zeros((1, 28, 28), np.uint8)


def card(run: str, saved: SavedRun, answer: Answer | None, drawn: bool) -> Card:
    known = (saved.framework, run, saved.title, saved.note)
    colour = framework_colour(saved.framework)
    if answer is None:
        return Card(*known, colour, words="Loading the model …", state="waiting")
    if not isinstance(answer, Prediction):
        return Card(*known, colour, words=f"This model cannot answer: {answer.reason}", state="failed")
    if not drawn:
        return Card(*known, colour, words="Ready")
    return Card(*known, colour, answer.probabilities, answer.milliseconds, class_names=saved.class_names)


def show_answers(asked: dict[str, SavedRun], drawing: Drawing | None, hint: str) -> None:
    """The verdict and the cards; comes again by itself while a model is still loading."""
    key, images = (drawing.key, drawing.images) if drawing else ("nothing", NOTHING_YET)
    answers = models.ask("drawing", key, list(asked), images)
    cards = [card(run, asked[run], answer, drawing is not None) for run, answer in answers.items()]
    digits = all(saved.class_names == DIGIT_NAMES for saved in asked.values())
    unlike = unlike_html(images, len(asked)) if drawing and digits else ""
    st.html(unlike + verdict_html(cards, hint) + cards_html(cards))
    models.note_waiting("drawing", answers)


def show_steps(drawing: Drawing) -> None:
    """How the drawing becomes the 28 × 28 pixels that the models see."""
    steps = kept_steps(drawing.key) or [("What the models see", as_png(drawing.images[0], STEP))]
    first = " (the first digit)" if len(drawing.images) > 1 else ""
    st.caption(f"From your picture to the 28 × 28 pixels that the models see{first}")
    # As HTML: a picture of its own would stay on the server for every drawing of the session.
    st.html(steps_html(steps))


@st.fragment
def board(asked: dict[str, SavedRun]) -> None:
    """The drawing on the left, what the models say on the right."""
    with st.container(horizontal=True, gap="medium"):
        left = st.container(width=LEFT)  # columns would shrink, and cut the canvas
        right = st.container(width="stretch")
    digits = all(saved.class_names == DIGIT_NAMES for saved in asked.values())
    with left:
        drawing, hint = read_input(digits)
    with right:
        st.fragment(show_answers, run_every=models.tick("drawing"))(asked, drawing, hint)
        if drawing:
            if digits:
                ask_truth(drawing)
            show_steps(drawing)


shell.heading("Draw", "What does each model read in your handwriting?")
available, default = models.available_runs()
if available:
    available, default, class_names = choose_family(available, default)
    chosen = models.choose_runs(available, default)
    board({run: available[run] for run in chosen})
    if class_names == DIGIT_NAMES:
        show_own_digits(chosen, available)
else:
    st.info("There is no trained model yet: train one, then come back and draw.")
    shell.page_link("train", "Train the first models")
