"""A race as it goes on: chart, lanes, line, result. Only this part of the page ticks."""

from threading import Condition
from typing import Any

import streamlit as st
from cachetools import TTLCache, cached

from core import frameworks
from core.charts.live import live_figure
from core.data.catalogue import dataset_title
from core.places import artifacts_dir
from core.races import turns
from core.races.live import RaceFeed, race_seconds_left
from core.races.race_list import Race, RaceList, start_failure
from core.races.replay import ReplayLane, ghosts
from core.runs import records
from core.words import counted, duration
from pages.components import present, shell
from pages.components.fields import WORDS
from pages.components.launching import line, line_is_full, study_in_line
from pages.components.live_chart import live_chart
from pages.components.names import race_heading, race_name, study_heading
from pages.components.replay import show_replay
from pages.components.replay.live import show_live_track
from pages.components.shared import FOLDERS, LOOK
from pages.components.train.fetching import (
    fetching_phase,
    not_fetched,
    show_fetching,
    show_not_fetched,
)
from pages.components.train.lanes import show_lanes, state_text, stop_run, track_note
from pages.components.train.result import show_figures, show_trouble, show_verdict

WHOLE = "train-page"  # what the page as a whole went by when it last ran
# Seconds, for each number of threads that a race trains with. Its clock calls the machine busy where others
# take a tenth of that; browser and server beside it take 0.12 to 0.17 of a core at a tick in three seconds.
TICKS = {1: 4.0}
TICK = 3.0  # with more than one
FETCH_TICK = 1.0  # while data is fetched, which nobody times, and no race trains
SHOWN_PLACES = 5  # in a longer line, the one that trains and this one are enough
MOST_SMOOTHING = 0.95
AXES = {"step": "By step", "seconds": "By second"}  # units of the horizontal axis


@st.cache_resource(max_entries=4)
def _race_list(artifacts: str) -> RaceList:
    """The races of a folder, shared by all visitors."""
    return RaceList(artifacts_dir(artifacts))


@cached(TTLCache(FOLDERS, LOOK), condition=Condition())
def races(artifacts: str) -> list[Race]:
    """The races of a folder, the newest first: one look serves all visitors, however many races wait."""
    return _race_list(artifacts).races()


@st.cache_resource(max_entries=30)
def race_feed(artifacts: str, race: str) -> RaceFeed:
    """One race's files, read once for all visitors."""
    return RaceFeed(artifacts_dir(artifacts), race)


def show_race(race: str) -> None:
    """The race named `race`; redraws itself every few seconds while any race here goes on."""
    ticking = going_on(race)
    st.session_state[WHOLE] = _whole(race)  # before the view, which compares
    st.fragment(_view, run_every=_tick(race) if ticking else None)(race, ticking)


def _tick(race: str) -> float:
    """Seconds between looks: a page that is watched may not slow down what it shows."""
    if fetching_phase(race) and turns.front() is None:
        return FETCH_TICK
    found = find_race(race)
    return TICKS.get(found.threads or 0, TICK) if found else TICK


def _whole(race: str) -> tuple[bool, bool, bool, float]:
    """What decides what the rest of the page looks like, and how often this part looks again."""
    return line_is_full(), present.presenting(), fetching_phase(race) is not None, _tick(race)


def going_on(race: str) -> bool:
    """Whether the page is to look again: this race, or any other here, may still change."""
    if any(item.active for item in races(str(artifacts_dir()))):
        return True
    found = find_race(race)  # one that the look of a moment ago has not met, too
    return found.active if found else _still_starts(race)


def find_race(race: str) -> Race | None:
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
    if st.query_params.get("race") != race:
        st.rerun()  # the whole page: a click in here began another race
    # Always the same containers in the same order: Streamlit merges the messages of ticks that a busy
    # browser has not fetched yet by their place, which breaks when a container becomes an element.
    top, head, fetching, track, verdict, lanes, chart, end = (st.container() for _ in range(8))
    with top:
        _line(race)
    found = find_race(race)
    if found is None:
        with end:
            _starting(race)
    else:
        feed = race_feed(str(artifacts_dir()), race)
        feed.update(list(found.runs))
        phase = fetching_phase(race) if feed.active else None  # a race that was stopped is over at once
        with head:
            _head(feed, race_heading(found))
        if phase:
            with fetching:
                show_fetching(phase)
        if feed.lanes:
            with track:
                _track(feed, "its data" if phase else "its turn")
            with verdict:
                if not feed.active:
                    show_verdict(race, feed.lanes)
                if not feed.active and not present.presenting():
                    show_trouble(feed.lanes)
            if not present.presenting():
                with lanes:
                    show_lanes(feed.lanes)
                with chart:
                    _chart(feed)
        with end:
            _end(feed)
    if (ticking and not going_on(race)) or _whole(race) != st.session_state.get(WHOLE, _whole(race)):
        st.rerun()  # the whole page, which then stops ticking, or has another button


def _track(feed: RaceFeed, waits_for: str) -> None:
    """The race at this moment; once it is over its replay, which shows the finish and the podium."""
    on_stage = present.presenting()
    finished = [lane.run for lane in feed.lanes if lane.state == "finished"]
    if feed.active:
        notes = {lane.run: track_note(lane, waits_for) for lane in feed.lanes}
        show_live_track(feed.lanes, notes, _ghosts(feed), on_stage)
    elif finished:
        show_replay(finished, key="finish", curves=on_stage, present=on_stage)


def _end(feed: RaceFeed) -> None:
    for run, problem in feed.problems.items():
        st.warning(f"{run} cannot be shown: {problem}")
    if any(lane.active and lane.busy_start for lane in feed.lanes):
        st.info("The machine has other work: these times may not count.")
    if not feed.active and feed.lanes and not present.presenting():
        show_figures(feed.lanes)


def _starting(race: str) -> None:
    if problem := not_fetched(race):
        show_not_fetched(problem)
        return
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
    state = ("trains" if number == 1 else f"place {number}") if place["ready"] else "fetches its data"
    if place["race"] == race:
        st.markdown(f"**this race** ({state})")
    elif spec := study_in_line(place["race"]):
        shell.page_link("tune", f"{shell.plain(study_heading(spec))} ({state})", study=spec.name)
    elif place["here"]:
        known = find_race(place["race"]) or Race(place["race"], (), True)
        shell.page_link("train", f"{shell.plain(race_name(known))} ({state})", race=place["race"])
    else:
        st.markdown(f"a race elsewhere on this machine ({state})")


def _head(feed: RaceFeed, heading: str) -> None:
    """What is trained and how far it is; the button to stop it."""
    done = sum(not lane.active for lane in feed.lanes)
    told = f"**{shell.plain(heading)}** · {_about(feed)}{done} of {len(feed.lanes)} done{_time_left(feed)}"
    if present.presenting():
        st.markdown(told)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="race-head"):
        st.markdown(told)
        if feed.active:
            # A callback, since a tick of another part of the page may carry the click before this part runs.
            st.button("Stop all", icon=":material/stop:", on_click=_stop_all, args=(feed,))
        present.present_button()


def _stop_all(feed: RaceFeed) -> None:
    for lane in feed.lanes:
        if lane.active:
            stop_run(lane.run)


def _chart(feed: RaceFeed) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="chart-controls"):
        axis, smoothing = _axis(), _smoothing()
    titles = {lane.framework: frameworks.title(lane.framework) for lane in feed.lanes}
    spoken = ", ".join(f"{titles[lane.framework]} {state_text(lane)}" for lane in feed.lanes)
    st.caption("Validation: tried on images that are held back from training.")
    live_chart(
        live_figure(feed.lanes, titles, axis, smoothing=smoothing),
        f"Loss and accuracy while training, by {axis}. {spoken}",
    )


def _axis() -> str:
    axis = st.segmented_control(
        "Horizontal axis",
        list(AXES),
        format_func=AXES.__getitem__,
        default=st.session_state.get("chosen-axis", "step"),  # the widget's own state is lost on other pages
        required=True,
        key="axis",
        label_visibility="collapsed",
    )
    st.session_state["chosen-axis"] = axis
    return axis


def _smoothing() -> float:
    """How much of a training curve's every point comes from those before it, as in TensorBoard."""
    smoothing = st.slider(
        "Smoothing",
        0.0,
        MOST_SMOOTHING,
        st.session_state.get("chosen-smoothing", 0.0),
        0.05,
        key="smoothing",
        help="0 draws the curves as they were measured; the more, the less they jump",
        width=220,
    )
    st.session_state["chosen-smoothing"] = smoothing
    return smoothing


def _ghosts(feed: RaceFeed) -> dict[str, ReplayLane]:
    return race_ghosts(str(artifacts_dir()), feed.race, tuple(feed.feeds), feed)


@st.cache_resource(max_entries=30, show_spinner=False)
def race_ghosts(artifacts: str, race: str, runs: tuple[str, ...], _feed: RaceFeed) -> dict[str, ReplayLane]:
    """Run → an earlier one of the same set-up, looked for once: later ones would be this race's own."""
    found = {run: ghosts(artifacts_dir(artifacts), _feed.feeds[run].config) for run in runs}
    return {run: ghost for run, ghost in found.items() if ghost is not None}


def _time_left(feed: RaceFeed) -> str:
    """Of the whole race, in words; empty while nobody knows, and when it is over."""
    known = {run: ghost.seconds + ghost.besides for run, ghost in _ghosts(feed).items()}
    left = race_seconds_left(feed.lanes, known) if feed.active else None
    return f" · about {duration(left)} left" if left else ""


def _about(feed: RaceFeed) -> str:
    for run in feed.feeds.values():
        config = run.config
        rules = WORDS["protocol"][config.protocol].lower()
        return f"{dataset_title(config.dataset)}, {config.network.name}, {rules} · "
    return ""
