"""Which runs are compared: read from the URL, written back to it, shared work kept for all visitors."""

from datetime import datetime

import pandas as pd
import streamlit as st

from core.comparison.compare import MOST_RUNS, Comparison, compare_runs, cut_note, evenly
from core.comparison.groups import Group, comparable_groups
from core.comparison.results import Results
from core.data.catalogue import dataset_title
from core.places import artifacts_dir
from core.runs.details import Details, read_details
from core.words import moment

OWN_CHOICE = "chosen by hand"


@st.cache_resource(max_entries=4, show_spinner=False)
def groups(artifacts: str, version: int, _results: Results) -> list[Group]:
    """The comparable groups of a folder; anew when `version` of its results changes."""
    return comparable_groups(_results.frame, apart=True)


@st.cache_resource(max_entries=4, show_spinner="Comparing…")
def comparison(artifacts: str, version: int, runs: tuple[str, ...], _results: Results) -> Comparison:
    """The comparison of these runs; reads their predictions and no other run's."""
    return compare_runs(artifacts_dir(artifacts), _results.frame.loc[list(runs)])


@st.cache_resource(max_entries=4, show_spinner=False)
def details(artifacts: str, version: int, runs: tuple[str, ...]) -> dict[str, Details]:
    """History and confusion matrix of these runs, in this order; reads their metrics files and no other."""
    return {run: read_details(artifacts_dir(artifacts), run) for run in runs}


def chosen_runs(results: Results, offered: list[Group]) -> tuple[list[str], list[str]]:
    """The runs that the URL names (`runs=a,b`, `group=…` or `race=…`), else the first group's.

    Returns:
        Known runs, at most MOST_RUNS, and named ones that are not here.
    """
    query = st.query_params
    if "runs" in query:
        named = list(dict.fromkeys(run for run in query["runs"].split(",") if run))
        known = [run for run in results.frame.index if run in set(named)]
        return known[:MOST_RUNS], [run for run in named if run not in results.frame.index]
    if "race" in query:
        return list(evenly(results.frame[results.frame.race == query["race"]]).run), []
    group = next((group for group in offered if group.key == query.get("group")), None)
    group = group or next(iter(offered), None)
    if group is None:
        return list(results.frame.run)[:10], []
    return list(evenly(results.frame.loc[group.runs]).run), []


def why_missing(runs: list[str], results: Results) -> dict[str, list[str]]:
    """What is said of runs that were named and cannot be compared → those runs, at least one."""
    unfinished = [run for run in runs if run in results.unfinished]
    gone = [run for run in runs if run not in results.unfinished]
    told = {"Without a result, so far or for good": unfinished, "Not here any more": gone}
    return {said: some for said, some in told.items() if some}


def choose_runs(runs: list[str]) -> None:
    """Writes a choice of single runs, made in the table, into the URL."""
    _forget()
    st.query_params["runs"] = ",".join(runs)
    st.session_state["compare-shown"] = frozenset(runs)


def choose_group(group: Group) -> None:
    """Writes a whole group into the URL."""
    _forget()
    st.query_params["group"] = group.key


def table_number(chosen: list[str]) -> int:
    """Another number whenever the choice came from elsewhere (picker, link, back button) than the table."""
    if st.session_state.get("compare-shown") != frozenset(chosen):
        st.session_state["compare-shown"] = frozenset(chosen)
        st.session_state["compare-table"] = st.session_state.get("compare-table", 0) + 1
    return st.session_state["compare-table"]


def _forget() -> None:
    for name in ("runs", "group", "race"):
        st.query_params.pop(name, None)


def group_picker(offered: list[Group], chosen: list[str], frame: pd.DataFrame) -> None:
    """Offers every group that can be ranked; shows the visitor's own choice as one more entry."""
    by_key = {group.key: group for group in offered}
    current = next(
        (key for key, group in by_key.items() if _same_runs(group.runs, chosen, frame)), OWN_CHOICE
    )

    def pick() -> None:
        if st.session_state[key] in by_key:
            choose_group(by_key[st.session_state[key]])

    titles = {group.key: group_title(group) for group in offered}
    # Labels are what the browser sends back: with other labels it has to be another widget.
    key = f"compare-group {list(titles.values())}"
    st.session_state[key] = current  # a choice made in the table or a link shows here at once
    st.selectbox(
        "Runs that can be compared fairly",
        list(by_key) if current in by_key else [OWN_CHOICE, *by_key],
        format_func=lambda key: titles.get(key, "Runs chosen by hand"),
        key=key,
        on_change=pick,
    )
    if current in by_key and (note := cut_note(len(by_key[current].runs))):
        st.caption(note)


def group_title(group: Group) -> str:
    """Such as "MNIST · small-cnn · controlled · 5 epochs (5 frameworks, 3 seeds), newest Tue 04:43"."""
    dataset = group.settings["dataset"]
    title = group.title.replace(dataset, dataset_title(dataset) or dataset, 1)
    if group.reference or not group.newest:
        return title
    return f"{title}, newest {moment(datetime.fromisoformat(group.newest).astimezone())}"


def _same_runs(runs: list[str], chosen: list[str], frame: pd.DataFrame) -> bool:
    if min(len(runs), MOST_RUNS) != len(chosen) or not set(chosen) <= set(runs):
        return False
    return len(runs) <= MOST_RUNS or set(evenly(frame.loc[runs]).run) == set(chosen)
