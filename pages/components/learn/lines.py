"""The lines of the five exhibits that do what the station is about."""

from html import escape

import streamlit as st

from core import frameworks
from core.charts.colours import order
from core.lessons.source_lines import excerpts
from pages.components.learn.code_view import MOST
from pages.components.shell import page_link
from pages.components.silks import disc


def show_lines(station: str) -> None:
    """One line or a few for each framework, as they stand in its file."""
    found = {excerpt.framework: excerpt for excerpt in excerpts(station)}
    rows = "".join(
        f"<li>{disc(name)}<div><b>{escape(frameworks.title(name))}</b>"
        f"<small>{name}.py, line {found[name].first}</small>"
        f"<pre><code>{escape(found[name].code)}</code></pre></div></li>"
        for name in order(list(found))
    )
    st.html(f'<h2 class="learn-h2">The real lines</h2><ul class="real-lines">{rows}</ul>')
    page_link("learn", "Code, side by side", code=",".join(order(list(found))[:MOST]))
