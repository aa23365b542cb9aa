"""Silks on the pages: a disc with a framework's number, and its colour for stylesheets."""

from html import escape

from core import frameworks
from core.charts.colours import silk
from pages.components.shell import text_beside

STYLE = text_beside(__file__, "silks.css")


def silk_css(names: list[str] | None = None) -> str:
    """`--silk-<framework>` in every element, light or dark as the page is, and the discs' looks.

    Goes with a page's other styles into one `st.html`.
    """
    colours = "".join(
        f"--silk-{name}: light-dark({silk(name).light}, {silk(name).dark});"
        for name in names or frameworks.names()
    )
    return f'[data-testid="stApp"] {{ {colours} }}\n{STYLE}'


def disc(framework: str) -> str:
    """A round plate with the framework's number in its colour, as HTML; its name stands beside it."""
    worn = silk(framework)
    paint = f"--silk: var(--silk-{escape(framework)}, light-dark({worn.light}, {worn.dark}))"
    return f'<span class="disc" style="{paint}" aria-hidden="true">{worn.number}</span>'
