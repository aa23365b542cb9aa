"""What the replay's script draws, as plain JSON: lanes on a track, a podium, the words beside them."""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from core import frameworks
from core.charts.colours import silk
from core.charts.track import Track, reached, track
from core.comparison.podium import Podium
from core.races.replay import ReplayLane
from core.runs.metrics import clock_marks
from core.words import counted, listed, percent, seconds

MOST_LANES = 6  # of more runs, each framework's with the middle time runs
FIT = 15  # seconds that a race takes at the speed "fit"
SPEEDS = (("fit", f"in {FIT} s"), ("1", "1 ×"), ("4", "4 ×"), ("16", "16 ×"))
HOW = (
    "How far right a runner stands is how many training pictures it reads right (its accuracy), stretched "
    "towards 100 %. All clocks start together; at the dashed green post a run's training ends, "
    "and the shortest time wins."
)


def chosen_lanes(lanes: Sequence[ReplayLane]) -> list[ReplayLane]:
    """All lanes when they are few, else of each framework the run with the middle time."""
    if len(lanes) <= MOST_LANES:
        return list(lanes)
    chosen = []
    for _, alike in groupby(lanes, lambda lane: lane.framework):
        by_time = sorted(alike, key=lambda lane: lane.seconds)
        chosen.append(by_time[(len(by_time) - 1) // 2])
    return chosen


def replay_picture(lanes: Sequence[ReplayLane], ranked: Podium) -> dict[str, Any]:
    """The picture of finished runs, from the gate to the podium.

    Args:
        lanes: at least one, in the order in which they are shown.
        ranked: the podium of these runs, or of those they stand for.
    """
    shown = chosen_lanes(lanes)
    several = len({lane.framework for lane in shown}) < len(shown)
    heights = {lane.run: reached(lane.curve["accuracy"]) for lane in shown}
    course = track(max(height[-1] for height in heights.values()))
    longest = max(lane.seconds for lane in shown)
    note = HOW
    if len(shown) < len(lanes):
        note += f" Of {counted(len(lanes), 'run')} each framework's with the middle time runs here."
    return {
        "id": _name([lane.run for lane in shown]),
        "live": False,
        "label": "Replay of a race. Space plays and pauses, the arrow keys move the clock.",
        "lanes": [_lane(lane, heights[lane.run], course, ranked, several) for lane in shown],
        "marks": course.marks(),
        "seconds": longest,
        "fit": FIT,
        "speeds": SPEEDS if longest > FIT else SPEEDS[1:],
        "note": note,
        "podium": _podium(ranked, _titles(lanes)),
        "finish": f"{ranked.headline}. {ranked.reason}",
        "curves_label": _curves_label(shown),
    }


def _name(runs: Sequence[str]) -> str:
    return f"replay-{hashlib.sha256(' '.join(runs).encode()).hexdigest()[:10]}"


def _titles(lanes: Sequence[ReplayLane]) -> dict[str, str]:
    """Run → what to call it, in the order in which they are shown."""
    several = len({lane.framework for lane in lanes}) < len(lanes)
    return {lane.run: _title(lane, several) for lane in lanes}


def _title(lane: ReplayLane, several: bool) -> str:
    title = frameworks.title(lane.framework)
    return f"{title}, seed {lane.seed}" if several else title


def silks(framework: str) -> dict[str, Any]:
    """Number, colour and dashes of a framework, as the script takes them."""
    worn = silk(framework)
    return {"number": str(worn.number), "paint": f"light-dark({worn.light}, {worn.dark})", "dash": worn.dash}


def _lane(
    lane: ReplayLane, height: list[float], course: Track, ranked: Podium, several: bool
) -> dict[str, Any]:
    marks = clock_marks(lane.busy, lane.learned)
    unranked = marks or lane.run in ranked.unranked
    # The last point may lie a little before the end of the clock: the runner goes on to its post.
    at = [*lane.curve["seconds"][:-1], lane.seconds]
    return silks(lane.framework) | {
        "title": _title(lane, several),
        "waits": False,
        "seconds": lane.seconds,
        "time": seconds(lane.seconds),
        "at": at,
        "reached": [round(value, 5) for value in height],
        "place": [round(course.place(value), 5) for value in height],
        "post": course.place(height[-1]),
        "loss": lane.curve["loss"],
        "accuracy": lane.curve["accuracy"],
        "place_word": "" if unranked else ranked.place(lane.framework),
        "mark": ", ".join(marks),
        "result": f"{percent(lane.test_accuracy)} in the test" if lane.test_accuracy is not None else "",
        "note": "",
        "ghost": None,
    }


def _podium(ranked: Podium, titles: Mapping[str, str]) -> dict[str, Any]:
    left_out: dict[str, list[str]] = {}
    for run, title in titles.items():
        if run in ranked.unranked:
            left_out.setdefault(ranked.unranked[run], []).append(title)
    return {
        "headline": ranked.headline,
        "reason": ranked.reason,
        "steps": [
            {
                "word": ranked.place(step[0].framework),
                "height": max(0, 4 - number),
                "runners": [
                    silks(one.framework)
                    | {
                        "title": frameworks.title(one.framework),
                        "time": seconds(one.seconds) + (f", fastest of {one.runs}" if one.runs > 1 else ""),
                    }
                    for one in step
                ],
            }
            for number, step in enumerate(ranked.steps, 1)
        ],
        "unranked": [
            f"Shown, but not ranked: {listed(names)} ({reason})." for reason, names in left_out.items()
        ],
    }


def _curves_label(lanes: Sequence[ReplayLane]) -> str:
    ends = [
        f"{frameworks.title(lane.framework)} {lane.curve['loss'][-1]:.3g} and "
        f"{percent(lane.curve['accuracy'][-1])}"
        for lane in lanes
    ]
    return f"Loss and accuracy over the seconds of training; they end at {', '.join(ends)}."
