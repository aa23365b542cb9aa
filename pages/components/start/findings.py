"""Three findings of the newest race, in sentences."""

from html import escape

import streamlit as st

from core.words import listed
from pages.components import trouble
from pages.components.newest import Newest, headlines_of
from pages.components.shell import style, text_beside

STYLE = style(text_beside(__file__, "findings.css"))
TICK = 1.0  # seconds between looks at what is still being worked out
DONE = "start-findings"  # in the session: the runs whose findings were shown


def show_findings(newest: Newest) -> None:
    """The findings as cards, as soon as they are there: the first time on a server it takes some seconds."""
    done = st.session_state.get(DONE) == newest.runs
    st.fragment(_cards, run_every=None if done else TICK)(newest)
    trouble.busy_note(newest.busy, newest.busy.values())
    if newest.lost:
        st.markdown(f"**Did not learn:** {listed(list(dict.fromkeys(newest.lost)))}.")


def _cards(newest: Newest) -> None:
    found = headlines_of(newest.runs)
    if found is None:
        st.html(f'{STYLE}<div class="findings" data-testid="findings" data-state="waiting"></div>')
        return
    cards = "".join(
        f'<div class="card finding"><b class="condensed">{escape(one.title)}</b>'
        f"<span>{escape(one.detail)}</span></div>"
        for one in found
    )
    about = f'<p class="findings-about">{escape(newest.caption)}</p>' if cards else ""
    st.html(f'{STYLE}<div class="findings" data-testid="findings" data-state="ready">{cards}</div>{about}')
    if st.session_state.get(DONE) != newest.runs:
        st.session_state[DONE] = newest.runs
        st.rerun()  # the whole page, which then stops ticking
