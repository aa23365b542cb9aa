"""What a study amounts to before it starts, and its start."""

import time

import streamlit as st

from core import frameworks
from core.places import artifacts_dir
from core.races.launch import BURST
from core.runs.records import RecordError
from core.tuning import asked, studies
from core.tuning.estimate import Estimate, Speed, estimate, known_speeds
from core.tuning.space import fits_per_trial
from core.tuning.study import StudySpec
from core.words import counted, listed
from pages.components import shell
from pages.components.shared import results_reader

STARTED = "tune-started"  # in the session: the visitor's last study, its options, and when it was clicked


def show_amount(spec: StudySpec) -> None:
    """How many trainings that is and roughly how long, before anything starts."""
    found = estimate(spec, _speeds(str(artifacts_dir()), spec.fixed["architecture"], _version()))
    st.caption(f"{trainings(spec, found)} {how_long(found)}")


def _version() -> int:
    return results_reader().read().version


@st.cache_data(max_entries=8, show_spinner=False)
def _speeds(artifacts: str, architecture: str, version: int) -> dict[str, Speed]:
    """What is known of this machine's frameworks; read again when there are other results."""
    return known_speeds(artifacts_dir(artifacts), architecture)


def trainings(spec: StudySpec, found: Estimate) -> str:
    """How many trainings the search takes, and those at its end."""
    end = f"then {counted(found.fresh_runs, 'fresh run')} tell whether the winner is real."
    each = fits_per_trial(spec)
    if found.fits is None:
        each_told = "" if each == 1 else f", each trained {each} times"
        return f"As many trials as {spec.minutes:g} minutes allow{each_told}; {end}"
    of_trials = f" ({counted(found.trials, 'trial')} × {each})" if found.trials and each > 1 else ""
    return f"{counted(found.fits, 'training')} in the search{of_trials}; {end}"


def how_long(found: Estimate) -> str:
    """Roughly how long, judged by runs that are known on this machine."""
    if found.seconds is not None:
        return f"Roughly {roughly(found.seconds)}, judged by runs on this machine."
    if found.unknown:
        names = listed([frameworks.title(name) for name in found.unknown])
        return f"How long is unknown yet: no run of {names} with this network is known on this machine."
    return "How long is unknown yet: the dataset is not here."


def roughly(seconds: float) -> str:
    """A time that nobody knows to the second: "40 s", "6 min", "2.5 h"."""
    if seconds < 90:
        return f"{max(10, round(seconds, -1)):.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def start_study(spec: StudySpec) -> str:
    """Starts the study, or says why it cannot start; clicks in a row start one. Returns its name."""
    options, now = asked.arguments(spec), time.monotonic()
    before = st.session_state.get(STARTED)
    if before and before[1] == options and now - before[2] < BURST:
        return before[0]
    try:
        name = studies.launch(artifacts_dir(), spec)
    except RecordError as error:
        st.error(shell.plain(str(error)))
        return ""
    st.session_state[STARTED] = (name, options, now)
    return name
