"""Learn: eight short stations on the visitor's own digit, and the exhibits' code side by side."""

import streamlit as st

from core.lessons.stations import stations
from pages.components.learn import code_view
from pages.components.learn.overview import show_overview
from pages.components.learn.station_view import show_station

# A link from this page to itself runs it with the new words and leaves the old ones in the browser's bar.
st.query_params.from_dict(st.query_params.to_dict())
name = st.query_params.get("station")
if "code" in st.query_params:
    code_view.show()
elif name in stations():
    show_station(stations()[name])
else:
    show_overview(unknown=name)
