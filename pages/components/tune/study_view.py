"""A study as it goes on, and what came of it. Only this part of the page ticks."""

import streamlit as st

from core.runs.records import RecordError
from core.tuning.study import Study
from pages.components import shell
from pages.components.tune import analysis, best, curves, grid, head, in_line, trial_card, verdict
from pages.components.tune.source import is_active, read_study

TICK = 2.0  # seconds between looks


def settle_address() -> None:
    """Puts into the browser's address what a link within this page asked for; Streamlit leaves it alone."""
    asked = st.query_params.get("study")
    if asked and st.session_state.get("tune-address", asked) != asked:
        st.query_params["study"] = asked
    st.session_state["tune-address"] = asked


def show_study(name: str) -> None:
    """The study named `name`; looks again every other second while it waits or is worked on."""
    ticking = goes_on(name)
    st.fragment(_view, run_every=TICK if ticking else None)(name, ticking)


def goes_on(name: str) -> bool:
    """Whether the study may still change by itself."""
    try:
        return is_active(read_study(name))
    except RecordError:
        return False


def _view(name: str, ticking: bool) -> None:
    if st.query_params.get("study") != name:
        st.rerun()  # the whole page: a click in here began or chose another study
    # Always the same containers in the same order, as in a race's view.
    line, top, found, grown, learned, end = (st.container() for _ in range(6))
    try:
        study = read_study(name)
    except RecordError as error:
        with end:
            st.warning(f"This study cannot be shown: {shell.plain(str(error))}")
    else:
        with line:
            in_line.show_line(study)
        with top:
            head.show_head(study)
        with found:
            verdict.show_verdict(study)
            best.show_best(study)
        with grown:
            chosen = _trials(study)
        with learned:
            curves.show_curves(study, chosen)
        with end:
            _end(study)
    if ticking and not goes_on(name):
        st.rerun()  # the whole page, which then stops ticking and has other buttons


def _trials(study: Study) -> int | None:
    """The grid, and the trial that was chosen in it."""
    if not study.trials and not study.planned:
        return None
    st.header("Trials", anchor=False)
    chosen = grid.show_grid(study)
    if chosen is not None:
        trial_card.show_trial(study, chosen)
    return chosen


def _end(study: Study) -> None:
    if not study.trials:
        return
    if not is_active(study):
        analysis.show_analysis(study)
    if study.spec.objective == "accuracy":
        st.caption(
            "Seconds of training are measured beside other workers: shown, never ranked as speed. For times "
            "that count, race the settings on Train."
        )
    else:
        st.caption("Here times count: trials train alone, one at a time.")
