"""The datasets that there are: what they look like, how many images of each class, deleting one's own."""

from contextlib import nullcontext

import streamlit as st

from core.charts.classes import class_counts
from core.data.catalogue import DatasetError, DatasetInfo, known_datasets
from core.data.own_datasets import delete_dataset, remarks, runs_with
from core.places import artifacts_dir
from core.words import counted
from pages.components import shell
from pages.components.data.card import missing_card
from pages.components.data.samples import (
    available_dataset,
    has_pens,
    look_at,
    mosaic,
    show_mosaic,
    writers_gallery,
)
from pages.components.shared import file_problems

CHOICE = "data-dataset"
NEW = "data-new"  # in the session: a dataset that was imported a moment ago
SAMPLES = 4  # images of each class


def show_shelf() -> None:
    """A choice among the datasets, and the chosen one."""
    known = known_datasets()
    if st.session_state.get(NEW) in known:
        st.session_state[CHOICE] = st.session_state.pop(NEW)
    if CHOICE not in st.session_state:
        asked = st.query_params.get("dataset")
        st.session_state[CHOICE] = asked if asked in known else available_dataset()
    if st.session_state[CHOICE] not in known:  # somebody deleted it
        st.session_state[CHOICE] = available_dataset()
    name = str(
        st.pills(
            "Dataset",
            list(known),
            format_func=lambda one: known[one].title,
            key=CHOICE,
            required=True,
            # Only a choice goes into the address: on arrival the way back would lead to the page before
            # with this page's choice in it.
            on_change=_choose,
        )
    )
    _show(known[name])


def _choose() -> None:
    st.query_params["dataset"] = st.session_state[CHOICE]


def _show(info: DatasetInfo) -> None:
    if problems := file_problems(info.name):
        missing_card(info, problems)
        if info.own:
            _delete(info)
        else:
            shell.page_link("train", f"Train on {info.title}", dataset=info.name)
        return
    patience = st.spinner("Drawing the strokes, once: a minute or two …") if has_pens(info) else nullcontext()
    try:
        with patience:
            look = look_at(info.name)
    except DatasetError as error:
        st.error(shell.plain(str(error)))
        return
    train, test = int(look.train_counts.sum()), int(look.test_counts.sum())
    st.caption(
        f"{train:,} training and {test:,} test images of {len(look.class_names)} classes, 28 × 28 pixels"
    )
    for remark in remarks(info.name) if info.own else ():
        st.caption(shell.plain(remark))
    samples, counts = st.columns(2, gap="large")
    with samples:
        picture = mosaic(look.samples[:, :SAMPLES].swapaxes(0, 1))
        names = ", ".join(look.class_names)
        show_mosaic(picture, f"Training images of {info.title}", f"A column is a class: {names}")
    with counts:
        # Plotly takes pandas as it finds it, even half imported by the thread that warms up; this waits.
        import pandas  # noqa: F401

        of_each = look.train_counts.tolist(), look.test_counts.tolist()
        figure = class_counts(look.class_names, *of_each)
        figure["layout"]["height"] = 220
        st.plotly_chart(figure, width="stretch", config={"displayModeBar": False}, key="data-counts")
        with st.container(horizontal=True, vertical_alignment="center"):
            shell.page_link("train", f"Train on {info.title}", dataset=info.name)
            if info.own:
                _delete(info)
    if not info.own:
        writers_gallery(info.name)


def _delete(info: DatasetInfo) -> None:
    with st.popover("Delete", icon=":material/delete:"):
        runs = runs_with(artifacts_dir(), info.name, info.content)
        used = f"{counted(len(runs), 'run')} used it" if runs else "No run used it"
        st.write(f"Delete {info.title} from this machine for good? {used}.")
        if runs:
            st.caption(f"{shell.plain(', '.join(runs[-5:]))}{' …' if len(runs) > 5 else ''}")
            st.caption("Their results stay; their models can be asked no more.")
        if st.button("Yes, delete", type="primary", key="data-delete"):
            try:
                delete_dataset(info.name, artifacts_dir())
            except DatasetError as error:
                st.error(shell.plain(str(error)))
                return
            st.rerun()
