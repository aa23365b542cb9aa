"""What went wrong with runs, and the way on: a busy machine, nothing learned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core import frameworks
from core.fields import FIELDS, as_text
from core.places import artifacts_dir
from core.races.again import setup_again
from core.races.setup import ADDRESS_KEYS, Setup
from core.words import counted, listed
from pages.components import shell

MOST_NAMES = 5


@dataclass(frozen=True)
class Patient:
    """A run that did not learn."""

    run: str
    framework: str
    diagnosis: str
    remedy: Mapping[str, Any]


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


def not_learned(patients: Iterable[Patient]) -> None:
    """One card for each diagnosis, with its own figures and a link to the mended set-up."""
    by_diagnosis: dict[str, list[Patient]] = {}
    for patient in patients:
        by_diagnosis.setdefault(patient.diagnosis, []).append(patient)
    for position, (diagnosis, alike) in enumerate(by_diagnosis.items()):
        with st.container(border=True, key=f"not-learned-{position}"):
            st.markdown(f"**{_names(frameworks.title(one.framework) for one in alike)} did not learn.**")
            st.markdown(shell.plain(diagnosis))
            _mended_link([one.run for one in alike], alike[0].remedy)


def _mended_link(runs: list[str], remedy: Mapping[str, Any]) -> None:
    setup = setup_again(artifacts_dir(), runs) if remedy else None
    if setup is not None:
        words = [f"{FIELDS[name].word} {as_text(value)}" for name, value in remedy.items()]
        _train_link(f"Race with {listed(words)}", setup.mended(remedy))


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
