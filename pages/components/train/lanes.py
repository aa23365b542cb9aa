"""The lanes of a race: one card per run with its state, progress and figures."""

from html import escape

import streamlit as st

from core import frameworks
from core.places import artifacts_dir
from core.races.live import Lane
from core.runs import records
from core.runs.status import request_stop
from core.words import duration, percent, whole
from pages.components import shell
from pages.components.shell import style, text_beside
from pages.components.silks import disc, silk_css

STYLE = text_beside(__file__, "lanes.css")

LEAST = 1.0  # seconds of training before the time left is told
PHASES = {
    "": "starting",
    "import": "importing",
    "data": "loading data",
    "build": "building",
    "train": "training",
    "test": "testing",
}


def show_lanes(lanes: list[Lane]) -> None:
    """All cards side by side, stacked where there is no room; each with a stop button while it goes on."""
    st.html(style(STYLE + silk_css(sorted({lane.framework for lane in lanes}))))
    several = len({lane.seed for lane in lanes}) > 1
    if problem := st.session_state.pop("not-stopped", None):
        st.toast(f"Not stopped: {shell.plain(problem)}", icon=":material/error:", duration="long")
    with st.container(key="lanes"):
        for position, lane in enumerate(lanes):
            with st.container(border=True, key=f"lane-{position}"):
                seed = f"seed {lane.seed}" if several else ""
                st.html(card(lane, seed))
                if lane.active:
                    st.button(
                        "Stop",
                        key=f"stop-{lane.run}",
                        help=f"Stop {_label(lane, seed)}; what it learned so far is scored and kept",
                        disabled=lane.stopping,
                        on_click=stop_run,
                        args=(lane.run,),
                        icon=":material/stop:",
                        width="stretch",
                    )


def stop_run(run: str) -> None:
    """Asks a run to stop, as a button's callback; where that cannot be written, says so."""
    try:
        request_stop(artifacts_dir(), run)
    except records.RecordError as error:
        st.session_state["not-stopped"] = str(error)


def _label(lane: Lane, seed: str) -> str:
    return ", ".join(filter(None, (frameworks.title(lane.framework), seed)))


def card(lane: Lane, seed: str) -> str:
    """One lane's figures as HTML, with its seed where it says one; what comes from a file is escaped."""
    done = round(100 * lane.progress)
    figures = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in _figures(lane))
    title, label = escape(frameworks.title(lane.framework)), escape(_label(lane, seed))
    note = " · ".join(filter(None, (seed, _note(lane)))) or "&nbsp;"
    marks = f'<div class="lane-mark">{", ".join(lane.marks)}</div>' if lane.marks else ""
    reason = f"<pre>{escape(lane.reason[-1500:])}</pre>" if lane.state in ("failed", "interrupted") else ""
    return (
        f'<div class="lane" style="--lane: var(--silk-{escape(lane.framework)})" '
        f'data-framework="{escape(lane.framework)}" data-state="{lane.state}">'
        f'<div class="lane-head"><b>{disc(lane.framework)} {title}</b>'
        f'<span class="lane-state">{state_text(lane)}</span></div>'
        f'<div class="lane-bar" role="progressbar" aria-label="{label}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{done}">'
        f'<div style="width:{done}%"></div></div>'
        f'<div class="lane-note">{note}</div>{marks}<dl>{figures}</dl>{reason}</div>'
    )


def state_text(lane: Lane) -> str:
    """The state in a word or two."""
    if lane.stopping:
        return "stopping"
    return PHASES.get(lane.phase, lane.phase) if lane.state == "running" else lane.state


def track_note(lane: Lane, waits_for: str) -> str:
    """What a run does, beside its lane on the track; one that is queued says what for."""
    if lane.state == "queued":
        return f"waits for {waits_for}"
    if lane.state == "finished":
        return f"done in {duration(lane.seconds)}"
    return f"{duration(lane.seconds_left)} left" if _foresees(lane) else state_text(lane)


def _foresees(lane: Lane) -> bool:
    """Whether what it says about the time left means something; the first steps take longest."""
    trains = lane.state == "running" and lane.phase == "train"
    return trains and lane.seconds_left is not None and (lane.seconds or 0) >= LEAST


def _note(lane: Lane) -> str:
    if lane.state == "stopped" and not lane.step:
        return "before it began"
    if not lane.epoch:
        return "first step…" if lane.phase == "train" and lane.active else ""
    note = f"epoch {lane.epoch} of {lane.epochs}"
    if _foresees(lane):
        note += f" · {duration(lane.seconds_left)} left"
    return note


def _figures(lane: Lane) -> list[tuple[str, str]]:
    test = lane.test_accuracy is not None
    return [
        (
            "test accuracy" if test else "val. accuracy",
            percent(lane.test_accuracy if test else lane.val_accuracy),
        ),
        ("training", duration(lane.seconds)),
        ("images/s", whole(lane.images_per_second)),
        ("peak memory", whole(lane.memory_mb, "MB")),
    ]
