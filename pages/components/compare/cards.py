"""The runs as cards, where a window is too narrow for a table."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from core import frameworks
from core.charts.colours import silk
from core.comparison.results import marks_in_words
from core.words import UNKNOWN, missing, percent, seconds
from pages.components.shell import text_beside
from pages.components.silks import silk_css

MOST_CARDS = 40  # beyond them a filter helps more than scrolling
KEY = "run-cards"

_mount = st.components.v2.component(
    "run_cards",
    html='<ul class="run-cards"></ul>',
    css=silk_css() + text_beside(__file__, "cards.css"),
    js=text_beside(__file__, "cards.js"),
    isolate_styles=False,
)


def run_cards(frame: pd.DataFrame, chosen: list[str], pick: Callable[[list[str]], None]) -> None:
    """A card for each run, to be chosen by a touch; on wide windows nothing.

    Args:
        frame: rows of `Results.frame` with their `name`, in the order in which they are shown.
        chosen: the runs that are chosen.
        pick: called with the chosen ones of these runs when that changes.
    """
    shown = frame.head(MOST_CARDS)
    beyond = [run for run in chosen if run in frame.index and run not in shown.index]

    def picked() -> None:
        touched = st.session_state[KEY].picked["runs"]
        pick([*(run for run in shown.index if run in touched), *beyond])

    marks = marks_in_words(shown)
    cards = [_card(row, marks[str(row["run"])]) for row in shown.to_dict("records")]
    data = {"cards": cards, "chosen": [run for run in chosen if run in shown.index], "all": len(frame)}
    _mount(key=KEY, data=data, default={"picked": None}, on_picked_change=picked)


def _card(row: dict[Any, Any], mark: str) -> dict[str, Any]:
    seed = [] if missing(row["seed"]) else [f"seed {row['seed']:.0f}"]
    return {
        "run": row["run"],
        "title": frameworks.title(row["framework"]),
        "number": "" if missing(row["framework"]) else silk(row["framework"]).number,
        "silk": f"var(--silk-{row['framework']}, var(--soft))",
        "name": ", ".join([row["name"], *seed]),
        "accuracy": percent(row["test_accuracy"]),
        "time": UNKNOWN if missing(row["train_time_sec"]) else seconds(row["train_time_sec"]),
        "mark": ", ".join(filter(None, [mark, row["told"] and f"filled in by hand: {row['told']}"])),
    }
