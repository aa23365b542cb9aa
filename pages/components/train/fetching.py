"""A race's first phase, where its data has to be fetched: how far it is, or why it came to nothing."""

from html import escape

import streamlit as st

from core.places import artifacts_dir
from core.races.first_phase import Fetching, NotFetched, first_phase
from core.runs import records
from pages.components import shell
from pages.components.launching import start_race
from pages.components.train.setup_form import key


def fetching_phase(race: str) -> Fetching | None:
    """How far the race's fetching is, while it fetches."""
    phase = _phase(race)
    return phase if isinstance(phase, Fetching) else None


def not_fetched(race: str) -> NotFetched | None:
    """Why the race never was, where its data did not come."""
    phase = _phase(race)
    return phase if isinstance(phase, NotFetched) else None


def _phase(race: str) -> Fetching | NotFetched | None:
    try:
        return first_phase(artifacts_dir(), race)
    except records.RecordError:  # a name that no race has, which is said elsewhere
        return None


def show_fetching(phase: Fetching) -> None:
    """A bar, with files, bytes and time left."""
    done = round(100 * phase.share)
    label = f"Fetching {escape(phase.title)}"
    st.html(
        f'<div class="card progress" data-testid="fetching"><b>{label}</b>'
        f'<span class="figures">{escape(phase.words)}</span>'
        f'<div class="progress-bar" role="progressbar" aria-label="{label}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{done}"><div style="width:{done}%"></div></div>'
        "<small>Once, and every file is checked; then the race begins.</small></div>"
    )


def show_not_fetched(phase: NotFetched) -> None:
    """Why in a sentence, and the same race on the digits that come along, in one click."""
    title = shell.plain(phase.title)
    st.warning(f"{title} could not be fetched: {shell.plain(phase.problem)}.", icon=":material/cloud_off:")
    st.button(
        "Race on the built-in digits",
        type="primary",
        icon=":material/play_arrow:",
        key="race-instead",
        # A callback, since a tick of another part of the page may carry the click before this part runs.
        on_click=_race_instead,
        args=(phase,),
    )
    st.caption(f"Everything else stays as it was; small digits from scikit-learn take the place of {title}.")


def _race_instead(phase: NotFetched) -> None:
    if launched := start_race(phase.instead):
        st.session_state[key("dataset")] = "digits"  # the form goes along
        st.query_params["race"] = launched.race
