"""What went wrong with runs, and the way on: a busy machine, and the cards of `core.lessons.trouble`."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core import frameworks
from core.fields import as_text
from core.places import artifacts_dir
from core.races import turns
from core.races.again import setup_again
from core.races.setup import ADDRESS_KEYS, Setup
from core.runs import records
from core.words import counted, listed
from pages.components import shell
from pages.components.shared import predictor, results_reader

if TYPE_CHECKING:
    import numpy as np

    from core.data.own_digits import OwnDigit
    from core.lessons.case import Case
    from core.lessons.trouble import Card, Part
    from core.prediction.answers import Answer

STYLE = shell.style(shell.text_beside(__file__, "trouble.css"))
MOST_NAMES = 5
MOST_PARTS = 3  # of a card: more is a wall
MOST_SEEN = 3  # sentences of a part
MOST_ASKED = 12  # models that are asked about the visitor's digits, as many as Draw asks
TICK = 1.0  # seconds between looks at models that are still loading
ANSWERED = "trouble-answered"  # in the session: the question that every model has answered


def busy_note(runs: Iterable[str], names: Iterable[str]) -> None:
    """Says which times do not count because others had the machine, with a link that races them again.

    Args:
        runs: whose times these are; nothing is shown for none.
        names: what to call them.
    """
    runs = list(runs)
    if not runs:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="busy-note"):
        who = _names(names)
        st.markdown(f"**The machine was busy** during {who}: shown, not ranked by time.", width="content")
        _train_link("Race again", setup_again(artifacts_dir(), runs))


def show_cards(names: Mapping[str, str]) -> None:
    """One card for each trouble that these runs are in; nothing for runs that are well.

    Args:
        names: run → what to call it; runs without a result too.
    """
    from core.lessons.trouble import cards

    artifacts = artifacts_dir()
    cases = _cases(artifacts, tuple(names), results_reader().read().version, _marks(artifacts, names))
    st.html(STYLE)
    with st.container(key="trouble"):
        for card in cards(cases):
            _show(card, names)
        _show_drawings(names)


def _marks(artifacts: Path, runs: Iterable[str]) -> tuple[int, ...]:
    """Another one when a run without a result went on: then it may have ended in trouble."""
    histories = [records.run_dir(artifacts, run) / "events.jsonl" for run in runs]
    return tuple(path.stat().st_size if path.exists() else 0 for path in histories)


@st.cache_resource(max_entries=8, show_spinner=False)
def _cases(artifacts: Path, runs: tuple[str, ...], version: int, marks: tuple[int, ...]) -> "list[Case]":
    from core.lessons.case import read_cases

    return read_cases(artifacts, results_reader().read().frame, runs)


# ── a card ──────────────────────────────────────────────────────────────────────────


def _show(card: "Card", names: Mapping[str, str]) -> None:
    from core.lessons.trouble import TITLES

    with st.container(border=True, key=f"trouble-{card.name}"):
        st.markdown(f"**{_names(map(frameworks.title, card.frameworks))} {TITLES[card.name]}.**")
        for number, part in enumerate(card.parts[:MOST_PARTS]):
            _seen(part, names)
            if number == 0 and card.why:
                st.markdown(shell.plain(card.why))
            _way_on(part)
        if (more := len(card.parts) - MOST_PARTS) > 0:
            st.caption(f"Runs of {counted(more, 'more set-up')} too.")


def _seen(part: "Part", names: Mapping[str, str]) -> None:
    """Each sentence, with the runs that it is about where it is not about all that the card names."""
    sentences = list(part.seen.items())
    for sentence, runs in sentences[:MOST_SEEN]:
        plain = len(sentences) == 1 and set(map(names.get, runs)) <= _titles()
        who = "" if plain else f"{_names(names[run] for run in runs)}: "
        st.markdown(f"{who}{shell.plain(sentence)}")
    if (more := len(sentences) - MOST_SEEN) > 0:
        st.caption(f"Much the same in {counted(more, 'more run')}.")


def _titles() -> set[str]:
    return set(map(frameworks.title, frameworks.names()))


def _way_on(part: "Part") -> None:
    from core.lessons.remedies import in_words

    setup = setup_again(artifacts_dir(), part.runs)
    if setup is None:
        return
    if part.remedy:
        _train_link(f"Race with {in_words(part.remedy)}", setup.mended(part.remedy))
    elif part.otherwise == "again":
        _train_link("Race again", setup)
    elif part.otherwise == "draw":
        shell.page_link("draw", "Train further on your digits", runs=",".join(part.runs))


def _train_link(label: str, setup: Setup | None) -> None:
    """A link to Train with this set-up filled in; none for training that goes on from another run."""
    if setup is None or setup.values["start_from"] is not None:
        return
    texts = {key: text for key, text in setup.changes().items() if key in ADDRESS_KEYS}
    # Always named: an address without a word about the set-up would leave the form as it was.
    texts["frameworks"] = as_text(setup.frameworks)
    shell.page_link("train", label, **texts, new="1")


def _names(names: Iterable[str]) -> str:
    """Each once; of many the first few."""
    once = list(dict.fromkeys(names))
    rest = len(once) - MOST_NAMES
    shown = [*once[:MOST_NAMES], f"{counted(rest, 'more run')}"] if rest > 0 else once
    return shell.plain(listed(shown))


# ── drawings: models are asked, which takes a while ─────────────────────────────────


def _show_drawings(names: Mapping[str, str]) -> None:
    """The card about the visitor's digits, once the models have read them; no race is disturbed for it."""
    from core.data.own_digits import list_digits
    from core.lessons.symptoms import FEWEST_DRAWN

    try:
        digits = tuple(list_digits(artifacts_dir()))
    except records.RecordError as error:
        st.warning(f"Your own digits: {shell.plain(str(error))}")
        return
    if len(digits) < FEWEST_DRAWN or turns.front() is not None:
        return
    ticking = st.session_state.get(ANSWERED) != (tuple(names), digits)
    st.fragment(_drawings, run_every=TICK if ticking else None)(names, digits)


def _drawings(names: Mapping[str, str], digits: "tuple[OwnDigit, ...]") -> None:
    from core.lessons.case import with_drawn
    from core.lessons.trouble import cards

    artifacts, runs = artifacts_dir(), tuple(names)
    known = _cases(artifacts, runs, results_reader().read().version, _marks(artifacts, runs))
    asked = _ask(artifacts, known, digits)
    if all(answer.done() for _, answer in asked):
        labels = [digit.label for digit in _prepared(artifacts, digits)[0]]
        read = [with_drawn(case, answer.result(), labels) for case, answer in asked]
        for card in cards(read):
            if card.name == "drawings":
                _show(card, names)
        if st.session_state.get(ANSWERED) != (runs, digits):
            st.session_state[ANSWERED] = runs, digits
            st.rerun()  # the whole page, which then stops ticking


def _ask(
    artifacts: Path, cases: "Iterable[Case]", digits: "tuple[OwnDigit, ...]"
) -> "list[tuple[Case, Future[Answer]]]":
    """The first of these runs whose models read digits, with their answers."""
    from core.prediction.models import model_file

    asked: list[tuple[Case, Future[Answer]]] = []
    readable = len(_prepared(artifacts, digits)[0])
    for case in cases:
        if case.failed or not readable or len(asked) == MOST_ASKED:
            continue
        try:
            saved = model_file(artifacts, case.run)
        except records.RecordError:
            continue  # a result without its model: nobody to ask
        if saved.reads_digits:
            asked.append((case, _answer(artifacts, case.run, saved.modified_ns, digits)))
    return asked


@st.cache_resource(max_entries=100, show_spinner=False)
def _answer(artifacts: Path, run: str, modified_ns: int, digits: "tuple[OwnDigit, ...]") -> "Future[Answer]":
    """What a model says of the digits, asked once for all visitors."""
    return predictor().submit([run], _prepared(artifacts, digits)[1])[run]


@st.cache_resource(max_entries=2, show_spinner=False)
def _prepared(artifacts: Path, digits: "tuple[OwnDigit, ...]") -> "tuple[list[OwnDigit], np.ndarray]":
    from core.data.own_digits import prepared_digits

    return prepared_digits(artifacts)
