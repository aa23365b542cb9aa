"""The live chart: one `<div>` for the whole race, redrawn in place by Plotly.

`st.plotly_chart` mounts a new chart on every change and forgets zoom and hidden curves; this one
keeps its node and calls `Plotly.react` with a constant revision.
"""

from typing import Any

import streamlit as st

from pages.components.plotly_script import ADDRESS
from pages.components.shell import text_beside

_mount = st.components.v2.component(
    "live_chart",
    html='<div class="live-chart-message" role="alert"></div><div class="live-chart" role="figure"></div>',
    css=text_beside(__file__, "live_chart.css"),
    js=text_beside(__file__, "live_chart.js"),
    isolate_styles=False,  # Plotly puts its own styles into the document
)

_mount_ahead = st.components.v2.component(
    "plotly_ahead", html="<i></i>", js=text_beside(__file__, "plotly_ahead.js")
)


def load_ahead() -> None:
    """Shows nothing; lets the browser load Plotly when it has nothing to do, for a chart that comes soon."""
    _mount_ahead(key="plotly-ahead", data={"plotly": ADDRESS})


def live_chart(figure: dict[str, Any], label: str) -> None:
    """Shows a figure of `core.charts.live.live_figure`.

    Args:
        figure: `data` and `layout` as plain JSON.
        label: what the chart shows, for screen readers.
    """
    _mount(key="live-chart", data={"figure": figure, "label": label, "plotly": ADDRESS})
