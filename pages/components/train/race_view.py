"""A race as it goes on: chart, lanes, line, result. Only this part of the page ticks."""

from typing import Any

import pandas as pd
import streamlit as st

from core import frameworks
from core.charts.live import live_figure
from core.data.catalogue import dataset_title
from core.places import artifacts_dir
from core.races import turns
from core.races.live import Lane, RaceFeed
from core.races.race_list import Race, RaceList, places_in_line, start_failure
from core.runs import records
from core.words import counted, duration, percent, whole
from pages.components import shell, trouble
from pages.components.train.lanes import show_lanes, state_text, stop_run
from pages.components.train.live_chart import live_chart

LOOK = 0.5  # seconds that all visitors share a look at the races and at the line
FULL = "line-was-full"  # when the page last ran as a whole
# Seconds. At one tick a second a browser beside the race takes 0.09 of a core and the server 0.02; the race's
# clock calls the machine busy from a tenth on.
TICK = 2.0
SHOWN_PLACES = 5  # in a longer line, the one that trains and this one are enough
AXES = {"step": "By step", "seconds": "By second"}  # units of the horizontal axis


@st.cache_resource(max_entries=4)
def _race_list(artifacts: str) -> RaceList:
    """The races of a folder, shared by all visitors."""
    return RaceList(artifacts_dir(artifacts))


@st.cache_resource(max_entries=4, ttl=LOOK, show_spinner=False)
def races(artifacts: str) -> list[Race]:
    """The races of a folder, the newest first: one look serves all visitors, however many races wait."""
    return _race_list(artifacts).races()


@st.cache_resource(max_entries=4, ttl=LOOK, show_spinner=False)
def line(artifacts: str) -> list[dict[str, Any]]:
    """The races that train or wait on this machine, looked up once for all visitors."""
    return places_in_line(artifacts_dir(artifacts))


def line_is_full() -> bool:
    """Whether no more races may wait."""
    return turns.is_full(len(line(str(artifacts_dir()))))


def show_full_line() -> bool:
    """Says that no more races may wait, when that is so."""
    if full := line_is_full():
        st.info(str(turns.LineFull()), icon=":material/hourglass_top:")
    return full


@st.cache_resource(max_entries=30)
def race_feed(artifacts: str, race: str) -> RaceFeed:
    """One race's files, read once for all visitors."""
    return RaceFeed(artifacts_dir(artifacts), race)


def show_race(race: str) -> None:
    """The race named `race`; redraws itself every other second while any race here goes on."""
    ticking = _going_on(race)
    st.session_state[FULL] = line_is_full()  # before the view, which compares
    st.fragment(_view, run_every=TICK if ticking else None)(race, ticking)


def _going_on(race: str) -> bool:
    going_on = any(item.active for item in races(str(artifacts_dir())))
    return going_on or (_find(race) is None and _still_starts(race))


def _find(race: str) -> Race | None:
    """The race, if it has made its runs; one that may have done so just now is looked for again."""
    artifacts = str(artifacts_dir())
    known = next((item for item in races(artifacts) if item.name == race), None)
    return known or _race_list(artifacts).find(race)


def _still_starts(race: str) -> bool:
    try:
        return start_failure(artifacts_dir(), race) is None
    except records.RecordError:  # nobody launched such a race
        return False


def _view(race: str, ticking: bool) -> None:
    # Always the same containers in the same order: Streamlit merges the messages of ticks that a busy
    # browser has not fetched yet by their place, which breaks when a container becomes an element.
    top, head, chart, lanes, end = (st.container() for _ in range(5))
    artifacts = artifacts_dir()
    with top:
        _line(race)
    found = _find(race)
    if found is None:
        with end:
            _starting(race)
    else:
        feed = race_feed(str(artifacts), race)
        feed.update(list(found.runs))
        with head:
            axis = _head(feed, found.title)
        if feed.lanes:
            with chart:
                _chart(feed, axis)
            with lanes:
                show_lanes(feed.lanes)
        with end:
            for run, problem in feed.problems.items():
                st.warning(f"{run} cannot be shown: {problem}")
            if any(lane.active and lane.busy_start for lane in feed.lanes):
                st.info("The machine has other work: these times may not count.")
            if not feed.active and feed.lanes:
                _result(feed.lanes)
    if (ticking and not _going_on(race)) or line_is_full() != st.session_state.get(FULL, False):
        st.rerun()  # the whole page, which then stops ticking, or has another button


def _starting(race: str) -> None:
    try:
        failure = start_failure(artifacts_dir(), race)
    except records.RecordError:
        st.warning(
            f"There is no race {shell.plain(race[:80])} here: deleted, or the link comes from elsewhere."
        )
        return
    if failure is None:
        st.info("The race is starting…", icon=":material/hourglass_top:")
    else:
        st.error(f"This race did not start.\n\n```\n{failure}\n```")


def _line(race: str) -> None:
    """Who trains, and where this race stands, when more than this race is in line."""
    places = line(str(artifacts_dir()))
    names = [place["race"] for place in places]
    if len(places) < 2 and names == [race][: len(names)]:
        return
    with st.container(horizontal=True, key="line"):
        st.markdown("In line:")
        for number, place in enumerate(places, 1):
            if number == 1 or place["race"] == race or len(places) <= SHOWN_PLACES:
                _place(place, race, number)
        if len(places) > SHOWN_PLACES:
            st.markdown(f"{counted(len(places) - 1, 'race')} waiting")


def _place(place: dict[str, Any], race: str, number: int) -> None:
    state = "trains" if number == 1 else f"place {number}"
    if place["race"] == race:
        st.markdown(f"**this race** ({state})")
    elif place["here"]:
        name = Race(place["race"], (), True).title
        shell.page_link("train", f"{name} ({state})", race=place["race"])
    else:
        st.markdown(f"a race elsewhere on this machine ({state})")


def _head(feed: RaceFeed, title: str) -> str:
    """What is trained, the button to stop it; returns the unit of the horizontal axis."""
    name, by, stop = st.columns([3, 2, 1], vertical_alignment="center")
    done = sum(not lane.active for lane in feed.lanes)
    name.markdown(f"**Race of {title}** · {_about(feed)}{done} of {len(feed.lanes)} done")
    axis = by.segmented_control(
        "Horizontal axis",
        list(AXES),
        format_func=AXES.__getitem__,
        default=st.session_state.get("chosen-axis", "step"),  # the widget's own state is lost on other pages
        required=True,
        key="axis",
        label_visibility="collapsed",
    )
    st.session_state["chosen-axis"] = axis
    if feed.active:
        # A callback, since a tick of another part of the page may carry the click before this part runs.
        stop.button("Stop all", icon=":material/stop:", width="stretch", on_click=_stop_all, args=(feed,))
    return axis


def _stop_all(feed: RaceFeed) -> None:
    for lane in feed.lanes:
        if lane.active:
            stop_run(lane.run)


def _chart(feed: RaceFeed, axis: str) -> None:
    titles = {lane.framework: frameworks.title(lane.framework) for lane in feed.lanes}
    spoken = ", ".join(f"{titles[lane.framework]} {state_text(lane)}" for lane in feed.lanes)
    live_chart(
        live_figure(feed.lanes, titles, axis),
        f"Loss and accuracy while training, by {axis}. {spoken}",
    )


def _about(feed: RaceFeed) -> str:
    for run in feed.feeds.values():
        config = run.config
        return f"{dataset_title(config.dataset)}, {config.network.name}, {config.protocol} · "
    return ""


def _result(lanes: list[Lane]) -> None:
    table = pd.DataFrame(
        [
            {
                "Framework": frameworks.title(lane.framework),
                "Seed": str(lane.seed),
                "Status": ", ".join([lane.state, *lane.marks]),
                "Test accuracy": percent(lane.test_accuracy),
                "Training": duration(lane.seconds),
                "Images/s": whole(lane.images_per_second),
                "Peak memory": whole(lane.memory_mb, "MB"),
            }
            for lane in lanes
        ]
    )
    columns = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[3:]}
    st.subheader("Result", anchor=False)
    st.dataframe(table, hide_index=True, column_config=columns, width="stretch")
    busy = [lane for lane in lanes if lane.busy and lane.learned is not False]
    trouble.busy_note([lane.run for lane in busy], [frameworks.title(lane.framework) for lane in busy])
    trouble.not_learned(
        trouble.Patient(lane.run, lane.framework, lane.diagnosis, lane.remedy)
        for lane in lanes
        if lane.learned is False and lane.diagnosis
    )
    runs = ",".join(lane.run for lane in lanes if lane.test_accuracy is not None)
    if runs:
        with st.container(horizontal=True):
            shell.page_link("compare", "Compare these runs", runs=runs)
            shell.page_link("draw", "Draw a digit for them", runs=runs)
