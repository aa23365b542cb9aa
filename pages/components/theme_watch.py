"""Runs a page again when its reader switches between light and dark.

Streamlit paints a chart's own colours when it mounts it and leaves them when the theme changes; run again,
a page gives its charts other keys (`shell.key_in_theme`), and they are mounted anew. For which of the two the
page on the screen was painted, `data-painted` of the app's element says.
"""

import streamlit as st

from pages.components.shell import text_beside

_mount = st.components.v2.component("theme_watch", html="<i></i>", js=text_beside(__file__, "theme_watch.js"))


def watch_theme() -> None:
    """Stands on every page and shows nothing."""
    _mount(key="theme-watch", data={"painted": st.context.theme.type})
