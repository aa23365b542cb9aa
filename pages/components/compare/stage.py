"""What came of a comparison, for a projector: the podium, then a finding a screen."""

from html import escape

import streamlit as st

from core.comparison.compare import Comparison
from core.comparison.findings import findings, why_not_ranked
from pages.components import present
from pages.components.compare.podium import show_podium
from pages.components.shell import style, text_beside
from pages.components.silks import disc, silk_css

_STYLE = style(silk_css() + text_beside(__file__, "stage.css"))


def show_on_stage(comparison: Comparison) -> None:
    """One thing on the screen; the arrow keys turn to the next."""
    found = findings(comparison)
    screens = max(1, len(found))
    with present.stage("findings", screens) as screen:
        st.html(_STYLE)
        if not found:
            reasons = "".join(f"<p>{escape(reason)}</p>" for reason in why_not_ranked(comparison)[:3])
            st.html(f'<div class="stage-finding"><h2>These runs are not ranked.</h2>{reasons}</div>')
            return
        item = found[screen - 1]
        if item.question == "Fastest training" and show_podium(comparison):
            return
        mark = disc(item.framework) if item.framework else ""
        st.html(
            f'<div class="stage-finding"><p>{escape(item.question)}</p>'
            f'<h2 class="condensed">{mark} {escape(item.answer)}</h2><p>{escape(item.detail)}</p></div>'
        )
