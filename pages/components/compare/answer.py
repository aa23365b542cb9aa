"""The answer above the fold: who wins what, or why nothing is ranked."""

from html import escape

import streamlit as st

from core.charts.colours import GREY, colour
from core.comparison.compare import Comparison
from core.comparison.findings import findings, why_not_ranked
from core.comparison.groups import Group
from pages.components.compare import choice
from pages.components.shell import plain, style, text_beside

_STYLE = style(text_beside(__file__, "answer.css"))


def show_answer(comparison: Comparison, offered: list[Group]) -> None:
    """Four findings, or what keeps the chosen runs apart and the groups that can be ranked."""
    found = findings(comparison)
    if not found:
        _not_ranked(comparison, offered)
        return
    cards = "".join(
        f'<div class="answer" style="--paint:{colour(item.framework) if item.framework else GREY}">'
        f'<div class="question">{escape(item.question)}</div><div class="said">{escape(item.answer)}</div>'
        f'<div class="detail">{escape(item.detail)}</div></div>'
        for item in found
    )
    st.html(f'{_STYLE}<div class="answers">{cards}</div>')


def _not_ranked(comparison: Comparison, offered: list[Group]) -> None:
    reasons = why_not_ranked(comparison)
    shown = reasons[:4] + [f"… and {len(reasons) - 4} more"] * (len(reasons) > 4)
    with st.container(border=True, key="not-ranked"):
        st.markdown("**These runs are not ranked: a ranking would not be fair.**")
        st.html("<ul>" + "".join(f"<li>{escape(reason)}</li>" for reason in shown) + "</ul>")
        here = set(comparison.frame.run)
        fitting = [group for group in offered if len(group.frameworks) > 1 and here & set(group.runs)][:3]
        for group in fitting:
            st.button(
                f"Compare {plain(group.title)}",
                key=f"compare-offer-{group.key}",
                on_click=choice.choose_group,
                args=(group,),
            )
