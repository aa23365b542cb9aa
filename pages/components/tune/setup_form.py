"""The form of a study: what to search, how, in which frameworks; everything else as on Train."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import frameworks
from core.fields import FIELDS, USED_WITH, RunField, in_place
from core.machine.environment import available_cores
from core.races import setup
from core.runs.records import MOST_TITLE
from pages.components.fields import field_widget
from pages.components.shell import style, text_beside
from pages.components.tune.dimensions import show_dimensions
from pages.components.tune.setup_state import SEARCHED, fill_fixed, key

STYLE = style(text_beside(__file__, "setup_form.css"))
# Strategy → its name, and what it does in a sentence.
STRATEGIES = {
    "random": (
        "Random",
        "Draws the settings of every trial by chance: simple, and hard to beat with few trials.",
    ),
    "tpe": (
        "TPE",
        "Learns from the trials so far where good ones lie, and looks there more often "
        "(tree-structured Parzen estimator).",
    ),
    "halving": (
        "Successive halving",
        "Begins many trials with few epochs, keeps the best third, and gives it three times as many.",
    ),
    "grid": (
        "Grid",
        "Tries every combination of the values; a range counts as five of them. What would train the same "
        "thing again, such as Adam with another momentum, which it does not use, is left out.",
    ),
}
OBJECTIVES = {
    "accuracy": "Accuracy on validation images",
    "time-to-98": "Shortest training to 98 %",
    "time-to-99": "Shortest training to 99 %",
}
FOLDS = (0, 3, 5, 10)  # 0: one split
AMOUNTS = {"trials": "Trials", "minutes": "Minutes"}
TRIAL = (
    "A trial is one choice of the settings above: the network is trained with it and judged on validation "
    "images, which are held back from training."
)
MAIN = ("architecture", "dataset", "epochs", "train_size")  # fixed fields that stand in sight


def main_fields() -> None:
    """What most visitors choose."""
    st.html(STYLE)
    with st.container(key="tune-main"):
        who, called = st.columns([3, 1.5], vertical_alignment="bottom")
        who.pills(
            "Frameworks",
            setup.all_frameworks(),
            wrap=True,
            selection_mode="multi",
            format_func=frameworks.title,
            key=key("frameworks"),
        )
        called.text_input(
            "Name of this study (optional)",
            key=key("name"),
            max_chars=MOST_TITLE,
            placeholder="such as: Dropout or not",
        )
        columns = st.columns([1.5, 1.5, 1, 1], vertical_alignment="bottom")
        for name, column in zip(MAIN, columns, strict=True):
            if name not in st.session_state[SEARCHED]:
                _fixed(column, FIELDS[name])
        show_dimensions()
        _strategy()


def _strategy() -> None:
    """How settings are chosen, how many or how long, and how each is judged."""
    st.markdown("**How to search**")
    how, much, number, folds = st.columns([2.4, 1.2, 1, 1.2], vertical_alignment="bottom")
    how.segmented_control(
        "Strategy",
        list(STRATEGIES),
        format_func=lambda name: STRATEGIES[name][0],
        required=True,
        key=key("strategy"),
    )
    chosen = st.session_state[key("strategy")]
    _amount(chosen, much, number)
    folds.selectbox(
        "Cross-validation",
        sorted({*FOLDS, st.session_state[key("folds")]}),  # a link may ask for any number
        format_func=lambda number: f"{number} folds" if number else "No: one split",
        key=key("folds"),
        help="Splits the training images into so many parts and trains each trial once for each of them, "
        "which is held back to judge it: a steadier score, for as many times the work. Trials that are "
        "clearly behind are dismissed early.",
    )
    st.caption(STRATEGIES[chosen][1])
    if len(st.session_state[key("frameworks")]) > 1:
        st.segmented_control(
            "What is best",
            [False, True],
            format_func=lambda common: "One best for all frameworks" if common else "Each its own best",
            required=True,
            key=key("common"),
        )


def _amount(strategy: str, much: DeltaGenerator, number: DeltaGenerator) -> None:
    if strategy == "grid":
        return
    if strategy == "halving":
        name: str | None = "trials"
    else:
        name = much.segmented_control(
            "How much", list(AMOUNTS), format_func=AMOUNTS.__getitem__, required=True, key=key("amount")
        )
    if name == "trials":
        number.number_input("How many trials", 1, 10_000, key=key("trials"), help=TRIAL)
    else:
        number.number_input(
            "How many minutes",
            0.1,
            10_080.0,
            step=5.0,
            format="%g",
            key=key("minutes"),
            help=f"So long new trials begin. {TRIAL}",
        )


# ── everything else ─────────────────────────────────────────────────────────────────


def more_fields() -> None:
    """Every other field of the runs, fixed; how trials are judged; what does the work."""
    optimizer, network, data, machine = st.columns(4)
    _group(optimizer, "Optimizer", in_place("optimizer"))
    _group(network, "Network", in_place("network"))
    _group(data, "Data", [*in_place("data"), FIELDS["batch_size"], FIELDS["protocol"]])
    machine.markdown("**Machine**")
    machine.number_input(
        "Workers",
        1,
        64,
        key=key("workers"),
        help=f"So many trainings go on at once, each in a process of its own. This machine has "
        f"{available_cores()} cores.",
    )
    _group(machine, "", in_place("machine"))
    machine.text_input(
        "Cluster",
        key=key("cluster"),
        placeholder="this machine alone",
        help="The address of a Dask scheduler whose workers train, such as tcp://192.168.1.10:8786.",
    )
    _judging()


def _judging() -> None:
    st.markdown("**How trials are judged**")
    objective, seeds, final, _ = st.columns([1.6, 1, 1, 1.4])
    objective.selectbox(
        "Objective",
        list(OBJECTIVES),
        format_func=OBJECTIVES.__getitem__,
        key=key("objective"),
        help="What makes a trial the better one. Where it is a time, trials train alone, one after another: "
        "a time measured beside other work is not true.",
    )
    seeds.text_input(
        "Seeds",
        key=key("seeds"),
        help="Each trial is trained once for each seed, which decides what is left to chance; its score "
        "is the mean.",
    )
    final.number_input(
        "Fresh runs of the winner",
        3,
        20,
        key=key("final-seeds"),
        help="With new seeds, on all training images, then tested once: is the winner better than the "
        "preset's recipe and than the runner-up?",
    )


def _group(place: DeltaGenerator, title: str, fields: list[RunField]) -> None:
    if title:
        place.markdown(f"**{title}**")
    shown = [field for field in fields if not field.several and field.name not in MAIN]
    for field in sorted(shown, key=lambda field: field.kind == "switch"):  # switches below the rest
        if field.name not in st.session_state[SEARCHED]:
            _fixed(place, field)


def _fixed(place: DeltaGenerator, field: RunField) -> None:
    options: dict[str, Any] = {}
    if field.name == "architecture":
        options["on_change"] = _follow_preset
    if field.name == "threads":
        options |= {"value": None, "placeholder": "cores ÷ workers", "help": "Of each training."}
    if field.name in USED_WITH:
        other, value = USED_WITH[field.name]
        searched = other in st.session_state[SEARCHED]
        options["disabled"] = not searched and st.session_state[key(other)] != value
    field_widget(place, field, key(field.name), **options)


def _follow_preset() -> None:
    """A new preset brings its recipe; dataset, protocol and machine stay as chosen."""
    state = st.session_state
    before = {field.name: state.get(key(field.name)) for field in FIELDS.values() if field.in_form}
    values = setup.preset_values(state[key("architecture")])
    kept = {
        name: value
        for name, value in before.items()
        if not FIELDS[name].of_preset and not FIELDS[name].several
    }
    fill_fixed(values | kept)
