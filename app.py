"""Digit Derby: the server and the router. Pages are found by file and each also renders on its own."""

import streamlit as st

if __name__ == "__main__":  # a visitor's run of this script
    from pages.components.shell import ICON, navigation_pages
    from pages.components.warm_up import warm_up

    st.set_page_config(page_title="Digit Derby", page_icon=ICON, layout="wide")
    st.navigation(navigation_pages(), position="top").run()
    warm_up()
else:  # imported once, by `streamlit run app.py`, for the server that runs the script
    from starlette.middleware import Middleware

    from pages.components.data.receiving import upload_route
    from pages.components.train.plotly_script import script_route
    from pages.components.uploads import BoundedUploads

    app = st.App(__file__, routes=[script_route(), upload_route()], middleware=[Middleware(BoundedUploads)])
