"""What every page shares: navigation, the heading, links, stylesheets, text from outside."""

import re
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError
from streamlit.runtime.pages_manager import PagesManager

PAGES = Path(__file__).parents[1]
ICON = Path(__file__).parent / "icon.svg"  # the browser would fetch a named one from the network
ORDER = ("start", "train", "tune", "compare", "draw", "learn")  # any other page follows by name
ICONS = {
    "start": ":material/flag:",
    "train": ":material/timer:",
    "tune": ":material/tune:",
    "compare": ":material/bar_chart:",
    "draw": ":material/draw:",
    "learn": ":material/school:",
    "data": ":material/dataset:",
}
OTHER_ICON = ":material/description:"


def text_beside(module: str, name: str) -> str:
    """The JavaScript or CSS file beside a component (its `__file__`), which reads it once, at import."""
    return Path(module).with_name(name).read_text(encoding="utf-8")


def style(css: str) -> str:
    """A stylesheet as HTML for `st.html`; in it, `--grey` is the colour of quiet text."""
    return f"<style>\n:root {{ --grey: var(--soft); }}\n{css}</style>"


LOOK = style(text_beside(__file__, "look.css"))


def page_names() -> list[str]:
    """The pages that exist, in the order in which they are shown."""
    found = {path.stem for path in PAGES.glob("[!_.]*.py")}
    return [name for name in ORDER if name in found] + sorted(found - set(ORDER))


def navigation_pages() -> list:
    """One entry of the navigation for every file in `pages/`, and `/start`, which leads to `/`."""
    shown = [
        st.Page(
            PAGES / f"{name}.py",
            title=name.replace("_", " ").capitalize(),
            url_path="home" if name == "start" else name,  # a default page is found at "/" alone
            default=name == "start",
        )
        for name in page_names()
    ]
    to_start = st.Page(lambda: st.switch_page(shown[0]), title="Start", url_path="start", visibility="hidden")
    return [*shown, to_start]


def frame(pages: list, shown: st.Page) -> None:
    """What is around every page: its look, the brand, and the pages once more at the lower edge.

    They are seen there in narrow windows, where Streamlit hides its own navigation.

    Args:
        pages: of `navigation_pages`.
        shown: the one that is shown; it is marked and leads nowhere.
    """
    st.html(LOOK)
    st.logo(ICON, size="large")
    with st.container(horizontal=True, key="bottom-bar"):
        for name, page in zip(page_names(), pages, strict=False):
            icon = ICONS.get(name, OTHER_ICON)
            if page.url_path == shown.url_path:
                st.html(_current(page.title, icon))
            else:
                st.page_link(page, icon=icon)


def _current(title: str, icon: str) -> str:
    symbol = icon.strip(":").removeprefix("material/")  # a ligature of the frontend's icon font
    icon_html = f'<span class="symbol" aria-hidden="true" translate="no">{symbol}</span>'
    return f'<span class="current" aria-current="page">{icon_html}{escape(title)}</span>'


def heading(title: str, question: str) -> None:
    """Opens a page: its title and, in a line, the question that it answers."""
    _route()
    st.set_page_config(page_title=f"{title} – Digit Derby", page_icon=ICON, layout="wide")
    st.title(title, anchor=False)
    st.caption(question)


def _route() -> None:
    # The first request to a fresh server may run a page's file without app.py (and so without the
    # navigation). Naming the pages once makes Streamlit go through app.py from then on.
    if PagesManager.uses_pages_directory:
        st.navigation(navigation_pages(), position="top")
        st.rerun()


def page_link(name: str, label: str, /, **query: str) -> None:
    """A link to another page, or nothing while that page does not exist."""
    try:
        st.page_link(f"pages/{name}.py", label=label, icon=ICONS.get(name), query_params=query or None)
    except StreamlitPageNotFoundError:
        return  # not there, or this page was opened without app.py


def go_to(name: str, /, **query: str) -> None:
    """Leaves for another page."""
    st.switch_page(f"pages/{name}.py", query_params=query)


def key_in_theme(key: str) -> str:
    """A chart's key, another in light than in dark: so it is painted anew when the theme changes."""
    return f"{key}-{st.context.theme.type}"


def as_command(command: str) -> None:
    """A button that shows the command line for what the page does.

    The frontend's code block brings a highlighter of 1.5 MB for every language; only who asks waits for it.
    """
    asked = st.popover("As a command", icon=":material/terminal:", key="as-command", on_change="rerun")
    if asked.open:
        asked.caption("In a terminal, in this project's folder:")
        asked.code(command, language="bash", wrap_lines=True)


def plain(text: str) -> str:
    """Names, addresses and file contents from outside as Markdown that shows them letter by letter."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)  # all the punctuation of ASCII
