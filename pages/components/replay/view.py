"""Mounts the track: a replay of finished runs, with clock, curves and podium."""

from pathlib import Path
from typing import Any

import streamlit as st

from core.places import artifacts_dir
from core.races import turns
from core.races.replay import read_replay
from core.runs import records
from pages.components.replay.picture import replay_picture
from pages.components.shared import results_reader
from pages.components.shell import plain, text_beside

# One module for the browser: a component's script has no files beside it to import from.
SCRIPTS = ("drawing.js", "track.js", "curves.js", "replay.js")

mount = st.components.v2.component(
    "replay",
    html=text_beside(__file__, "track.html"),
    css=text_beside(__file__, "replay.css"),
    js="\n".join(text_beside(__file__, name) for name in SCRIPTS),
    isolate_styles=False,  # the page's colours and the tests reach it
)


def show_replay(
    runs: list[str],
    key: str,
    autoplay: bool = False,
    height: int | None = None,
    curves: bool = True,
    present: bool = False,
) -> None:
    """These runs on one clock: a lane each, play, pause, speed, scrub, and the podium at the end.

    Without `autoplay`, and for who wants no movement, the finish is shown until somebody presses Play.
    The picture stays as it is, playing on, when the page runs again with the same runs.

    Args:
        runs: names of runs; those that cannot be replayed are named below, with the reason.
        key: of the element, one for each place on a page.
        autoplay: whether it plays by itself once it is seen; not while a race trains on this machine,
            whose clock a moving picture would disturb.
        height: of the track in pixels; by default as high as its lanes need.
        curves: whether loss and accuracy grow below the track.
        present: large enough for a projector, with its keys on the whole page.
    """
    picture, missing = _picture(str(artifacts_dir()), tuple(runs), _marks(runs))
    if picture is not None:
        shown = {"autoplay": autoplay and not turns.waiting(), "height": height, "curves": curves}
        mount(key=key, data=picture | shown | {"present": present})
    if missing:
        _say_missing(missing, nothing=picture is None)


def _marks(runs: list[str]) -> tuple[int, ...]:
    """The times of the records: other marks, another content."""
    paths = [_record(run) for run in runs]
    return tuple(path.stat().st_mtime_ns if path and path.is_file() else 0 for path in paths)


def _record(run: str) -> Path | None:
    try:
        return records.metrics_path(artifacts_dir(), run)
    except records.RecordError:
        return None  # no run can have this name


@st.cache_data(max_entries=20, show_spinner=False)
def _picture(
    artifacts: str, runs: tuple[str, ...], marks: tuple[int, ...]
) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """What is drawn, None when none of the runs can be replayed, and why for those that cannot."""
    from core.comparison.podium import podium  # pandas, which not every page needs

    replay = read_replay(artifacts_dir(artifacts), runs)
    if not replay.lanes:
        return None, replay.missing
    frame = results_reader().read().frame
    ranked = podium(frame[frame.run.isin([lane.run for lane in replay.lanes])])
    return replay_picture(replay.lanes, ranked), replay.missing


def _say_missing(missing: dict[str, str], nothing: bool) -> None:
    """Names the runs that cannot be replayed, those with one reason together."""
    by_reason: dict[str, list[str]] = {}
    for run, reason in missing.items():
        by_reason.setdefault(reason, []).append(run[:60])
    told = [f"{plain(', '.join(names))}: {plain(reason)}" for reason, names in by_reason.items()]
    if nothing:
        st.info("  \n".join(["**These runs cannot be replayed.**", *told]), icon=":material/videocam_off:")
    else:
        st.caption("  \n".join(["Not in this replay:", *told]))
