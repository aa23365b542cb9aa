"""A question to answer before the answer is told."""

from html import escape

import streamlit as st

from core.lessons.stations import Station
from pages.components.learn.words import with_terms
from pages.components.shell import plain


def ask(station: Station) -> bool:
    """Shows the question, and once something is chosen the answer; returns whether it was."""
    question = station.question
    said = st.radio(
        plain(question.words),
        range(len(question.choices)),
        index=None,
        format_func=lambda place: plain(question.choices[place]),
        key=f"learn-answer-{station.name}",
    )
    if said is None:
        return False
    right = said == question.right
    verdict = "Right." if right else f"Not quite: {question.choices[question.right]}."
    st.html(
        f'<div class="reveal" role="status" data-right="{right}"><b>{escape(verdict)}</b> '
        f"{with_terms(question.why)}</div>"
    )
    return True
