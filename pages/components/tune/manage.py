"""What can be done with a study that is over: go on, give it another title, delete it; the list of all."""

import streamlit as st

from core.places import artifacts_dir
from core.runs.records import MOST_TITLE, RecordError
from core.tuning import studies
from core.tuning.study import Study
from core.words import counted
from pages.components import shell
from pages.components.names import study_name
from pages.components.tune.source import Listed, forget, listed

KEPT = "study-problem"  # in the session: what went wrong, for the next run of the page
MOST_EARLIER = 15


def show_problem() -> None:
    """Says what could not be done."""
    if problem := st.session_state.pop(KEPT, ""):
        st.error(f"Not done: {shell.plain(problem)}")


def resume_button(study: Study) -> None:
    """A button that goes on with a study that did not finish."""
    if study.state in ("stopped", "interrupted", "failed"):
        st.button(
            "Resume",
            icon=":material/resume:",
            type="primary",
            help="Goes on where it ended; what is finished is not trained again",
            on_click=_resume,
            args=(study.spec.name,),
        )


def _resume(name: str) -> None:
    try:
        studies.resume(artifacts_dir(), name)
    except RecordError as error:
        st.session_state[KEPT] = str(error)
    forget(name)


def manage_menu(study: Study) -> None:
    """Title and deletion."""
    name = study.spec.name
    if st.button("Rename…", icon=":material/edit:"):
        _ask_title(name, study.spec.title)
    if st.button("Delete…", icon=":material/delete:"):
        _ask_to_delete(name, study_name(study.spec), sum(len(trial.fits) for trial in study.trials))


@st.dialog("Name of this study")
def _ask_title(name: str, before: str) -> None:
    title = st.text_input("Name", before, max_chars=MOST_TITLE, placeholder="such as: Dropout or not")
    if st.button("Save", type="primary"):
        try:
            studies.rename(artifacts_dir(), name, title or "")
        except RecordError as error:
            st.error(shell.plain(str(error)))
        else:
            forget(name)
            st.rerun()


@st.dialog("Delete?")
def _ask_to_delete(name: str, title: str, fits: int) -> None:
    """Says what goes and what stays, and deletes once somebody says so."""
    st.markdown(f"**{shell.plain(title)}** with {counted(fits, 'training')} of its trials goes for good.")
    st.caption("The winner's fresh runs are ordinary runs with a model: they stay, on Compare and Draw.")
    keep, delete = st.columns(2)
    if keep.button("Keep", width="stretch"):
        st.rerun()
    if delete.button("Delete", type="primary", width="stretch"):
        try:
            studies.delete(artifacts_dir(), name)
        except RecordError as error:
            st.session_state[KEPT] = str(error)
        else:
            forget(name)
            st.query_params.pop("study", None)
        st.rerun()


def earlier_studies(shown: str | None) -> None:
    """Links to the other studies; nothing while there are none."""
    others = [one for one in listed() if one.name != shown]
    if not others:
        return
    with st.popover("Earlier studies"):
        for one in others[:MOST_EARLIER]:
            _entry(one)
        if len(others) > MOST_EARLIER:
            st.caption(f"And {len(others) - MOST_EARLIER} more: `python -m core tune --list` shows all.")


def _entry(one: Listed) -> None:
    if one.problem:
        st.markdown(f"{shell.plain(one.title)} cannot be read: {shell.plain(one.problem)}")
        st.button("Delete…", key=f"delete-{one.name}", on_click=_doom, args=(one,))
        return
    going = " · goes on" if one.active else ""
    shell.page_link("tune", f"{shell.plain(one.title)}{going}", study=one.name)


def _doom(one: Listed) -> None:
    """A dialog is opened by the page itself, not by a callback."""
    st.session_state["study-doomed"] = one


def ask_about_broken() -> None:
    """Asks whether the unreadable study whose button was clicked shall go."""
    if one := st.session_state.pop("study-doomed", None):
        _ask_to_delete(one.name, one.title, 0)
