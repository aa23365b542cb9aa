"""All stations: what each asks, and which ones this browser remembers as done."""

from html import escape

import streamlit as st

from core.lessons.stations import Station, stations
from core.words import counted
from pages.components import shell
from pages.components.learn import code_view
from pages.components.learn.progress import progress
from pages.components.shell import style, text_beside

STYLE = style(text_beside(__file__, "learn.css"))


def show_overview(unknown: str | None) -> None:
    """A card for each station.

    Args:
        unknown: a station in the address that there is not.
    """
    shell.heading("Learn", "How does a network learn to read? Eight stations on your own digit.")
    st.html(STYLE)
    if unknown is not None:
        st.warning(f"There is no station “{shell.plain(unknown)}”. These are all:")
    heading = st.container(horizontal=True, vertical_alignment="center", key="learn-done")
    with heading:
        forget = bool(st.session_state.get("learn-forget"))
    done = progress(forget=forget)
    with st.container(key="learn-stations"):
        for number, station in enumerate(stations().values(), 1):
            _card(number, station, station.name in done)
        _code_card()
    with heading:
        minutes = sum(station.lesson.minutes for station in stations().values())
        told = (
            f"{len(done)} of {counted(len(stations()), 'station')} done"
            if done
            else f"About {minutes} minutes"
        )
        st.markdown(f"**{told}.** Only this browser remembers it.", width="content")
        if done:
            st.button("Start over", key="learn-forget")


def _code_card() -> None:
    with st.container(border=True, key="learn-card-code"):
        st.html(
            '<p class="learn-number condensed">1 – 5</p>'
            '<p class="learn-tagline">How does each framework say the same step?</p>'
        )
        shell.page_link("learn", "Code, side by side", code=",".join(code_view.USUAL))


def _card(number: int, station: Station, done: bool) -> None:
    with st.container(border=True, key=f"learn-card-{station.name}"):
        mark = '<span class="learn-tick">✓ done</span>' if done else ""
        st.html(
            f'<p class="learn-number condensed">{number}{mark}</p>'
            f'<p class="learn-tagline">{escape(station.tagline)}</p>'
        )
        shell.page_link("learn", station.title, station=station.name)
