"""The podium of the chosen runs, by the clock: who shares a step is too close to call."""

from collections.abc import Sequence
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
    behind = [_runner(runner) for step in found.steps[MOST_STEPS:] for runner in step]
    said = " ".join(filter(None, (found.reason, comparison.untimed_note())))
    steps = [[_runner(runner) for runner in step] for step in found.steps[:MOST_STEPS]]
    st.html(podium_html(found.headline, said, steps, behind))
    return True


def podium_html(headline: str, said: str, steps: Sequence[Sequence[str]], behind: Sequence[str] = ()) -> str:
    """A podium: who stands on each step from the first on, and below it who is behind, all as HTML."""
    shown, before = [], 0
    for step in steps:
        shown.append(_step(step, before + 1))
        before += len(step)
    rest = "".join(f"<li>{runner}</li>" for runner in behind)
    return (
        f'{STYLE}<section class="podium card"><div class="podium-said"><h2 class="condensed">'
        f"{escape(headline)}</h2><p>{escape(said)}</p></div>"
        f'<ol class="podium-steps">{"".join(shown)}</ol>'
        + (f'<ul class="podium-behind" aria-label="behind them">{rest}</ul>' if rest else "")
        + "</section>"
    )


def _step(runners: Sequence[str], place: int) -> str:
    joint = "joint " * (len(runners) > 1)
    names = "".join(f"<div>{runner}</div>" for runner in runners)
    return (
        f'<li class="podium-step"><div class="podium-names">{names}</div>'
        f'<div class="podium-place condensed">{joint}{ordinal(place)}</div></li>'
    )


def _runner(runner: Runner) -> str:
    title = escape(frameworks.title(runner.framework))
    return f'{disc(runner.framework)} <b>{title}</b> <span class="figures">{seconds(runner.seconds)}</span>'
