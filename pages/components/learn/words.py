"""The station's words: terms of the glossary that explain themselves by pointer, focus or tap."""

import re
from html import escape

from core.lessons.stations import Station, glossary

TERM = re.compile(r"\[([^\]]+)\]")


def opening_html(station: Station) -> str:
    """What stands before the first thing to touch."""
    return f'<p class="opening">{with_terms(station.opening)}</p>'


def with_terms(text: str) -> str:
    """The text as HTML; each [term] opens its meaning when it is pointed at, focused or tapped."""
    return TERM.sub(lambda found: _term(found[1]), escape(text, quote=False))


def _term(term: str) -> str:
    return (
        f'<button type="button" class="term">{term}'
        f'<span class="term-meaning">: {escape(glossary()[term.lower()])}</span></button>'
    )


def terms_html(station: Station) -> str:
    """The terms of the opening with their meanings, as a list: on a projector nobody points at anything."""
    entries = "".join(
        f"<dt>{escape(term)}</dt><dd>{escape(glossary()[term.lower()])}</dd>"
        for term in TERM.findall(station.opening)
    )
    return f'<dl class="terms">{entries}</dl>'
