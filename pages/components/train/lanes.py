"""The lanes of a race: one card per run with its state, progress and figures."""

from html import escape

import streamlit as st

from core import frameworks
from core.charts.colours import colour
from core.places import artifacts_dir
from core.races.live import Lane
from core.runs.status import request_stop

STYLE = """<style>
.st-key-lanes { display: grid; grid-template-columns: repeat(auto-fit, minmax(195px, 1fr)); gap: 0.75rem; }
[class*="st-key-lane-"] { padding: 0.5rem 0.8rem 0.6rem; gap: 0.3rem; border-top: 4px solid var(--lane); }
.st-key-lanes > * { height: 100%; }
.st-key-lanes > * > [class*="st-key-lane-"] { height: 100%; }
.lane-head { display: flex; justify-content: space-between; gap: 0.5rem; align-items: baseline; }
.lane-head b { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.lane-state { font-size: 0.85rem; opacity: 0.85; white-space: nowrap; }
.lane-bar { height: 8px; border-radius: 4px; margin: 0.3rem 0; overflow: hidden;
  background: color-mix(in srgb, currentColor 16%, transparent); }
.lane-bar div { height: 100%; }
.lane-note { font-size: 0.85rem; min-height: 1.3em; font-variant-numeric: tabular-nums; }
.lane dl { display: grid; grid-template-columns: 1fr auto; margin: 0.25rem 0 0; padding: 0;
  font-size: 0.85rem; line-height: 1.35; }
.lane dt { padding: 0; opacity: 0.85; font-weight: 400; margin: 0; }
.lane dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; font-weight: 600; }
.lane pre { font-size: 0.75rem; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 9rem;
  overflow-y: auto; margin: 0.4rem 0 0; }
</style>"""

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
    colours = "".join(
        f".st-key-lane-{position} {{ --lane: {colour(lane.framework)}; }}"
        for position, lane in enumerate(lanes)
    )
    st.html(STYLE.replace("</style>", f"{colours}</style>"))
    several = len({lane.seed for lane in lanes}) > 1
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
                        on_click=request_stop,
                        args=(artifacts_dir(), lane.run),
                        icon=":material/stop:",
                        width="stretch",
                    )


def _label(lane: Lane, seed: str) -> str:
    return ", ".join(filter(None, (frameworks.title(lane.framework), seed)))


def card(lane: Lane, seed: str) -> str:
    """One lane's figures as HTML, with its seed where it says one; what comes from a file is escaped."""
    percent = round(100 * lane.progress)
    figures = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in _figures(lane))
    title, label = escape(frameworks.title(lane.framework)), escape(_label(lane, seed))
    note = " · ".join(filter(None, (seed, _note(lane)))) or "&nbsp;"
    reason = f"<pre>{escape(lane.reason[-1500:])}</pre>" if lane.state in ("failed", "interrupted") else ""
    return (
        f'<div class="lane" data-framework="{escape(lane.framework)}" data-state="{lane.state}">'
        f'<div class="lane-head"><b>{title}</b>'
        f'<span class="lane-state">{state_text(lane)}</span></div>'
        f'<div class="lane-bar" role="progressbar" aria-label="{label}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}">'
        f'<div style="width:{percent}%;background:{colour(lane.framework)}"></div></div>'
        f'<div class="lane-note">{note}</div><dl>{figures}</dl>{reason}</div>'
    )


def state_text(lane: Lane) -> str:
    """The state in a word or two."""
    if lane.stopping:
        return "stopping"
    return PHASES.get(lane.phase, lane.phase) if lane.state == "running" else lane.state


def _note(lane: Lane) -> str:
    if lane.state == "stopped" and not lane.step:
        return "before it began"
    if not lane.epoch:
        return "first step…" if lane.phase == "train" and lane.active else ""
    note = f"epoch {lane.epoch} of {lane.epochs}"
    if lane.state == "running" and lane.phase == "train" and lane.seconds_left is not None:
        note += f" · {duration(lane.seconds_left)} left"
    return note


def _figures(lane: Lane) -> list[tuple[str, str]]:
    test = lane.test_accuracy is not None
    return [
        (
            "test accuracy" if test else "val. accuracy",
            percentage(lane.test_accuracy if test else lane.val_accuracy),
        ),
        ("training", duration(lane.seconds)),
        ("images/s", rounded(lane.images_per_second)),
        ("peak memory", rounded(lane.memory_mb, " MB")),
    ]


def percentage(fraction: float | None) -> str:
    """An accuracy for a reader."""
    return "–" if fraction is None else f"{fraction:.2%}"


def rounded(value: float | None, unit: str = "") -> str:
    """A large number for a reader."""
    return "–" if value is None else f"{value:,.0f}{unit}"


def duration(seconds: float | None) -> str:
    """Seconds for a reader: 8.4 s, 42 s, 3:05 min, 1:02:09 h."""
    if seconds is None:
        return "–"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} h" if hours else f"{minutes}:{rest:02} min"
