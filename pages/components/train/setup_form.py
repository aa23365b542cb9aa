"""The form of a race: fields that follow the preset, a URL that reproduces them."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import frameworks
from core.architectures import PRESETS, with_preset
from core.data.catalogue import known_datasets
from core.fields import FIELDS, USED_WITH, RunField, as_text, in_place
from core.machine.environment import available_cores
from core.races import setup
from core.races.setup import Setup
from core.runs.records import MOST_TITLE
from core.words import counted
from pages.components.data.samples import augmentation_preview, writers_gallery
from pages.components.fields import field_widget
from pages.components.shell import style, text_beside
from pages.components.train.device_line import show_devices

STYLE = style(text_beside(__file__, "setup_form.css"))
FORM = [field for field in FIELDS.values() if field.in_form]
# How wide the main fields are, in this order; others would stand behind them.
WIDTHS = {"architecture": 1.5, "dataset": 1.5, "epochs": 1, "batch_size": 1, "protocol": 2}
NAME_KEY = "setup-name"  # the widget key of the race's own name


def key(name: str) -> str:
    """The widget key of a field."""
    return f"setup-{name}{'s' if FIELDS[name].several else ''}"


def prepare_fields() -> list[str]:
    """Fills the fields from the URL on arrival, or when somebody changed it; returns what it refused."""
    state = st.session_state
    url = {name: st.query_params[name] for name in setup.ADDRESS_KEYS if name in st.query_params}
    written = state.get("setup-written")
    edited = bool(url) and url != written
    if edited or key("framework") not in state:
        chosen, state["setup-problems"] = setup.from_texts(url if url else written or {}, known_datasets())
        state[key("seed")] = ", ".join(map(str, chosen.seeds))
        state[NAME_KEY] = chosen.name
        _fill(chosen.values)
        # Last, since a filled form is known by it: Streamlit may break off at any line here.
        state[key("framework")] = [name for name in setup.all_frameworks() if name in chosen.frameworks]
    if state[key("dataset")] not in known_datasets():  # somebody deleted it
        state[key("dataset")] = FIELDS["dataset"].default
    return state.get("setup-problems", [])


def _fill(values: dict[str, Any]) -> None:
    filters, dense_units, dropout = with_preset(
        values["architecture"], values["filters"], values["dense_units"], values["dropout"]
    )
    shown = values | {"filters": ", ".join(map(str, filters)), "dense_units": dense_units, "dropout": dropout}
    for field in FORM:
        if not field.several:
            st.session_state[key(field.name)] = shown[field.name]


def _follow_preset() -> None:
    """A new preset brings its recipe; dataset, protocol and machine stay as chosen."""
    kept = [field.name for field in FORM if not field.of_preset and not field.several]
    values = setup.preset_values(st.session_state[key("architecture")])
    _fill(values | {name: st.session_state[key(name)] for name in kept})


# ── the fields ──────────────────────────────────────────────────────────────────────


def main_fields() -> None:
    """What most visitors choose."""
    st.html(STYLE)
    with st.container(key="setup-main"):
        who, called = st.columns([3, 1.5], vertical_alignment="bottom")
        who.pills(
            "Frameworks",
            setup.all_frameworks(),
            selection_mode="multi",
            format_func=frameworks.title,
            key=key("framework"),
        )
        called.text_input(
            "Name of this race (optional)",
            key=NAME_KEY,
            max_chars=MOST_TITLE,
            placeholder="such as: With dropout",
            help="Its runs carry it on Compare, on Draw and in the report; each can be renamed there.",
        )
        fields = {field.name: field for field in in_place("main") if not field.several}
        order = list(dict.fromkeys([*WIDTHS, *fields]))
        columns = st.columns([WIDTHS.get(name, 1) for name in order], vertical_alignment="bottom")
        for name, column in zip(order, columns, strict=True):
            _widget(column, fields[name])


def more_fields(in_sight: bool) -> None:
    """Everything else that decides a run; the frameworks are asked for devices once somebody looks."""
    optimizer, network, data, machine = st.columns(4)
    _group(optimizer, "Optimizer", in_place("optimizer"))
    _group(network, "Network", in_place("network"))
    _group(data, "Data", in_place("data"))
    _group(machine, "Machine", in_place("machine"))
    if in_sight:
        with machine:
            show_devices()
        writers_gallery(st.session_state[key("dataset")])
    if st.session_state[key("augment")]:
        augmentation_preview(st.session_state[key("dataset")])


def _group(place: DeltaGenerator, title: str, fields: list[RunField]) -> None:
    place.markdown(f"**{title}**")
    for field in sorted(fields, key=lambda field: field.kind == "switch"):  # switches below the rest
        _widget(place, field)


def _widget(place: DeltaGenerator, field: RunField) -> None:
    if field.name == "architecture":
        field_widget(place, field, key(field.name), on_change=_follow_preset)
        return
    options: dict[str, Any] = {}
    if field.name in USED_WITH:
        other, value = USED_WITH[field.name]
        options["disabled"] = st.session_state[key(other)] != value
    if field.name == "threads":
        options["help"] = f"This machine has {available_cores()} cores."
    field_widget(place, field, key(field.name), **options)


# ── what they say together ──────────────────────────────────────────────────────────


def collect() -> tuple[Setup | None, str]:
    """The set-up in the fields, also written to the URL; None and the reason when it cannot run."""
    state = st.session_state
    if not state[key("framework")]:
        return None, "Choose at least one framework."
    chosen, problems = setup.from_texts(_texts(), known_datasets())
    if problems:
        return None, f"{'; '.join(problems)}."
    texts = chosen.changes()
    if texts != state.get("setup-written"):
        for name in setup.ADDRESS_KEYS:
            if name in st.query_params and name not in texts:
                del st.query_params[name]
        st.query_params.update(texts)
        state["setup-written"] = texts
    return chosen, ""


def _texts() -> dict[str, str]:
    values = {field.key: st.session_state[key(field.name)] for field in FORM}
    values[setup.NAME] = st.session_state[NAME_KEY]
    values["frameworks"] = [name for name in setup.all_frameworks() if name in values["frameworks"]]
    return {name: as_text(value) for name, value in values.items() if value is not None}


def summary(chosen: Setup) -> str:
    """What the race amounts to, in a line."""
    runs = len(chosen.frameworks) * len(chosen.seeds)
    about = PRESETS[chosen.values["architecture"]].summary
    return (
        f"{counted(runs, 'run')}, one after another · {chosen.network().parameter_count():,} "
        f"parameters · {about[0].lower()}{about[1:]}"
    )
