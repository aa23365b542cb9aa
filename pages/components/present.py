"""One thing on the screen, large enough for the last row: a page with `?present=1`.

A page puts its heading `backstage`, and what it shows into `stage`:

    with present.backstage():
        shell.heading(…)
    if present.presenting():
        with present.stage("findings", screens=4) as screen: …
        st.stop()
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import streamlit as st

from pages.components.shell import style, text_beside

ADDRESS = "present"
STYLE = style(text_beside(__file__, "present.css"))

_mount = st.components.v2.component(
    "present",
    html=text_beside(__file__, "present.html"),
    js=text_beside(__file__, "present.js"),
    isolate_styles=False,
)


def presenting() -> bool:
    """Whether the page is to be shown on a projector."""
    return st.query_params.get(ADDRESS) == "1"


def present_button(label: str = "Present") -> None:
    """A button that shows this page, as it is addressed now, on a projector."""
    st.button(
        label,
        icon=":material/present_to_all:",
        help="One thing on the screen, large type, no navigation; Escape leaves",
        on_click=_enter,
        key="present-enter",
    )


def backstage() -> AbstractContextManager:
    """Where a page puts what is not shown on a projector, its heading above all."""
    return st.container(key="backstage") if presenting() else nullcontext()


@contextmanager
def stage(name: str, screens: int = 1, where: Callable[[int], str] | None = None) -> Iterator[int]:
    """What is shown, and nothing else; yields which screen it is, from 1.

    The arrow keys (a presenter's page keys, or two buttons) turn to another screen, Escape leaves.

    Args:
        name: of what is shown; each remembers its screen.
        screens: how many there are; with one alone the arrow keys are left to what it shows.
        where: what the screen of this number is called, by default "2 of 4".
    """
    kept = f"present-{name}"
    screen = min(st.session_state.get(kept, 1), screens)
    told = where(screen) if where else f"{screen} of {screens}"
    st.html(STYLE)
    _mount(
        key=f"{kept}-keys",
        data={"screen": screen, "screens": screens, "where": told},
        on_left_change=_leave,
        on_turned_change=lambda: _turn(kept),
    )
    with st.container(key="stage"):
        yield screen


def _enter() -> None:
    st.query_params[ADDRESS] = "1"


def _leave() -> None:
    st.query_params.pop(ADDRESS, None)


def _turn(kept: str) -> None:
    st.session_state[kept] = st.session_state[f"{kept}-keys"].turned
