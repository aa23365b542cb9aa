"""The filters of the runs: offered, kept in the URL, said in words while they hide something."""

import pandas as pd
import streamlit as st

from core import frameworks
from core.charts.colours import order
from core.data.catalogue import dataset_title
from core.fields import FIELDS
from core.words import counted
from pages.components.shell import plain

SHOWN_SETTINGS = [field.name for field in FIELDS.values() if field.in_front]
FILTERS = ("framework", *SHOWN_SETTINGS, "origin", "status")


def offer_filters(frame: pd.DataFrame) -> dict[str, list[str]]:
    """A menu of filters; only columns with something to choose from.

    Returns:
        Column → the values that are shown; columns without a filter are left out.
    """
    where = {}
    with st.popover("Filter", icon=":material/filter_list:"):
        for column in FILTERS:
            values = list(frame[column].dropna().unique())
            if len(values) < 2:
                continue
            picked = st.multiselect(
                _word(column).capitalize(),
                order(values) if column == "framework" else sorted(values),
                key=_key(column),
                bind="query-params",
                format_func=lambda value, column=column: _shown(column, value),
            )
            if picked:
                where[column] = picked
    return where


def active_filters(where: dict[str, list[str]], shown: int) -> None:
    """Says what is filtered and how many runs that leaves, with a button that shows all again."""
    if not where:
        return
    told = [
        f"{_word(column)} **{plain(', '.join(_shown(column, value) for value in values))}**"
        for column, values in where.items()
    ]
    with st.container(horizontal=True, vertical_alignment="center", key="compare-filtered"):
        st.markdown(f"Only {'; '.join(told)}: {counted(shown, 'run')}.", width="content")
        st.button("Show all runs", icon=":material/filter_list_off:", on_click=_clear)


def _clear() -> None:
    for column in FILTERS:
        if _key(column) in st.session_state:
            st.session_state[_key(column)] = []


def _key(column: str) -> str:
    """Of the widget and in the address.

    Not the field's own key: Streamlit takes what is bound here out of the address of a page that is gone to,
    and a link to Train names the dataset and the network of a race.
    """
    return f"only-{column}"


def _word(column: str) -> str:
    return FIELDS[column].word if column in FIELDS else column


def _shown(column: str, value: str) -> str:
    if column == "framework":
        return frameworks.title(value)
    return dataset_title(value) or value if column == "dataset" else value
