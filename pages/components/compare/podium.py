"""The podium of the chosen runs, by the clock: who shares a step is too close to call."""

from html import escape

import streamlit as st

from core import frameworks
from core.comparison.compare import Comparison
from core.comparison.podium import Runner, podium
from core.words import ordinal, seconds
from pages.components.shell import style, text_beside
from pages.components.silks import disc

STYLE = style(text_beside(__file__, "podium.css"))
MOST_STEPS = 3  # who is behind them is named below


def show_podium(comparison: Comparison) -> bool:
    """The steps and what is to be said about them; whether anybody stands on one."""
    found = podium(comparison.frame)
    if not found.steps:
        return False
    behind = [runner for step in found.steps[MOST_STEPS:] for runner in step]
    steps, before = [], 0
    for step in found.steps[:MOST_STEPS]:
        steps.append(_step(step, before + 1))
        before += len(step)
    said = " ".join(filter(None, (found.reason, comparison.untimed_note())))
    rest = "".join(f"<li>{_runner(runner)}</li>" for runner in behind)
    st.html(
        f'{STYLE}<section class="podium card"><div class="podium-said"><h2 class="condensed">'
        f"{escape(found.headline)}</h2><p>{escape(said)}</p></div>"
        f'<ol class="podium-steps">{"".join(steps)}</ol>'
        + (f'<ul class="podium-behind" aria-label="behind them">{rest}</ul>' if rest else "")
        + "</section>"
    )
    return True


def _step(runners: tuple[Runner, ...], place: int) -> str:
    joint = "joint " * (len(runners) > 1)
    names = "".join(f"<div>{_runner(runner)}</div>" for runner in runners)
    return (
        f'<li class="podium-step"><div class="podium-names">{names}</div>'
        f'<div class="podium-place condensed">{joint}{ordinal(place)}</div></li>'
    )


def _runner(runner: Runner) -> str:
    title = escape(frameworks.title(runner.framework))
    return f'{disc(runner.framework)} <b>{title}</b> <span class="figures">{seconds(runner.seconds)}</span>'
