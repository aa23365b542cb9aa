"""The visitor's own digits: the models' score on them, keeping and deleting, training further."""

import base64
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from core.data import own_digits
from core.data.own_digits import OwnDigit
from core.places import artifacts_dir
from core.prediction.answers import Answer, Prediction
from core.races.launch import launch_once
from core.races.setup import Setup
from core.runs import records
from core.words import counted, percent
from pages.components import shell
from pages.components.canvas.asking import ask, note_waiting, tick
from pages.components.canvas.saved import SavedRun
from pages.components.shared import Kept

THUMBNAIL_BYTES = 16 * 2**20


def show_own_digits(runs: list[str], available: dict[str, SavedRun]) -> None:
    """The panel below the drawing; comes again by itself while a score is still to come."""
    st.fragment(_panel, run_every=tick("own"))(runs, available)


def _panel(runs: list[str], available: dict[str, SavedRun]) -> None:
    artifacts = artifacts_dir()
    st.header("Your own digits", anchor=False)
    try:
        saved = own_digits.list_digits(artifacts)
        digits, images = _prepared(artifacts, tuple(saved))
    except records.RecordError as error:
        st.error(str(error))
        return
    if not saved:
        st.caption(
            "Say which digit you wrote: it is kept here, and models can be tested on it and learn from it."
        )
        return
    if lost := len(saved) - len(digits):
        st.warning(f"In {lost} of these pictures no digit can be read any more; they count for nothing.")
    answers = ask("own", tuple(digits), runs, images) if digits else {}
    left, right = st.columns([3, 2], gap="large")
    with left:
        _scores(answers, digits, available)
        chosen = _table(artifacts, saved, digits, answers, available)
    with right:
        _keep_or_delete(artifacts, saved, chosen)
        _train_further(artifacts, runs, available, len(digits))
    note_waiting("own", any(answer is None for answer in answers.values()))


@st.cache_data(show_spinner=False, max_entries=2)  # 4 MB each where there are as many as may be
def _prepared(artifacts: Path, saved: tuple[OwnDigit, ...]) -> tuple[list[OwnDigit], np.ndarray]:
    return own_digits.prepared_digits(artifacts)


def _right(answer: Prediction, digits: list[OwnDigit]) -> int:
    return int((answer.digits == [digit.label for digit in digits]).sum())


def _scores(
    answers: dict[str, Answer | None], digits: list[OwnDigit], available: dict[str, SavedRun]
) -> None:
    lines = []
    for run, answer in answers.items():
        score = "…"
        if isinstance(answer, Prediction):
            right = _right(answer, digits)
            score = f"{right} of {len(digits)} ({percent(right / len(digits), 0)})"
        elif answer is not None:
            score = "no answer"
        lines.append({"Model": available[run].label, "Right on your digits": score})
    st.dataframe(pd.DataFrame(lines), hide_index=True, key="own-scores")


def _table(
    artifacts: Path,
    saved: list[OwnDigit],
    digits: list[OwnDigit],
    answers: dict[str, Answer | None],
    available: dict[str, SavedRun],
) -> list[OwnDigit]:
    """Every saved digit with what each model reads in it; returns those that the visitor ticked."""
    newest = list(reversed(saved))
    rows = pd.DataFrame(
        {
            "Drawing": [_picture(own_digits.folder(artifacts) / digit.file) for digit in newest],
            "You wrote": [digit.label for digit in newest],
        }
    )
    position = {digit: number for number, digit in enumerate(digits)}
    titles = [available[run].title for run in answers]
    for run, answer in answers.items():
        if isinstance(answer, Prediction):
            said = answer.digits
            alone = titles.count(available[run].title) == 1
            rows[available[run].title if alone else available[run].label] = [
                int(said[position[digit]]) if digit in position else None for digit in newest
            ]
    event = st.dataframe(
        rows,
        hide_index=True,
        column_config={"Drawing": st.column_config.ImageColumn(width="small")},
        on_select="rerun",
        selection_mode="multi-row",
        height=min(300, 37 + 35 * len(newest)),
        key="own-table",
    )
    return [newest[row] for row in event.selection.rows if row < len(newest)]


def _picture(path: Path) -> str | None:
    try:
        return _thumbnail(str(path))
    except OSError:
        return None  # another visitor deleted it a moment ago


def _thumbnail(path: str) -> str:
    return _thumbnails().get(
        path,
        lambda: "data:image/png;base64," + base64.b64encode(Path(path).read_bytes()).decode(),
        len,
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def _thumbnails() -> Kept[str]:
    """The saved pictures as addresses, for all visitors together."""
    return Kept(THUMBNAIL_BYTES)


def _keep_or_delete(artifacts: Path, saved: list[OwnDigit], chosen: list[OwnDigit]) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "Download all",
            lambda: own_digits.zip_digits(artifacts),
            "my-digits.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/download:",
        )
        what = f"{len(chosen)} ticked" if chosen else f"all {len(saved)}"
        with st.popover(f"Delete {what}", icon=":material/delete:"):
            st.write(f"Delete {what} of your digits? The pictures are gone for good.")
            if st.button("Yes, delete", type="primary", key="own-delete"):
                try:
                    own_digits.delete_digits(artifacts, [digit.id for digit in chosen or saved])
                except (records.RecordError, OSError) as error:
                    st.error(f"Not deleted: {error}")
                    return
                st.session_state.pop("truth-saved", None)
                st.rerun()


def _train_further(artifacts: Path, runs: list[str], available: dict[str, SavedRun], count: int) -> None:
    """One run that goes on from a model's weights, with MNIST and these digits together."""
    with st.container(border=True):
        st.markdown(f"**Train further on your {counted(count, 'digit')}**")
        st.caption("From a model's weights, on its dataset with your digits among it, as a run of its own.")
        run = st.selectbox(
            "Model to go on from",
            runs,
            format_func=lambda name: available[name].label,
            key="own-start",
        )
        epochs = st.number_input("Epochs", 1, 20, 1, key="own-epochs")
        if run is None:
            return
        try:
            config, _ = records.read_config(artifacts, run)
        except records.RecordError as error:
            st.error(str(error))  # another visitor deleted the run
            return
        if st.button("Train further", icon=":material/play_arrow:", disabled=not count):
            try:
                setup = Setup.further_training(run, config, int(epochs))
                st.session_state["own-race"] = launch_once(
                    setup.arguments(), artifacts, st.session_state.get("own-race")
                )
            except records.RecordError as error:
                st.error(str(error))
        if launched := st.session_state.get("own-race"):
            shell.page_link("train", "Watch the race", race=launched.race)
