"""A page in Streamlit's own test runner, without a browser."""

import itertools
from collections.abc import Callable

import streamlit as st
from streamlit.testing.v1 import AppTest

from core.places import PROJECT


def open_page(name: str, /, **query: str) -> AppTest:
    """Runs `pages/<name>` alone, with `query` in its address (underscores become hyphens)."""
    app = AppTest.from_file(str(PROJECT / "pages" / name), default_timeout=60)
    for key, value in query.items():
        app.query_params[key.replace("_", "-")] = value
    return app.run()


def broken_off_once(step: Callable) -> Callable:
    """This step of a page, at whose first call Streamlit runs the page anew, as another request would."""
    calls = itertools.count()

    def run(*args):
        if next(calls) == 0:
            st.rerun()
        return step(*args)

    return run


def assert_sound(app: AppTest, logged: list[str]) -> None:
    """Nothing was raised, something is shown, and nothing deprecated was used."""
    assert not app.exception, [error.value for error in app.exception]
    assert app.title
    warnings = [message for message in logged if "deprecat" in message.lower()]
    assert not warnings, warnings


def words(page: AppTest) -> str:
    """Everything that the page says, as one text."""
    kinds = (page.markdown, page.info, page.warning, page.error, page.success, page.caption, page.header)
    texts = [element.value for kind in kinds for element in kind]
    return "\n".join(texts + [element.proto.body for element in page.get("html")])
