"""Whose hands a model learned from: the same drawing, read before and after meeting many people's pens."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.words import confidence
from pages.components import shell
from pages.components.canvas.verdict import Verdict, verdict
from pages.components.draw.cards import Card, average
from pages.components.shell import style, text_beside

STYLE = style(text_beside(__file__, "hands.css"))
TRY = "Try a 1 with an upstroke, a 0 with a slash, a 7 with a bar or a 9 with a hook."


def show_hands(mnist_only: Sequence[Card], many_hands: Sequence[Card]) -> None:
    """Both answers to one drawing, why they may differ, and the way to the handwriting itself.

    Args:
        mnist_only: the answers of runs that learned from MNIST alone.
        many_hands: those of the same frameworks' runs that learned from many people's pens too.
    """
    before, after = (verdict(card.reading for card in cards) for cards in (mnist_only, many_hands))
    if "none" in (before.state, after.state):
        return
    columns = _column("Trained on American digits of 1990", before, mnist_only)
    columns += _column("… and on a hundred people’s pens", after, many_hands)
    with st.container(key="draw-hands"):
        st.html(
            f'{STYLE}<section class="hands" aria-label="Whose handwriting the models learned from">'
            f'<div class="hands-both">{columns}</div><p>{_why(before, after)}</p></section>'
        )
        shell.page_link("data", "See whose hands they learned from", dataset="mnist-pen")


def _column(title: str, said: Verdict, cards: Sequence[Card]) -> str:
    together = average(list(cards))
    sure = f" On average {confidence(together.sure)} sure." if together else ""
    return (
        f'<div data-reading="{escape(said.reading)}"><h2>{title}</h2>'
        f'<b class="condensed">{escape(said.reading)}</b><span>{escape(said.sentence)}{sure}</span></div>'
    )


def _why(before: Verdict, after: Verdict) -> str:
    if before.reading == after.reading and before.state == after.state == "agree":
        return f"Here they agree. {TRY}"
    return (
        "People write differently elsewhere, and a model is sure of its answer all the same: "
        "it can only know the hands that it has seen. The field calls this <dfn>domain shift</dfn>."
    )
