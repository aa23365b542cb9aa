"""The best trials so far: a card for each framework, or one for all together."""

from html import escape

import streamlit as st

from core import frameworks
from core.charts.colours import order
from core.tuning.plan import ALL
from core.tuning.study import Study, Trial
from core.words import counted, duration
from pages.components.shell import style, text_beside
from pages.components.silks import disc, silk_css
from pages.components.tune import ways
from pages.components.tune.grid import OVER
from pages.components.tune.scores import in_words, measure, score_text

STYLE = text_beside(__file__, "best.css")
SHORTEST = 0.1  # seconds of training that are worth telling


def show_best(study: Study) -> None:
    """The cards, in the order of the frameworks; nothing while no trial has a score."""
    st.html(style(STYLE + silk_css(order(list(study.spec.frameworks)))))
    if study.verdict.get("winners"):
        return  # the verdict shows them
    by_number = {trial.number: trial for trial in study.trials}
    known = [name for name in order(list(study.best)) if study.best[name] in by_number]
    if not known:
        return
    cards = "".join(card(study, name, by_number[study.best[name]]) for name in known)
    title = "Best" if study.state in OVER else "Best so far"
    st.header(title, anchor=False)
    st.html(f'<div class="tune-best">{cards}</div>')
    ways.show_ways(study, {name: by_number[study.best[name]].settings for name in known})


def card(study: Study, name: str, trial: Trial) -> str:
    """One winner as HTML: score, settings in words, which trial it is."""
    who = "All frameworks together" if name == ALL else f"{disc(name)} {escape(frameworks.title(name))}"
    seconds = [fit.seconds for fit in trial.fits if fit.seconds is not None]
    fits = counted(len(trial.fits), "training")
    each = sum(seconds) / len(seconds) if seconds else 0.0
    time = f" · {duration(each)} of training each" if each >= SHORTEST else ""
    rows = "".join(
        f"<div><dt>{escape(word)}</dt><dd>{escape(value)}</dd></div>"
        for word, value in in_words(trial.settings).items()
    )
    return (
        f'<div class="card tune-winner"><b>{who}</b>'
        f'<span class="condensed tune-score">{escape(score_text(study.spec, trial.score))}</span>'
        f"<small>{escape(measure(study.spec))}</small><dl>{rows}</dl>"
        f"<small>trial {trial.number} · {fits}{time}</small></div>"
    )
