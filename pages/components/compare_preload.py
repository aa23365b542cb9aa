"""Imports what Compare needs while a visitor reads another page: scipy and statsmodels take a second."""

import importlib
import threading

import streamlit as st

MODULES = ("statsmodels.stats.contingency_tables", "statsmodels.stats.proportion", "core.report")


@st.cache_resource(show_spinner=False)
def preload() -> threading.Thread:
    """Starts the imports, once for a server, in the background."""
    thread = threading.Thread(target=_import_all, name="preload-compare", daemon=True)
    thread.start()
    return thread


def _import_all() -> None:
    for module in MODULES:
        importlib.import_module(module)
