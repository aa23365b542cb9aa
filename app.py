"""Digit Derby: the router. Pages are found by file and each also renders on its own."""

import streamlit as st

from pages.components.shell import ICON, navigation_pages
from pages.components.warm_up import warm_up

st.set_page_config(page_title="Digit Derby", page_icon=ICON, layout="wide")
st.navigation(navigation_pages(), position="top").run()
warm_up()
