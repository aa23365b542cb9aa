"""Who follows a link to one of Compare's tabs sees it, though it lies far below the page's first screen."""

import streamlit as st

from pages.components.shell import text_beside

_mount = st.components.v2.component("arrival", html="<i></i>", js=text_beside(__file__, "arrival.js"))


def show_named_tab() -> None:
    """To be called before whatever may end the run of the page: it counts once each time that is opened."""
    _mount(key="arrival")
