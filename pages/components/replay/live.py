"""The track of a race that goes on: every lane on the clock of the run that trains now."""

from collections.abc import Mapping, Sequence
from typing import Any

from core import frameworks
from core.charts.track import Track, reached, track
from core.races.live import Lane
from core.races.replay import ReplayLane
from core.words import duration, percent
from pages.components.replay.picture import silks
from pages.components.replay.view import mount

EARLIER = "earlier run"
HOW = "Runs train one after another, which is fair; here all lanes show the clock of the one that trains now."
HOW_GHOSTS = " Pale and dashed: the newest earlier run of a framework whose turn is still to come."
EXPECTED = 0.99  # where the track leads while no run has told more


def show_live_track(
    lanes: Sequence[Lane], states: Mapping[str, str], ghosts: Mapping[str, ReplayLane], present: bool = False
) -> None:
    """The race at this moment; between two runs of the page the script moves the runners on.

    Args:
        lanes: all of the race, in their order.
        states: what each run does, in a few words.
        ghosts: an earlier run for each run that has one.
        present: large enough for a projector.
    """
    mount(
        key="live-track",
        data=live_picture(lanes, states, ghosts)
        | {"autoplay": False, "height": None, "curves": False, "present": present},
    )


def live_picture(
    lanes: Sequence[Lane], states: Mapping[str, str], ghosts: Mapping[str, ReplayLane]
) -> dict[str, Any]:
    """What the track's script draws of a race that goes on."""
    runs_now = next((lane for lane in lanes if lane.state == "running"), None)
    trains = runs_now is not None and runs_now.phase == "train"
    heights = {lane.run: reached(lane.train["accuracy"]) for lane in lanes}
    course = _course(lanes, heights, ghosts)
    clock = _clock(lanes, runs_now)
    several = len({lane.framework for lane in lanes}) < len(lanes)
    return {
        "id": "live",
        "live": True,
        "runs": trains,
        "clock": clock,
        "label": "The race on one clock",
        "lanes": [
            _lane(lane, states[lane.run], heights[lane.run], course, ghosts.get(lane.run), several)
            for lane in lanes
        ],
        "marks": course.marks(),
        "seconds": max([lane.seconds or 0 for lane in lanes] + [clock, 0.1]),
        "fit": 1,
        "speeds": [],
        "note": HOW + (HOW_GHOSTS if any(lane.active and lane.run in ghosts for lane in lanes) else ""),
        "podium": None,
        "finish": "",
        "curves_label": "",
    }


def _clock(lanes: Sequence[Lane], runs_now: Lane | None) -> float:
    """Seconds on the clock of the run that trains; of a race that is done, its longest."""
    if runs_now is not None:
        return runs_now.seconds or 0.0 if runs_now.phase in ("train", "test") else 0.0
    done = [lane.seconds or 0.0 for lane in lanes if not lane.active]
    return max(done, default=0.0) if len(done) == len(lanes) else 0.0


def _course(
    lanes: Sequence[Lane], heights: Mapping[str, list[float]], ghosts: Mapping[str, ReplayLane]
) -> Track:
    """A track as long as the best of those need whose training is over."""
    ends = [heights[lane.run][-1] for lane in lanes if lane.state == "finished" and heights[lane.run]]
    ends += [reached(ghost.curve["accuracy"])[-1] for ghost in ghosts.values()]
    running = [heights[lane.run][-1] for lane in lanes if heights[lane.run]]
    return track(max([*running, *(ends or [EXPECTED])]))


def _lane(
    lane: Lane, state: str, height: list[float], course: Track, ghost: ReplayLane | None, several: bool
) -> dict[str, Any]:
    title, over = frameworks.title(lane.framework), not lane.active
    known = [seconds or 0.0 for seconds in lane.train["seconds"]]
    marks = lane.marks if lane.state == "finished" else [lane.state] if over else []
    result = f"{percent(lane.test_accuracy)} in the test" if lane.test_accuracy is not None else ""
    return silks(lane.framework) | {
        "title": f"{title}, seed {lane.seed}" if several else title,
        "waits": not known,
        "seconds": lane.seconds if over else None,
        "time": duration(lane.seconds),
        "at": known,
        "reached": [round(value, 5) for value in height],
        "place": [round(course.place(value), 5) for value in height],
        "post": course.place(height[-1]) if over and height else None,
        "place_word": "",
        "mark": ", ".join(marks),
        "result": result,
        "note": state,
        "ghost": None if over or ghost is None or known else _ghost(ghost, course),
    }


def _ghost(ghost: ReplayLane, course: Track) -> dict[str, Any]:
    places = [round(course.place(value), 5) for value in reached(ghost.curve["accuracy"])]
    return {"at": ghost.curve["seconds"], "place": places, "word": EARLIER}
