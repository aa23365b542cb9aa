"""Digit Derby: the router. Pages are found by file and each also renders on its own."""

import streamlit as st

from pages.components.compare_preload import preload
from pages.components.draw_models import predictor
from pages.components.shell import ICON, navigation_pages

st.set_page_config(page_title="Digit Derby", page_icon=ICON, layout="wide")
st.navigation(navigation_pages(), position="top").run()
preload()  # after the page: it shows first
predictor()  # likewise: the Draw page's workers start in the background
