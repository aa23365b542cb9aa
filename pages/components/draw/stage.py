"""Draw for a projector: a canvas, what is read as large as the screen lets it, three bars.

The arrow keys turn from the canvas to digits of the test set, and back.
"""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from core.charts.colours import order
from core.data.catalogue import DIGIT_NAMES
from core.words import confidence, number_word
from pages.components import present
from pages.components.canvas.asking import note_waiting, tick
from pages.components.canvas.pad import pad
from pages.components.canvas.reading import Drawing, read_drawing
from pages.components.canvas.saved import SavedRun
from pages.components.canvas.unlike import NOT_RIGHT, ORDINALS, unlike_sentence
from pages.components.canvas.verdict import verdict
from pages.components.draw.board import SLOT, answer_cards
from pages.components.draw.cards import Card, average
from pages.components.draw.input import CANVAS, TEST_IMAGES, Subject, subject_of, test_image
from pages.components.pictures import as_address, as_png
from pages.components.shell import style, text_beside
from pages.components.silks import disc, silk_css

TEST_DIGITS = 50  # that can be turned to: more than a lesson needs
BARS = 3
SILENT = {"waiting": "is loading", "failed": "cannot answer"}
_STYLE = style(silk_css() + text_beside(__file__, "stage.css"))


def show_on_stage(asked: dict[str, SavedRun]) -> None:
    """The canvas and what these runs read of it; then, a screen each, digits of the test set."""
    with present.stage("draw", 1 + TEST_DIGITS, _where) as screen:
        st.html(_STYLE)
        st.fragment(_board, run_every=tick(SLOT))(asked, screen)


def _where(screen: int) -> str:
    return "Test digits" if screen == 1 else f"Test digit {screen - 1} of {TEST_DIGITS}"


def _board(asked: dict[str, SavedRun], screen: int) -> None:
    subject = subject_of(asked)
    with st.container(horizontal=True, key="draw-stage"):
        with st.container(key="stage-drawing"):
            if screen == 1:
                drawing, hint = read_drawing(pad(CANVAS), subject.words, subject.way)
            else:
                drawing, hint = _shown_digit(subject, screen - 1), ""
        with st.container(key="stage-reading"):
            cards = answer_cards(SLOT, asked, drawing)
            st.html(reading_html(cards, hint, drawing.images if drawing else None))
    note_waiting(SLOT, any(card.state == "waiting" for card in cards))


def _shown_digit(subject: Subject, number: int) -> Drawing:
    """A test digit by its place, from 1: the same for everybody, so that a lesson can be prepared."""
    drawing, caption, _ = test_image(subject, int(np.random.default_rng(number).integers(TEST_IMAGES)))
    image = drawing.images[0]
    st.html(
        f'<figure class="stage-digit"><img src="{as_address(as_png(image, len(image)))}" '
        f'alt=""><figcaption>{escape(caption)}</figcaption></figure>'
    )
    return drawing


# ── what is read, as HTML ───────────────────────────────────────────────────────────


def reading_html(cards: list[Card], hint: str, images: np.ndarray | None) -> str:
    """What is read, in very big type: the digits, who reads them, and how likely the likeliest three are.

    Args:
        cards: of `board.answer_cards`.
        hint: what to do first, where nothing was drawn.
        images: (N, 28, 28) uint8, what was drawn, or None.
    """
    together = average(cards)
    if together is None or together.probabilities is None or images is None:
        return _top("", hint or "The models are loading", _runners(cards, ""), "none")
    unlike = unlike_sentence(images, len(cards)) if together.class_names == DIGIT_NAMES else ""
    said = verdict(card.reading for card in cards)
    more = (f"<p>{NOT_RIGHT}</p>" if unlike else "") + _runners(cards, together.reading)
    answered = sum(card.probabilities is not None for card in cards)
    bars = _bars(together.probabilities, together.class_names, answered)
    return _top(together.reading, unlike or said.sentence, more, said.state) + bars


def _top(reading: str, said: str, more: str, state: str) -> str:
    many = " stage-many" if len(reading) > 1 else ""
    giant = f'<div class="stage-read condensed" aria-hidden="true">{escape(reading)}</div>' if reading else ""
    return (
        f'<div class="stage-top{many}" style="--letters:{len(reading)}" data-testid="stage-verdict" '
        f'data-state="{state}" data-reading="{escape(reading)}">{giant}<div class="stage-said">'
        f'<h2 class="condensed" role="status">{escape(said)}</h2>{more}</div></div>'
    )


def _runners(cards: Sequence[Card], reading: str) -> str:
    """Every framework that is asked, with what its models say where that is not this reading."""
    lines = []
    for framework in order(list({card.framework for card in cards})):
        asked = [card for card in cards if card.framework == framework]
        others = ", ".join(dict.fromkeys(filter(None, (_other(card, reading) for card in asked))))
        said = f" <span>{others}</span>" if others else ""
        agrees = "" if others else " data-agrees"
        lines.append(f"<li{agrees}>{disc(framework)}<b>{escape(asked[0].title)}</b>{said}</li>")
    return f'<ul class="stage-runners">{"".join(lines)}</ul>'


def _other(card: Card, reading: str) -> str:
    if card.reading:
        return "" if card.reading == reading else f"reads {escape(card.reading)}"
    return SILENT.get(card.state, "")


def _bars(probabilities: np.ndarray, names: tuple[str, ...], models: int) -> str:
    """The likeliest digits; of several that were drawn, at the place where the models are least sure."""
    place = int(probabilities.max(axis=1).argmin())
    shares = probabilities[place]
    said = "Most likely"
    if len(probabilities) > 1:
        said = f"Least sure is the {ORDINALS[place]} of {number_word(len(probabilities))}. Most likely there"
    if models > 1:
        said += f", averaged over {number_word(models)} models"
    bars = "".join(
        f'<li><b class="condensed">{escape(names[likely])}</b><i aria-hidden="true">'
        f'<u style="width:{100 * shares[likely]:.1f}%"></u></i>'
        f'<span class="figures">{confidence(shares[likely])}</span></li>'
        for likely in np.argsort(-shares, kind="stable")[:BARS]
    )
    return f'<p class="stage-how">{said}:</p><ol class="stage-bars">{bars}</ol>'
