"""The grid of a study: a block for each trial, in it a square for each fold and seed.

The colour says how good a score is, beside the others; shape and pattern say what has none yet. The whole
grid is one element that is redrawn in place: focus, choice and scroll stay through every tick.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core import frameworks
from core.charts.colours import order, silk
from core.tuning.study import Study, Trial
from core.words import counted, percent
from pages.components.shell import text_beside
from pages.components.tune.cells import Ends, cells, ends_of
from pages.components.tune.scores import by_time, score_text

OVER = ("testing", "finished")  # states in which the search has found its best
MOST_TO_COME = 200  # empty squares for trials that nobody has thought of yet


_mount = st.components.v2.component(
    "trial_grid",
    html=text_beside(__file__, "grid.html"),
    css=text_beside(__file__, "grid.css"),
    js=text_beside(__file__, "grid.js"),
    isolate_styles=False,  # the page's colours reach it
)


def show_grid(study: Study) -> int | None:
    """Shows the grid; returns the number of the trial that the visitor chose in it."""
    result = _mount(key=f"grid-{study.spec.name}", data=grid_data(study), on_trial_change=_nothing_more)
    chosen = result.get("trial")
    known = {trial.number for trial in study.trials}
    return int(chosen) if isinstance(chosen, int | float) and chosen in known else None


def _nothing_more() -> None:
    """A choice needs nothing but the run that it starts."""


# ── what is drawn ───────────────────────────────────────────────────────────────────


def grid_data(study: Study) -> dict[str, Any]:
    """All that the component draws, as plain JSON; texts are shown letter by letter."""
    low, high = ends = ends_of(study)
    blocks = [_block(study, trial, ends) for trial in study.trials]
    to_come = max(0, (study.planned or 0) - len(study.trials))
    if study.state not in ("waiting", "searching"):
        to_come = 0  # nobody goes on with it just now
    return {
        "groups": _groups(study, blocks),
        "to_come": min(to_come, MOST_TO_COME),
        "more": max(0, to_come - MOST_TO_COME),
        "low": score_text(study.spec, low) if low is not None else "",
        "high": score_text(study.spec, high) if high is not None else "",
        "measure": "seconds of training" if by_time(study.spec) else "validation accuracy",
        "layout": _layout(study),
        "columns": study.spec.folds or len(study.spec.seeds),
        "label": _label(study),
    }


def _groups(study: Study, blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The blocks by framework where each has its own best, else together."""
    if study.spec.common or len(study.spec.frameworks) == 1:
        return [{"title": "", "number": 0, "framework": "", "blocks": list(blocks)}]
    return [
        {
            "title": frameworks.title(framework),
            "number": silk(framework).number,
            "framework": framework,
            "blocks": [block for block in blocks if block["framework"] == framework],
        }
        for framework in order(list(study.spec.frameworks))
    ]


def _block(study: Study, trial: Trial, ends: Ends) -> dict[str, Any]:
    return {
        "number": trial.number,
        "framework": trial.settings.get("framework", ""),
        "name": trial.name,
        "status": trial.status,
        "score": "" if trial.score is None else score_text(study.spec, trial.score),
        "reason": trial.reason,
        "best": _best(study, trial),
        "cells": cells(study, trial, ends),
    }


def _best(study: Study, trial: Trial) -> str:
    """What a trial is called that is ahead of all others, or of those of its framework."""
    if trial.number not in study.best.values():
        return ""
    return "the best" if study.state in OVER else "the best so far"


# ── in words ────────────────────────────────────────────────────────────────────────


def _layout(study: Study) -> str:
    """How to read a block."""
    spec = study.spec
    chosen = len(spec.frameworks) if spec.common else 1
    rows = []
    if chosen > 1:
        rows.append("frameworks")
    if len(spec.seeds) > 1 and spec.folds:
        rows.append("seeds")
    across = "folds" if spec.folds else "seeds" if len(spec.seeds) > 1 else ""
    told = [f"its {across} from left to right"] if across else []
    told += [f"its {' and '.join(rows)} from top to bottom"] if rows else []
    if not told:
        return "Each square is a trial: one choice of settings, trained once."
    return f"Each block is a trial, one choice of settings: {', '.join(told)}."


def _label(study: Study) -> str:
    """The grid in a sentence."""
    counts = {
        status: sum(trial.status == status for trial in study.trials)
        for status in ("finished", "running", "failed", "dismissed")
    }
    told = ", ".join(f"{number} {status}" for status, number in counts.items() if number)
    best = [trial.score or 0 for trial in study.trials if trial.number in study.best.values()]
    sentence = f"Grid of {counted(len(study.trials), 'trial')}: {told or 'none has begun'}."
    if best and not by_time(study.spec):
        sentence += f" Best so far {percent(max(best))} on validation images."
    return sentence
