"""Shrink: a run's model in fewer bytes, for other runtimes, and what that costs."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.comparison.compare import Comparison
from core.comparison.results import Results
from core.comparison.shrunk import gate, size_and_speed
from core.export.recorded import ExportError, check_recorded
from core.export.shrink.child import Shrinking
from core.export.shrink.writers import possible_variants
from core.places import artifacts_dir
from core.prediction.models import model_file
from core.runs.records import RecordError, read_config
from core.runs.shrunk import VARIANTS, Shrunk, read_shrunk
from core.words import counted, duration
from pages.components import shell
from pages.components.compare.shrink_away import offer_files
from pages.components.compare.shrink_chart import show_chart
from pages.components.compare.shrink_table import show_table

_STYLE = shell.style(shell.text_beside(__file__, "shrink.css"))
TICK = 0.5  # seconds between looks at what is being made
SAID = "shrink-said"
ABOUT = (
    "The same network in fewer bytes, or for another runtime: the program that computes a model’s answers. "
    "Each variant is scored on all test images by the runtime that will run it before it is offered."
)
EMPTY = (
    "**{run} is not shrunk yet.** “Shrink it” writes every variant that this model can have: **ONNX**, which "
    "most runtimes read, each weight a float of 32 bits or a whole number of 8; **TFLite**, for phones, "
    "where the framework has a converter; **C**, one file of code for a microcontroller, a computer on a "
    "single chip, in 8 and in 4 bits."
)

HOW = (
    "Below an accuracy stands its 95 % interval. Whether a difference is real says McNemar’s test, which "
    "looks at the answers that only one of the two gets right. Activations are what lies between the layers "
    "while an image is read, computed from their shapes. Times are medians, in one process, in turns,"
)
IN_C = (
    "A C file is text, several letters a byte: on a microcontroller its weights take what their column says."
)


@st.cache_resource(max_entries=1, show_spinner=False)
def _newest() -> dict[str, Shrinking]:
    """What is being made, one for all visitors: its times would not count beside another's."""
    return {}


def shrink(comparison: Comparison, results: Results, names: pd.Series) -> None:
    """The whole tab.

    Args:
        comparison: of the chosen runs.
        results: of all runs.
        names: what all runs are called.
    """
    st.html(_STYLE)
    st.caption(ABOUT)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = st.selectbox(
            "Run", list(comparison.labels), format_func=comparison.labels.__getitem__, key="shrink",
            bind="query-params", width=420,
        )  # fmt: skip
        variants = read_shrunk(artifacts_dir(), run)
        possible = _begin(run, variants)
    _progress(comparison.labels)
    if variants:
        _made(comparison.labels[run], variants)
    elif possible and not _being_made(run):
        st.info(EMPTY.format(run=shell.plain(comparison.labels[run])))
    show_chart(comparison, results, names, variants, run)


# ── making them ─────────────────────────────────────────────────────────────────────


def _begin(run: str, variants: Sequence[Shrunk]) -> bool:
    """The button while something is left to make, or why there is none; whether the run can be shrunk."""
    artifacts = artifacts_dir()
    try:
        check_recorded(artifacts, run)
        model_file(artifacts, run)
        config, _ = read_config(artifacts, run)
    except (ExportError, RecordError) as error:
        st.warning(f"It cannot be shrunk: {shell.plain(str(error))}.")
        return False
    missing = set(possible_variants(config)) - {shrunk.variant for shrunk in variants}
    if not missing and not any(shrunk.busy for shrunk in variants):
        return True
    busy = _being_made()
    clicked = st.button(
        "Shrink it" if not variants else "Make the rest" if missing else "Make and time them again",
        key="shrink-begin",
        type="primary" if missing else "secondary",
        icon=":material/compress:",
        disabled=busy,
    )
    if clicked and not busy:  # somebody else's may have begun a moment ago
        _newest()["it"] = Shrinking(run, *([] if missing else ["--again"]))
        st.session_state.pop(SAID, None)
        st.rerun()
    return True


def _being_made(run: str | None = None) -> bool:
    """Whether variants are being made, of this run or, for None, of any."""
    running = _newest().get("it")
    return running is not None and running.running and run in (None, running.run)


def _progress(labels: Mapping[str, str]) -> None:
    """What is being made, for everybody; how it ended, for who sees it end."""
    if said := st.session_state.pop(SAID, None):
        succeeded, words = said
        told = "  \n".join(map(shell.plain, words.splitlines()))
        (st.success if succeeded else st.error)(told)
    running = _newest().get("it")
    if running is not None and running.running:
        st.fragment(_follow, run_every=TICK)(running, labels.get(running.run, running.run))


def _follow(running: Shrinking, label: str) -> None:
    if running.running:
        now = running.stage()
        left = running.seconds_left(now.share)
        told = f"{label}: {now.stage}" + (f" · about {duration(left)} left" if left else "")
        with st.container(horizontal=True, vertical_alignment="center", key="shrink-running"):
            st.progress(now.share, text=shell.plain(told))
            st.button("Stop", icon=":material/stop:", key="shrink-stop", on_click=running.stop)
        return
    st.session_state[SAID] = _ended(running, label)
    st.rerun()


def _ended(running: Shrinking, label: str) -> tuple[bool, str]:
    if running.stopped:
        return True, f"Stopped. Nothing new was kept of {label}."
    if not running.succeeded:
        return False, f"{label} was not shrunk. {running.said()}"
    made = len(read_shrunk(artifacts_dir(), running.run))
    refused = running.said().splitlines()[1:]
    return not refused, "\n".join([f"{label}: {counted(made, 'variant')} made and scored.", *refused])


# ── what was made ───────────────────────────────────────────────────────────────────


def _made(title: str, variants: Sequence[Shrunk]) -> None:
    for losing in [shrunk for shrunk in variants if shrunk.loses]:
        st.error(shell.plain(gate(losing, variants)), icon=":material/trending_down:")
    for finding, figures in size_and_speed(variants):
        st.markdown(f"**{shell.plain(finding)}** {shell.plain(figures)}")
    show_table(title, variants)
    first = variants[0]
    if any(shrunk.busy for shrunk in variants):
        st.warning("The machine was busy while these were timed: take the times as a hint.")
    in_c = f" {IN_C}" if any(VARIANTS[shrunk.variant].form == "c" for shrunk in variants) else ""
    times = f"with {counted(first.threads, 'thread')}, on {first.processor}."
    st.caption(shell.plain(f"{HOW} {times}{in_c}"))
    offer_files(variants)
