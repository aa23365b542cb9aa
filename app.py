"""Digit Derby: the server and the router. Pages are found by file and each also renders on its own."""

import streamlit as st

if __name__ == "__main__":  # a visitor's run of this script
    from pages.components.shell import ICON, frame, navigation_pages
    from pages.components.theme_watch import watch_theme
    from pages.components.warm_up import warm_up

    st.set_page_config(page_title="Digit Derby", page_icon=ICON, layout="wide")
    pages = navigation_pages()
    page = st.navigation(pages, position="top")
    frame(pages, page)
    watch_theme()
    page.run()
    warm_up()
else:  # imported once, by `streamlit run app.py`, for the server that runs the script
    from starlette.middleware import Middleware

    from pages.components.data.receiving import upload_route
    from pages.components.fonts import font_route
    from pages.components.plotly_script import script_route
    from pages.components.uploads import BoundedUploads

    routes = [script_route(), font_route(), upload_route()]
    app = st.App(__file__, routes=routes, middleware=[Middleware(BoundedUploads)])
