"""The runs table: filter, sort, choose; what the chosen runs share can be hidden."""

import pandas as pd
import streamlit as st

from core import frameworks
from core.comparison.compare import MOST_RUNS
from core.comparison.groups import SETTINGS, differences
from core.comparison.results import Results, filter_runs, marks_in_words
from core.fields import FIELDS
from core.words import interval
from pages.components.compare import choice

SHOWN_SETTINGS = [field.name for field in FIELDS.values() if field.in_front]
FILTERS = ("framework", *SHOWN_SETTINGS, "origin", "status")
# Columns of text, truth and nothing, which need one type.
MIXED = [
    field.name
    for field in FIELDS.values()
    if field.kind in ("text", "numbers", "switch") and not field.top_level
]
_NUMBER = st.column_config.NumberColumn
COLUMNS = {
    "title": st.column_config.TextColumn("Run", pinned=True, width=220),
    "framework": st.column_config.TextColumn("Framework"),
    "note": st.column_config.TextColumn("Not ranked by time", help="Why its times are in no ranking"),
    "test_accuracy": _NUMBER("Accuracy (%)", format="%.2f", help="On the test set, once, at the end"),
    "interval": st.column_config.TextColumn("95 % interval", help="Jeffreys's interval for this test set"),
    "train_time_sec": _NUMBER("Train time (s)", format="%.1f", help="Training steps alone"),
    "images_per_second": _NUMBER("Images/s", format="%,.0f"),
    "params": _NUMBER("Parameters", format="%,.0f"),
    "effective_loc": _NUMBER("Lines", format="%.0f", help="Effective lines of the framework's own code"),
    "model_bytes": _NUMBER("Model (MB)", format="%.2f"),
    "predict_ms": _NUMBER("Prediction (ms)", format="%.2f", help="Median for one image"),
    "peak_memory_mb": _NUMBER("Memory (MB)", format="%,.0f", help="Peak of the training process"),
    "seed": _NUMBER("Seed", format="%.0f"),
    "status": st.column_config.TextColumn("Status"),
    "origin": st.column_config.TextColumn("Origin", help="Reference, own, or an imported file"),
    "remark": st.column_config.TextColumn("Remark"),
}


def runs_table(results: Results, chosen: list[str]) -> None:
    """Shows every run; a click on a row adds or removes it from the choice in the URL."""
    with st.container(horizontal=True, vertical_alignment="center", key="compare-tools"):
        where = _filters(results.frame)
        only_differing = st.toggle(
            "Only what differs",
            key="differing",
            bind="query-params",
            help="Hides the settings that all chosen runs share",
        )
        st.caption(f"{len(chosen)} of {len(results.frame):,} runs chosen")
    # Another view, or a choice made elsewhere, is another table; a click on a row is not.
    key = f"runs {results.version} {sorted(where.items())} {choice.table_number(chosen)}"
    frame = _chosen_first(filter_runs(results.frame, where), chosen, key)
    view = list(frame.run)
    rows = [place for place, run in enumerate(view) if run in set(chosen)]

    def select() -> None:
        picked = [view[row] for row in st.session_state[key].selection.rows if row < len(view)]
        hidden = [run for run in chosen if run not in set(view)]
        if len(picked) + len(hidden) > MOST_RUNS:
            st.toast(f"At most {MOST_RUNS} runs are compared at once.")
        choice.choose_runs((hidden + picked)[:MOST_RUNS])

    st.dataframe(
        _display(frame),
        key=key,
        on_select=select,
        selection_mode="multi-row",
        selection_default={"selection": {"rows": rows}},
        column_config={**COLUMNS, **{name: title.capitalize() for name, title in SETTINGS.items()}},
        column_order=_order(results.frame.loc[chosen], frame, only_differing),
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


def _filters(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Filters that the URL keeps; only columns with something to choose from."""
    where = {}
    with st.popover("Filter", icon=":material/filter_list:"):
        for column in FILTERS:
            values = sorted(frame[column].dropna().unique())
            if len(values) < 2:
                continue
            picked = st.multiselect(
                column.capitalize(),
                values,
                key=column,
                bind="query-params",
                format_func=frameworks.title if column == "framework" else str,
            )
            if picked:
                where[column] = picked
    return where


def _display(frame: pd.DataFrame) -> pd.DataFrame:
    shown = frame[[name for name in (*COLUMNS, *SETTINGS) if name in frame]].copy()
    shown["framework"] = frame.framework.map(frameworks.title).where(frame.framework.notna())
    shown["test_accuracy"] = 100 * frame.test_accuracy
    shown["model_bytes"] = frame.model_bytes / 1e6
    shown["note"] = marks_in_words(frame)
    bounds = zip(frame.accuracy_low, frame.accuracy_high, strict=True)
    shown["interval"] = [interval(low, high) for low, high in bounds]
    for name in MIXED:
        shown[name] = frame[name].map(lambda value: None if pd.isna(value) else str(value))
    return shown


def _order(chosen: pd.DataFrame, shown: pd.DataFrame, only_differing: bool) -> list[str]:
    measured = [name for name in COLUMNS if name not in ("note", "seed", "status", "origin", "remark")]
    titles = differences(chosen)
    differing = {key for key, title in SETTINGS.items() if title in titles}
    settings = [key for key in SETTINGS if key in (differing if only_differing else SHOWN_SETTINGS)]
    if not only_differing:
        settings += [key for key in SETTINGS if key not in settings]
    ends = ["seed"] if not only_differing or chosen.seed.nunique(dropna=False) > 1 else []
    front = [name for name in settings if name in SHOWN_SETTINGS]
    rest = [name for name in settings if name not in SHOWN_SETTINGS]
    note = ["note"] * bool(marks_in_words(shown).any())
    return [*measured[:2], *note, *front, *ends, *measured[2:], "status", "origin", *rest, "remark"]
