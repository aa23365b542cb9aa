"""The head of a study: what it searches, how far it is, what can be done with it."""

from html import escape

import streamlit as st

from core import frameworks
from core.charts.colours import order
from core.data.catalogue import dataset_title
from core.fields import FIELDS
from core.places import artifacts_dir
from core.races.first_phase import Fetching, first_phase
from core.runs.records import RecordError
from core.tuning import studies
from core.tuning.study import Study
from core.words import counted, duration, listed
from pages.components import shell
from pages.components.launching import ahead
from pages.components.names import study_heading
from pages.components.tune import manage, ways
from pages.components.tune.scores import by_time
from pages.components.tune.setup_form import STRATEGIES
from pages.components.tune.source import is_active
from pages.components.tune.start import roughly

STATES = {
    "waiting": "waits for its turn",
    "searching": "searching",
    "testing": "the winner trains on all training images and is tested",
    "finished": "finished",
    "stopped": "stopped",
    "failed": "failed",
    "interrupted": "interrupted",
}


def show_head(study: Study) -> None:
    """Heading, buttons, progress, and why it ended where it did not simply finish."""
    with st.container(horizontal=True, vertical_alignment="center", key="study-head"):
        st.markdown(f"**{shell.plain(study_heading(study.spec))}** · {shell.plain(about(study))}")
        if is_active(study):
            st.button(
                "Stop",
                icon=":material/stop:",
                help="Ends the search; what is finished stays, and it can be resumed",
                # A callback, since a tick of another part may carry the click before this part runs.
                on_click=_stop,
                args=(study.spec.name,),
            )
        else:
            manage.resume_button(study)
            manage.manage_menu(study)
    if problem := st.session_state.pop("study-not-stopped", None):
        st.error(f"Not stopped: {shell.plain(problem)}")
    st.html(progress_html(study))
    if study.state in ("failed", "interrupted", "stopped") and study.reason:
        _reason(study)
    elif study.state == "finished" and not study.best:
        st.info(shell.plain(no_winner(study)))


def no_winner(study: Study) -> str:
    """Why a search that is over found nothing."""
    if by_time(study.spec) and any(trial.status == "finished" for trial in study.trials):
        goal = study.spec.objective.removeprefix("time-to-")
        return f"No winner: no trial reached {goal} % on validation images. More epochs may, or another goal."
    return f"No winner: {study.reason or 'no trial has a score'}."


def _reason(study: Study) -> None:
    first, _, rest = study.reason.partition("\n")
    if study.state == "stopped":
        st.info(shell.plain(stopped_at(study, first)), icon=":material/stop_circle:")
        return
    st.error(f"This study {'failed' if study.state == 'failed' else 'was interrupted'}: {shell.plain(first)}")
    if rest:
        with st.expander("What it printed last"):
            st.code(rest, language=None, wrap_lines=True)


def stopped_at(study: Study, reason: str) -> str:
    """Why a study was stopped, and what is missing where the search was over by then."""
    over = all(trial.status != "running" for trial in study.trials) and len(study.trials) == study.planned
    missing = " The search is done, but its winner is not tested yet." if over else ""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}.{missing}"


def _stop(name: str) -> None:
    try:
        studies.request_stop(artifacts_dir(), name)
    except RecordError as error:
        st.session_state["study-not-stopped"] = str(error)
    else:
        st.toast("It stops; what is finished stays.", icon=":material/stop:")


def about(study: Study) -> str:
    """What is searched, with what, on what: one line."""
    spec = study.spec
    fields = listed([FIELDS[name].word for name in spec.search]) or "cross-validation"
    names = listed([frameworks.title(name) for name in order(list(spec.frameworks))])
    together = ", one best for all" if spec.common and len(spec.frameworks) > 1 else ""
    network = spec.fixed["architecture"]
    return f"{fields} of {network} on {dataset_title(spec.fixed['dataset'])}, in {names}{together}"


def _fetching(study: Study) -> Fetching | None:
    """How far the study's data is, while it is fetched."""
    phase = first_phase(artifacts_dir(), study.spec.name) if study.state == "waiting" else None
    return phase if isinstance(phase, Fetching) else None


def progress_html(study: Study) -> str:
    """A bar with state, trials done and time left; while data is fetched, how far that is."""
    if phase := _fetching(study):
        return _bar(study, f"Fetching {phase.title}", phase.words, phase.share)
    done = sum(trial.status != "running" for trial in study.trials)
    told = f"{done} of {counted(study.planned, 'trial')}" if study.planned else counted(done, "trial")
    figures = [f"{told} done"]
    if study.seconds_left is not None and is_active(study):
        figures.append(f"about {roughly(study.seconds_left)} left")
    elif study.seconds:
        figures.append(f"{duration(study.seconds)} so far" if is_active(study) else duration(study.seconds))
    return _bar(study, _state(study), " · ".join(figures), _share(study, done))


def _bar(study: Study, state: str, figures: str, share: float | None) -> str:
    value = "" if share is None else f' aria-valuenow="{round(100 * share)}"'
    width = 0 if share is None else round(100 * share, 1)
    return (
        f'<div class="card progress" data-testid="study-progress" data-state="{study.state}">'
        f"<b>{escape(state)}</b>"
        f'<span class="figures">{escape(figures)}</span>'
        f'<div class="progress-bar" role="progressbar" aria-label="The study" aria-valuemin="0" '
        f'aria-valuemax="100"{value}><div style="width:{width}%"></div></div></div>'
    )


def _state(study: Study) -> str:
    told = STATES[study.state]
    if study.spec.search:
        told += f" ({STRATEGIES[study.spec.strategy][0]})"
    if study.state == "testing":
        done, runs = _fresh(study)
        told = f"{STATES['testing']}: {done} of {counted(runs, 'fresh run')} done"
    elif study.state == "waiting" and not ahead(study.spec.name):
        told = "starting"
    return f"{told[:1].upper()}{told[1:]}"


def _fresh(study: Study) -> tuple[int, int]:
    """How many of the runs at the end are done, and how many there are."""
    runs = ways.fresh_runs(study).values()
    return sum(run["status"] in ("finished", "failed") for run in runs), len(runs)


def _share(study: Study, done: int) -> float | None:
    """How much of it is done, from 0 to 1; None where neither trials nor minutes tell."""
    if study.state == "finished":
        return 1.0
    if study.state == "testing":
        done, runs = _fresh(study)
        return done / runs if runs else 0.0
    shares = []
    if study.planned:
        shares.append(done / study.planned)
    if study.spec.minutes:
        shares.append(study.seconds / (60 * study.spec.minutes))
    return min(1.0, max(shares)) if shares else None
