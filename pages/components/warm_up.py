"""Gets ready what the other pages need while a visitor reads the first one: models, scipy, statsmodels."""

import importlib
from threading import Timer

import streamlit as st

from core.races.turns import waiting
from pages.components.shared import predictor

AFTER = 3.0  # seconds that the browser has the processor for itself, to draw its first page
DRAW = ("core.drawing.numbers", "core.drawing.strokes", "core.prediction.likeness")
COMPARE = ("statsmodels.stats.contingency_tables", "core.export.report")


@st.cache_resource(max_entries=1, show_spinner=False)
def warm_up() -> Timer:
    """Starts the workers that read drawings and imports what pages need, once for a server, aside."""
    timer = Timer(AFTER, _get_ready)
    timer.daemon = True
    timer.start()
    return timer


def _get_ready() -> None:
    if waiting():
        return  # a race is timed: the pages load for themselves what a visitor needs
    predictor()
    for module in (*DRAW, *COMPARE):
        importlib.import_module(module)
