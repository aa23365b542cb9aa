"""What came of a race that is over: is it real, where to go on, all figures."""

from typing import Any

import pandas as pd
import streamlit as st

from core import frameworks
from core.places import artifacts_dir
from core.races.live import Lane
from core.words import duration, percent, whole
from pages.components import present, shell, take_home, trouble
from pages.components.shared import results_reader


def show_verdict(race: str, lanes: list[Lane]) -> None:
    """Whether the differences are real, and the ways on; the podium stands above, in the replay."""
    runs = [lane.run for lane in lanes if lane.test_accuracy is not None]
    if not present.presenting():
        st.header("Result", anchor=False)
    if not runs:
        return
    if reading := _reading(str(artifacts_dir()), tuple(runs), results_reader().read().version):
        st.markdown(f"**Who reads best?** {shell.plain(reading)}")
    if present.presenting():
        return
    with st.container(horizontal=True):
        named = ",".join(runs)
        shell.page_link("train", "Replay", race=race, view="replay")
        shell.page_link("compare", "Compare these runs", runs=named)
        shell.page_link("draw", "Draw a digit for them", runs=named)
        titles = {lane.run: f"{frameworks.title(lane.framework)}, seed {lane.seed}" for lane in lanes}
        take_home.take_home({run: titles[run] for run in runs}, "race")


@st.cache_data(max_entries=20, show_spinner=False)
def _reading(artifacts: str, runs: tuple[str, ...], version: int) -> str:
    """Who is most accurate and whether that is real, in a sentence; empty where nothing can be said."""
    from core.comparison.compare import compare_runs  # statsmodels, once a race is over
    from core.comparison.findings import accuracy_finding
    from core.comparison.groups import unranked

    frame = results_reader().read().frame
    frame = frame[frame.run.isin(runs)]
    frame = frame[~frame.run.isin(list(unranked(frame)))]
    comparison = compare_runs(artifacts_dir(artifacts), frame) if len(frame) else None
    if comparison is None or comparison.group is None:
        return ""
    found = accuracy_finding(comparison, comparison.ranking())
    return f"{found.answer}. {found.detail}".replace("..", ".")


def show_trouble(lanes: list[Lane]) -> None:
    """What is to be said about runs that went wrong."""
    busy = [lane for lane in lanes if lane.busy and lane.learned is not False]
    trouble.busy_note([lane.run for lane in busy], [frameworks.title(lane.framework) for lane in busy])
    seeds = len({lane.seed for lane in lanes}) > 1
    trouble.show_cards({lane.run: _name(lane, seeds) for lane in lanes})


def show_figures(lanes: list[Lane]) -> None:
    """A table of all runs."""
    table = pd.DataFrame([_row(lane) for lane in lanes])
    columns = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[3:]}
    with st.expander("All figures as a table"):
        st.dataframe(table, hide_index=True, column_config=columns, width="stretch")


def _name(lane: Lane, with_seed: bool) -> str:
    title = frameworks.title(lane.framework)
    return f"{title}, seed {lane.seed}" if with_seed else title


def _row(lane: Lane) -> dict[str, Any]:
    return {
        "Framework": frameworks.title(lane.framework),
        "Seed": str(lane.seed),
        "Status": ", ".join([lane.state, *lane.marks]),
        "Test accuracy": percent(lane.test_accuracy),
        "Training": duration(lane.seconds),
        "Images/s": whole(lane.images_per_second),
        "Peak memory": whole(lane.memory_mb, "MB"),
    }
