"""Whether the winner is real: the headline, validation beside test, luck, comparisons."""

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from core.tuning.plan import ALL
from core.tuning.study import Study
from core.words import UNKNOWN, interval, percent
from pages.components import shell
from pages.components.shell import style, text_beside
from pages.components.silks import disc
from pages.components.tune import ways
from pages.components.tune.scores import by_time, in_words, score_text

STYLE = style(text_beside(__file__, "verdict.css"))


def show_verdict(study: Study) -> None:
    """All that is known of the winners, once their fresh runs are done."""
    verdict = study.verdict
    if not verdict.get("winners"):
        return
    st.header("Is the winner real?", anchor=False)
    st.markdown(f"**{shell.plain(verdict['headline'])}**")
    cards = "".join(_card(study, winner) for winner in verdict["winners"])
    st.html(f'{STYLE}<div class="verdict-cards">{cards}</div>')
    for note in verdict.get("notes", []):
        st.caption(shell.plain(note))
    ways.show_ways(study, {winner["framework"]: winner["settings"] for winner in verdict["winners"]})


def _card(study: Study, winner: Mapping[str, Any]) -> str:
    name = winner["framework"]
    who = escape(winner["title"]) if name == ALL else f"{disc(name)} {escape(winner['title'])}"
    test = winner["test"]
    range_ = test.get("interval") or (None, None)
    spread = f"95 % interval {interval(*range_)}" if range_[0] is not None else f"{test['runs']} runs"
    chosen_by = "Chosen by, until the goal" if by_time(study.spec) else "Validation, when it was chosen"
    told = [winner["optimism"]["sentence"], winner["luck"]["sentence"]]
    told += [test["sentence"] for test in winner["tests"]] or [winner["headline"]]
    sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in told)
    settings = ", ".join(f"{word} {value}" for word, value in in_words(winner["settings"]).items())
    return (
        f'<div class="card verdict-card"><b>{who}</b><small>{escape(settings)}</small>'
        f'<div class="verdict-scores">{_figure(chosen_by, score_text(study.spec, winner["validation"]), "")}'
        f"{_figure('Test, trained anew on all images', percent(test['mean']), spread)}</div>"
        f"<ul>{sentences}</ul></div>"
    )


def _figure(label: str, value: str, below: str) -> str:
    return (
        f"<div><small>{escape(label)}</small>"
        f'<span class="condensed verdict-score">{escape(value or UNKNOWN)}</span>'
        f"<small>{escape(below)}</small></div>"
    )
