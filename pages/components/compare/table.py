"""The runs: a table to choose from, on a phone a list of cards; what is alike in all can be hidden."""

from collections.abc import Callable
from datetime import date

import pandas as pd
import streamlit as st

from core import frameworks
from core.comparison.compare import MOST_RUNS
from core.comparison.groups import SETTINGS, differences
from core.comparison.results import Results, filter_runs, in_one_order, marks_in_words
from core.data.catalogue import dataset_title
from core.fields import FIELDS
from core.places import artifacts_dir
from core.words import interval
from pages.components.compare import choice
from pages.components.compare.cards import run_cards
from pages.components.compare.filters import SHOWN_SETTINGS, active_filters, offer_filters
from pages.components.compare.naming import name_field
from pages.components.names import run_names

# Columns of text, truth and nothing, which need one type.
MIXED = [
    field.name
    for field in FIELDS.values()
    if field.kind in ("text", "numbers", "switch") and not field.top_level
]
_NUMBER, _TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
COLUMNS = {
    "name": _TEXT("Run", pinned=True, width=265, help="Its own name, else when and on what it trained"),
    "framework": _TEXT("Framework"),
    "note": _TEXT("Not ranked by time", help="Why its times are in no ranking"),
    "test_accuracy": _NUMBER("Accuracy (%)", format="%.2f", help="On the test set, once, at the end"),
    "interval": _TEXT(
        "95 % interval",
        help="So few test images leave some doubt: with 95 % confidence its true accuracy lies in here "
        "(Jeffreys's interval)",
    ),
    "train_time_sec": _NUMBER("Train time (s)", format="%.1f", help="Training steps alone"),
    "images_per_second": _NUMBER("Images/s", format="%,.0f"),
    "params": _NUMBER("Parameters", format="%,.0f"),
    "effective_loc": _NUMBER("Lines", format="%.0f", help="Effective lines of the framework's own code"),
    "model_bytes": _NUMBER("Model (MB)", format="%.2f"),
    "predict_ms": _NUMBER("Prediction (ms)", format="%.2f", help="Median for one image"),
    "peak_memory_mb": _NUMBER("Memory (MB)", format="%,.0f", help="Peak of the training process"),
    "seed": _NUMBER("Seed", format="%.0f", help="The number that decides what is left to chance"),
    "status": _TEXT("Status"),
    "origin": _TEXT("Origin", help="Reference, own, or an imported file"),
    "told": _TEXT("Told by hand", help="Settings that the file does not say and a visitor filled in"),
    "remark": _TEXT("Remark"),
    "run": _TEXT("File", help="The name of its folder and file"),
}
DIGITS = {  # that the table shows of a number
    "test_accuracy": 2, "train_time_sec": 1, "images_per_second": 0, "params": 0, "effective_loc": 0,
    "model_bytes": 2, "predict_ms": 2, "peak_memory_mb": 0, "seed": 0,
}  # fmt: skip
LAST = ("status", "origin", "told", "remark", "run")


@st.cache_resource(max_entries=4, show_spinner=False)
def _names(artifacts: str, version: int, day: date, _results: Results) -> pd.Series:
    """What the runs are called; anew on another day, for "Tue 04:43" becomes "20 Nov 04:43"."""
    return run_names(in_one_order(_results.frame))


def names(results: Results) -> pd.Series:
    """What all runs are called, by run, in the order in which they are shown."""
    return _names(str(artifacts_dir()), results.version, date.today(), results)


def runs_table(results: Results, chosen: list[str]) -> list[str]:
    """Shows the runs; a click on one adds it to the choice in the URL or takes it away.

    Returns:
        The runs that the filters leave.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="compare-tools"):
        where = offer_filters(results.frame)
        only_differing = st.toggle(
            "Only what differs",
            key="differing",
            bind="query-params",
            help="Hides every column in which all chosen runs are alike",
        )
        # Another view, or a choice made elsewhere, is another table; a click on a row is not.
        key = f"runs {results.version} {sorted(where.items())} {choice.table_number(chosen)}"
        called = names(results)
        frame = _chosen_first(filter_runs(results.frame.loc[called.index], where), chosen, key)
        view = list(frame.run)
        hidden = [run for run in chosen if run not in frame.index]
        hides = f", {len(hidden)} hidden by the filter" if hidden else ""
        st.caption(f"{len(chosen)} of {len(results.frame):,} runs chosen{hides}")
        name_field(results.frame, called, [run for run in chosen if run in frame.index])
    active_filters(where, len(view))

    def pick(picked: list[str]) -> None:
        if len(picked) + len(hidden) > MOST_RUNS:
            st.toast(f"At most {MOST_RUNS} runs are compared at once.")
        choice.choose_runs((hidden + picked)[:MOST_RUNS])

    frame = frame.assign(name=called)
    with st.container(key="run-cards-place"):
        run_cards(frame, chosen, pick)
    with st.container(key="run-table"):
        _table(frame, results.frame.loc[chosen], only_differing, key, pick)
    return view


def _table(
    frame: pd.DataFrame,
    chosen: pd.DataFrame,
    only_differing: bool,
    key: str,
    pick: Callable[[list[str]], None],
) -> None:
    view = list(frame.run)
    ticked = frame.run.isin(chosen.run).to_numpy().nonzero()[0]

    def select() -> None:
        pick([view[row] for row in st.session_state[key].selection.rows if row < len(view)])

    st.dataframe(
        _display(frame),
        key=key,
        on_select=select,
        selection_mode="multi-row",
        selection_default={"selection": {"rows": ticked.tolist()}},
        column_config={**COLUMNS, **{name: title.capitalize() for name, title in SETTINGS.items()}},
        column_order=_order(chosen, frame, only_differing),
        hide_index=True,
        placeholder="–",
        height=min(38 + 35 * max(len(frame), 1), 318),
        alt="All runs",
    )


def _chosen_first(frame: pd.DataFrame, chosen: list[str], key: str) -> pd.DataFrame:
    """The runs that were chosen when this table first showed, then the rest; clicks move no row."""
    if st.session_state.get("compare-first", ("", ()))[0] != key:
        st.session_state["compare-first"] = (key, frozenset(chosen))
    first = frame.run.isin(st.session_state["compare-first"][1])
    return pd.concat([frame[first], frame[~first]])


def _display(frame: pd.DataFrame) -> pd.DataFrame:
    shown = frame[[name for name in (*COLUMNS, *SETTINGS) if name in frame]].copy()
    shown["framework"] = frame.framework.map(frameworks.title).where(frame.framework.notna())
    shown["dataset"] = frame.dataset.map(dataset_title, na_action="ignore")
    shown["test_accuracy"] = 100 * frame.test_accuracy
    shown["model_bytes"] = frame.model_bytes / 1e6
    shown["note"] = marks_in_words(frame)
    bounds = zip(frame.accuracy_low, frame.accuracy_high, strict=True)
    shown["interval"] = [interval(low, high) for low, high in bounds]
    for name in MIXED:
        shown[name] = frame[name].map(lambda value: None if pd.isna(value) else str(value))
    return shown


def _order(chosen: pd.DataFrame, shown: pd.DataFrame, only_differing: bool) -> list[str]:
    """The columns from left to right: what was measured, with the main settings and the seed in between."""
    rest = [name for name in SETTINGS if name not in SHOWN_SETTINGS]
    measured = [name for name in COLUMNS if name not in ("name", "framework", "note", "seed", *LAST)]
    columns = ["name", "framework", "note", *SHOWN_SETTINGS, "seed", *measured, *LAST[:2], *rest, *LAST[2:]]
    if not only_differing:
        told = {"note": marks_in_words(shown).any(), "told": shown.told.any()}
        return [name for name in columns if told.get(name, True)]
    alike = _alike(chosen if len(chosen) > 1 else shown)
    return [name for name in columns if name == "name" or name not in alike]


def _alike(frame: pd.DataFrame) -> set[str]:
    """The columns that show the same for all of these runs."""
    titles = differences(frame)
    alike = {name for name, title in SETTINGS.items() if title not in titles}
    display = _display(frame).round(DIGITS)
    return alike | {name for name in COLUMNS if name in display and display[name].nunique(dropna=False) < 2}
