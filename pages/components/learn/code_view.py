"""Code, side by side: the same step in several frameworks, with what one batch really does there."""

from collections.abc import Mapping
from subprocess import Popen
from typing import Any

import streamlit as st

from core import frameworks
from core.charts.colours import order
from core.data.catalogue import dataset_title
from core.lessons import one_batch
from core.lessons.one_batch import Subject
from core.lessons.steps import STEPS
from core.places import artifacts_dir
from core.races import turns
from core.runs.names import own_name, readable
from pages.components import shell
from pages.components.learn import code_lines
from pages.components.learn.code_picture import picture
from pages.components.silks import silk_css

FEWEST, MOST = 2, 3  # beside each other
USUAL = ("pytorch", "keras_fit", "numpy_scratch")
TICK = 1.0  # seconds between looks while something is measured

_mount = st.components.v2.component(
    "code_view",
    html=shell.text_beside(__file__, "code_view.html"),
    css=shell.text_beside(__file__, "code_view.css"),
    js=shell.text_beside(__file__, "code_view.js"),
    isolate_styles=False,  # the page's colours reach it
)


def show() -> None:
    """The whole of it; `?code=pytorch,keras_fit&function=train` is its address."""
    shell.heading(
        "Code, side by side", "How does each framework say the same step? This is the code that trains."
    )
    st.html(shell.style(silk_css()))
    chosen, function = _choice()
    about = one_batch.subject(artifacts_dir())
    path = one_batch.record_path(artifacts_dir(), about)
    ticks = not _is_settled(_measuring(str(path)), one_batch.read(path))
    st.fragment(_code, run_every=TICK if ticks else None)(chosen, function, about, ticks)
    code_lines.show_lines(chosen)


# ── what is chosen ──────────────────────────────────────────────────────────────────


def _choice() -> tuple[list[str], str]:
    """The exhibits and the function, from the address and the two choices."""
    asked, unknown = _asked(st.query_params.get("code", ""))
    if unknown:
        st.warning(f"There is no code of {shell.plain(', '.join(unknown)[:100])}; choose below.")
    st.session_state.setdefault("code-exhibits", asked)
    wanted = st.query_params.get("function", "train")
    st.session_state.setdefault("code-function", wanted if wanted in STEPS else "train")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = st.pills(
            f"Frameworks, {FEWEST} or {MOST}",
            order(frameworks.names()),
            selection_mode="multi",
            format_func=frameworks.title,
            key="code-exhibits",
        )
        function = str(st.segmented_control("Function", list(STEPS), key="code-function", required=True))
    chosen = order(names)
    if not FEWEST <= len(chosen) <= MOST:
        st.caption(f"Choose {FEWEST} or {MOST} frameworks; until then these stay.")
        chosen = _asked(st.query_params.get("code", ""))[0]
    st.query_params["code"] = ",".join(chosen)
    st.query_params["function"] = function
    return chosen, function


def _asked(text: str) -> tuple[list[str], list[str]]:
    """The exhibits that an address names, in their order, filled up to the fewest; and unknown words."""
    table = frameworks.aliases()
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    known = list(dict.fromkeys(table[word] for word in words if word in table))[:MOST]
    more = [name for name in (*USUAL, *frameworks.names()) if name not in known]
    wanted = len(USUAL) if not known else FEWEST
    filled = order([*known, *more[: max(0, wanted - len(known))]])
    return filled, [word for word in words if word not in table]


# ── values ──────────────────────────────────────────────────────────────────────────


def _code(chosen: list[str], function: str, about: Subject, ticks: bool) -> None:
    """The columns; while values are measured they come in here, one framework after another."""
    path = one_batch.record_path(artifacts_dir(), about)
    measured = one_batch.read(path)
    held = _measuring(str(path))
    missing, why = _see_to_it(held, measured, about)
    _mount(key="code-view", data=picture(function, chosen, measured, missing))
    st.caption(why or _about(about))
    if not _is_settled(held, measured):
        return
    if ticks:
        st.rerun()  # nothing more comes in: no more looks
    failed = not one_batch.is_whole(measured) or any("error" in one for one in measured.values())
    if failed and not turns.waiting() and st.button("Measure again", key="code-again"):
        held.clear()
        held["process"] = one_batch.start(artifacts_dir(), about)
        st.rerun()


def _see_to_it(
    held: dict[str, Any], measured: Mapping[str, Mapping[str, Any]], about: Subject
) -> tuple[str, str]:
    """Has the values measured; returns what stands in their place for now, and why."""
    if not _is_settled(held, measured) and "process" not in held:
        if turns.waiting():
            return "", "The values are measured once no race trains here, whose clock that would disturb."
        held["process"] = one_batch.start(artifacts_dir(), about)
    if not _is_settled(held, measured):
        return "Measuring …", "Each framework takes one step of training now; its values appear above."
    if one_batch.is_whole(measured):
        return "", ""
    process: Popen[bytes] = held["process"]
    if "reason" not in held:
        said = process.stderr.read().decode("utf-8", "replace") if process.stderr else ""
        held["reason"] = (said.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
    return "", f"The values could not be measured: {shell.plain(held['reason'][:200])}"


def _is_settled(held: Mapping[str, Any], measured: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether nothing is being measured, and nothing is waited for."""
    process = held.get("process")
    return one_batch.is_whole(measured) if process is None else process.poll() is not None


@st.cache_resource(max_entries=8, show_spinner=False)
def _measuring(path: str) -> dict[str, Any]:
    """The process that measures this record, one for all visitors."""
    return {}


def _about(about: Subject) -> str:
    """Where the values come from."""
    config = about.config
    data = dataset_title(config.dataset) or config.dataset
    whose = f"the recipe of {config.architecture}"
    if about.run:
        name = own_name(artifacts_dir(), [about.run]) or readable(about.run, None, None)
        whose = f"the run “{shell.plain(name)}”"
    start = "from the same weights" if config.protocol == "controlled" else "each from weights of its own"
    return (
        f"Values: the first step of {whose}, taken once in every framework on this machine: "
        f"{config.batch_size} images of {data}, {start}. The gradient is read off a step of plain gradient "
        "descent with rate 1, which moves every weight by exactly its gradient."
    )
