"""What counts as a line of code, and where the lines of each exhibit are."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core import frameworks
from core.charts.colours import order
from core.lessons import code
from pages.components.shell import style, text_beside
from pages.components.silks import disc

STYLE = style(text_beside(__file__, "code_lines.css"))
TITLES = {code.HEAD: "imports, constants"}


def show_lines(chosen: Sequence[str]) -> None:
    """The table of effective lines by function; its sums are Compare's figure."""
    st.subheader("What counts as a line", anchor="lines")
    st.caption(
        "An effective line holds code: blank lines, comments and docstrings are free, so explaining costs "
        "nothing. A function's count has its helpers in it; what a file declares about its process "
        "(packages, environment) is left out. The sum is the figure on Compare."
    )
    st.html(STYLE + _table(order(frameworks.names()), chosen))


def _table(names: Sequence[str], chosen: Sequence[str]) -> str:
    counts = {name: code.read(name).effective_by_part() for name in names}
    heads = "".join(
        f'<th scope="col"{_mark(name, chosen)}>{disc(name)}<span>{escape(frameworks.title(name))}</span></th>'
        for name in names
    )
    rows = "".join(
        _row(TITLES.get(part, part), [counts[name][part] for name in names])
        for part in (code.HEAD, *code.CONTRACT)
    )
    total = _row("together", [sum(counts[name].values()) for name in names], "code-total")
    return (
        f'<div class="code-lines" tabindex="0" role="region" aria-label="Effective lines"><table>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}{total}</tbody></table></div>"
    )


def _mark(name: str, chosen: Sequence[str]) -> str:
    return ' class="code-chosen"' if name in chosen else ""


def _row(title: str, numbers: Sequence[int], kind: str = "") -> str:
    cells = "".join(f"<td>{number}</td>" for number in numbers)
    return f'<tr class="{kind}"><th scope="row">{escape(title)}</th>{cells}</tr>'
