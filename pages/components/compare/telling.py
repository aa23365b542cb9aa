"""What a file from elsewhere does not say, filled in by the visitor, so that its run can be ranked."""

from typing import Any

import pandas as pd
import streamlit as st

from core import frameworks
from core.architectures import PRESETS
from core.charts.colours import order
from core.comparison.groups import NEEDED
from core.comparison.results import Results
from core.data.catalogue import DATASETS
from core.fields import FIELDS, RunField, as_text
from core.places import artifacts_dir
from core.runs import records
from core.runs.foreign import TELLABLE
from core.runs.metrics import read_row
from core.words import missing
from pages.components import shell

MOST_OFFERED = 50  # kinds of runs to take settings over from
_ASKED = (*NEEDED, "seed")  # each with a field of its own; the rest is taken over from a run like it


def offer(results: Results, names: pd.Series, chosen: list[str]) -> None:
    """A button that asks for the settings of chosen imported runs, where they lack some."""
    rows = results.frame.loc[chosen]
    needed = [name for name in NEEDED if name in FIELDS]
    lacking = rows[needed].isna().any(axis=1) | rows.told.ne("")
    runs = list(rows.run[(rows.origin == "imported") & lacking])
    if runs and st.button(
        "Fill in settings…", icon=":material/edit_note:", help="What the imported file does not say"
    ):
        _ask(results, names, runs)


@st.dialog("What the file does not say", width="medium")
def _ask(results: Results, names: pd.Series, runs: list[str]) -> None:
    run = runs[0] if len(runs) == 1 else st.selectbox("Run", runs, format_func=names.__getitem__)
    st.markdown("Runs are ranked together when they were trained alike. What you fill in is marked so.")
    try:
        said = read_row(records.metrics_path(artifacts_dir(), run))
        before = records.read_told(artifacts_dir(), run)
    except records.RecordError as error:
        st.error(shell.plain(str(error)))
        return
    lacking = [field for field in TELLABLE if missing(said[field.name])]
    like = _like(results.frame, names, run)
    told = before | {field.name: like[field.name] for field in lacking if field.name in like}
    columns = st.columns(2)
    asked = [field for field in lacking if field.name in _ASKED]
    for number, field in enumerate(asked):
        with columns[number % 2]:
            key = f"tell-{run}-{like.get('run', '')}-{field.name}"
            told[field.name] = _field(field, told.get(field.name), key)
    told = {name: value for name, value in told.items() if value is not None}
    rest = [FIELDS[name].word + " " + as_text(told[name]) for name in told if name not in _ASKED]
    if rest:
        st.caption(shell.plain(f"Taken over too: {', '.join(rest)}."))
    if st.button("Save", type="primary"):
        _save(run, told)


def _like(frame: pd.DataFrame, names: pd.Series, run: str) -> dict[str, Any]:
    """The settings of a run that the visitor names as trained alike, by field; empty when none."""
    whole = frame[frame[list(NEEDED)].notna().all(axis=1) & (frame.run != run)]
    told: dict[str, str] = {}  # what a kind of run is called → one of them
    for other, architecture, protocol in zip(whole.run, whole.architecture, whole.protocol, strict=True):
        told.setdefault(f"{names[other]} · {architecture} · {protocol}", other)
    if not told:
        return {}
    like = st.selectbox(
        "Trained like", list(told)[:MOST_OFFERED], index=None, key=f"like-{run}",
        placeholder="Take the settings over from a run here",
    )  # fmt: skip
    if like is None:
        return {}
    row = whole.loc[told[like]]
    fields = [field for field in TELLABLE if field.name not in ("framework", "seed")]
    values = {field.name: row[field.name] for field in fields if not missing(row[field.name])}
    return {"run": row.run} | {name: _plain(FIELDS[name], value) for name, value in values.items()}


def _plain(field: RunField, value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return int(value) if field.whole else value


def _field(field: RunField, value: Any, key: str) -> Any:
    """Asks for one setting; None where the visitor does not know it either."""
    match field.name:
        case "framework":
            options = order(frameworks.names())
            return _choice(field, options, value, key, format_func=frameworks.title)
        case "dataset":
            return _choice(field, list(DATASETS), value, key, accept_new_options=True)
        case "architecture":
            return _choice(field, list(PRESETS), value, key, accept_new_options=True)
        case "device":
            return _choice(field, [name for name in field.choices if name != "auto"], value, key)
    if field.kind == "choice":
        return _choice(field, list(field.choices), value, key)
    number = int if field.whole else float
    least, largest = map(number, field.limits)
    return st.number_input(
        field.word.capitalize(), least, largest, value=None if value is None else number(value), key=key,
        step=1 if field.whole else 1e-4, format="%d" if field.whole else "%g", placeholder="not known",
    )  # fmt: skip


def _choice(field: RunField, options: list[str], value: Any, key: str, **more: Any) -> str | None:
    options = options if value is None or value in options else [*options, value]
    index = None if value is None else options.index(value)
    return st.selectbox(
        field.word.capitalize(), options, index=index, key=key, placeholder="not known", **more
    )


def _save(run: str, told: dict[str, Any]) -> None:
    artifacts = artifacts_dir()
    try:
        read_row(records.metrics_path(artifacts, run), told)  # with a value that cannot be it would not read
        records.write_told(artifacts, run, told)
    except (records.RecordError, OSError) as error:
        st.error(shell.plain(str(error)))
    else:
        st.rerun()
