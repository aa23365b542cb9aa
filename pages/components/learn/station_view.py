"""A station: its words, what there is to move, a question, the real lines, a fold for teachers."""

from html import escape
from types import ModuleType

import streamlit as st

from core.lessons.stations import Station, stations
from pages.components import present, shell
from pages.components.learn.exhibits import convolution, loss, numbers, pooling, rate, relu, softmax, step
from pages.components.learn.lines import show_lines
from pages.components.learn.progress import progress
from pages.components.learn.question import ask
from pages.components.learn.teachers import for_teachers
from pages.components.learn.words import opening_html, terms_html
from pages.components.shell import style, text_beside
from pages.components.silks import silk_css

STYLE = style(silk_css() + text_beside(__file__, "learn.css"))
EXHIBITS: dict[str, ModuleType] = {
    "numbers": numbers,
    "convolution": convolution,
    "relu": relu,
    "pooling": pooling,
    "softmax": softmax,
    "loss": loss,
    "step": step,
    "rate": rate,
}


def show_station(station: Station) -> None:
    """The whole page of a station, or what a projector shows of it."""
    with present.backstage():
        shell.heading(station.title, station.tagline)
    if present.presenting():
        with present.stage(f"learn-{station.name}"):
            _on_stage(station)
        return
    st.html(STYLE + opening_html(station))
    with st.container(key="learn-exhibit"):
        st.fragment(_exhibit)(station, on_stage=False)
    question, lines = st.columns(2, gap="large")
    with question:
        st.html('<h2 class="learn-h2">Think first</h2>')
        with st.container(key="learn-question"):
            answered = ask(station)
        _way_on(station)
    with lines:
        show_lines(station.name)
    for_teachers(station)
    progress(done=station.name if answered else None)


def _exhibit(station: Station, on_stage: bool) -> None:
    if present.presenting() != on_stage:
        st.rerun()  # the whole page: Escape came in mid-move, and only this part would be drawn anew
    EXHIBITS[station.name].show()


def _on_stage(station: Station) -> None:
    """Large type, the terms' meanings written out, nothing that gives the answers away."""
    st.html(f'{STYLE}<h2 class="condensed">{escape(station.title)}</h2>{opening_html(station)}')
    with st.container(key="learn-exhibit"):
        st.fragment(_exhibit)(station, on_stage=True)
    with st.container(key="learn-question"):
        ask(station)
    st.html(terms_html(station))
    show_lines(station.name)
    _way_on(station, present="1")


def _way_on(station: Station, **query: str) -> None:
    """Links to the stations before and after, and to all."""
    known = list(stations().values())
    place = known.index(station)
    with st.container(horizontal=True, key="learn-way-on"):
        if not query:
            present.present_button()
        if place > 0:
            before = known[place - 1]
            shell.page_link("learn", f"← {before.title}", station=before.name, **query)
        if place + 1 < len(known):
            after = known[place + 1]
            shell.page_link("learn", f"{after.title} →", station=after.name, **query)
        shell.page_link("learn", "All stations", **query)
