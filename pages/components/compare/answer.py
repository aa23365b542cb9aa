"""The answer above the fold: who wins what, or why nothing is ranked."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.comparison.compare import Comparison
from core.comparison.findings import Finding, findings, why_not_ranked
from core.comparison.groups import Group
from core.words import listed
from pages.components.compare import choice
from pages.components.compare.podium import show_podium
from pages.components.shell import plain, style, text_beside
from pages.components.silks import disc, silk_css

_STYLE = style(silk_css() + text_beside(__file__, "answer.css"))
LUCK = "Real: luck alone would hardly make such a difference, as tested under “Is it real?”."


def show_answer(comparison: Comparison, offered: list[Group]) -> None:
    """Four findings, or what keeps the chosen runs apart and the groups that can be ranked."""
    found = findings(comparison)
    if not found:
        _not_ranked(comparison, offered)
        return
    if show_podium(comparison):  # which says who is fastest
        found = [item for item in found if item.question != "Fastest training"]
    show_cards(found)
    notes = [LUCK] * any("real" in f"{item.answer} {item.detail}".lower() for item in found)
    if told := list(comparison.frame.title[comparison.frame.told != ""]):
        notes.append(f"Settings filled in by hand, not by the file: {listed(told)}.")
    if notes:
        st.caption(plain(" ".join(notes)))


def show_cards(found: Sequence[Finding]) -> None:
    """A card for each finding, side by side where there is room."""
    st.html(f'{_STYLE}<div class="answers">{"".join(map(_card, found))}</div>')


def _card(item: Finding) -> str:
    mark = disc(item.framework) if item.framework else ""
    paint = f"var(--silk-{escape(item.framework)})" if item.framework else "var(--line)"
    return (
        f'<div class="answer card" style="--paint:{paint}">'
        f'<div class="question">{escape(item.question)}</div>'
        f'<div class="said condensed">{mark}<span>{escape(item.answer)}</span></div>'
        f'<div class="detail figures">{escape(item.detail)}</div></div>'
    )


def _not_ranked(comparison: Comparison, offered: list[Group]) -> None:
    reasons = why_not_ranked(comparison)
    shown = reasons[:4] + [f"… and {len(reasons) - 4} more"] * (len(reasons) > 4)
    with st.container(border=True, key="not-ranked"):
        st.markdown("**These runs are not ranked: a ranking would not be fair.**")
        st.html("<ul>" + "".join(f"<li>{escape(reason)}</li>" for reason in shown) + "</ul>")
        if any(comparison.frame.origin[run] == "imported" for run in comparison.unranked):
            st.markdown(
                "You know how it was trained? **Fill in settings…**, below the list, lets it be ranked."
            )
        here = set(comparison.frame.run)
        fitting = [group for group in offered if len(group.frameworks) > 1 and here & set(group.runs)][:3]
        for group in fitting:
            st.button(
                f"Compare {plain(choice.group_title(group))}",
                key=f"compare-offer-{group.key}",
                on_click=choice.choose_group,
                args=(group,),
            )
