"""The form of a race: fields that follow the preset, a URL that reproduces them."""

from typing import Any, get_args

import streamlit as st
from pydantic import ValidationError

from core import config, frameworks
from core.architectures import PRESETS
from core.config import LIMITS
from core.data.datasets import DATASETS
from core.machine.environment import available_cores
from core.races import setup
from core.races.setup import Setup
from pages.components.data.samples import augmentation_preview
from pages.components.train.device_line import show_devices

SCALING = {"standardize": "zero mean, unit spread", "unit": "between 0 and 1"}
PROTOCOLS = {"controlled": "Controlled", "as-is": "As is"}
PROTOCOL_HELP = (
    "Controlled: all frameworks start from the same weights, see the same batches and use the same "
    "optimizer constants. As is: each brings its own initialisers and defaults, as its users meet them."
)


def key(field: str) -> str:
    """The widget key of a field."""
    return f"setup-{field}"


def prepare_fields() -> list[str]:
    """Fills the fields from the URL on arrival, or when somebody changed it; returns what it refused."""
    state = st.session_state
    url = {name: st.query_params[name] for name in setup.KEYS if name in st.query_params}
    written = state.get("setup-written")
    edited = bool(url) and url != written
    if edited or key("frameworks") not in state:
        chosen, state["setup-problems"] = setup.from_texts(url if url else written or {})
        _fill(chosen)
    return state.get("setup-problems", [])


def _fill(chosen: Setup) -> None:
    st.session_state[key("frameworks")] = list(chosen.frameworks)
    st.session_state[key("seeds")] = ", ".join(map(str, chosen.seeds))
    _fill_values(chosen.values)


def _fill_values(values: dict[str, Any]) -> None:
    preset = PRESETS[values["architecture"]]
    shown = dict(values)
    for field in ("filters", "dense_units"):
        shown[field] = getattr(preset, field) if values[field] is None else values[field]
    shown["filters"] = ", ".join(map(str, shown["filters"]))
    shown["dropout"] = preset.dense_dropout if values["dropout"] is None else values["dropout"]
    for field, value in shown.items():
        st.session_state[key(field)] = value


def _follow_preset() -> None:
    """A new preset brings its recipe; dataset, protocol and machine stay as chosen."""
    kept = ("dataset", "protocol", "augment", "validation_size", "train_size", "device", "threads")
    values = setup.preset_values(st.session_state[key("architecture")])
    _fill_values(values | {field: st.session_state[key(field)] for field in kept})


def main_fields() -> None:
    """What most visitors choose."""
    st.pills(
        "Frameworks",
        frameworks.names(),
        selection_mode="multi",
        format_func=frameworks.title,
        key=key("frameworks"),
    )
    preset, dataset, epochs, batch, protocol = st.columns([1.5, 1.5, 1, 1, 1.6], vertical_alignment="bottom")
    preset.selectbox(
        "Network",
        list(PRESETS),
        key=key("architecture"),
        on_change=_follow_preset,
        help="A preset brings the recipe of its source; every value can then be changed.",
    )
    dataset.selectbox(
        "Dataset", list(DATASETS), format_func=lambda name: DATASETS[name].title, key=key("dataset")
    )
    _number(epochs, "Epochs", "epochs")
    _number(batch, "Batch size", "batch_size")
    protocol.segmented_control(
        "Protocol",
        list(PROTOCOLS),
        format_func=PROTOCOLS.get,
        required=True,
        key=key("protocol"),
        help=PROTOCOL_HELP,
    )


def _number(place, label: str, field: str, **options) -> None:
    place.number_input(label, *LIMITS[field], key=key(field), **options)


def more_fields(in_sight: bool) -> None:
    """Everything else that decides a run; the frameworks are asked for devices once somebody looks."""
    optimizer, network, data, machine = st.columns(4)
    with optimizer:
        st.markdown("**Optimizer**")
        chosen = st.selectbox("Optimizer", get_args(config.Optimizer), key=key("optimizer"))
        _number(st, "Learning rate", "learning_rate", step=1e-4, format="%g")
        _number(st, "Momentum (sgd)", "momentum", step=0.05, disabled=chosen != "sgd")
        schedule = st.selectbox("Schedule", get_args(config.Schedule), key=key("schedule"))
        _number(st, "Decay an epoch (exponential)", "decay", step=0.05, disabled=schedule != "exponential")
    with network:
        st.markdown("**Network**")
        st.text_input(
            "Filters of each convolution",
            key=key("filters"),
            placeholder="none: no convolution",
            help="Numbers with commas between them; how many there are is the depth.",
        )
        _number(st, "Dense units", "dense_units")
        _number(st, "Dropout before the last layer", "dropout", step=0.05)
        st.text_input("Seeds", key=key("seeds"), help="One run of each framework per seed.")
    with data:
        st.markdown("**Data**")
        st.selectbox("Pixels", list(SCALING), format_func=SCALING.get, key=key("scaling"))
        _number(st, "Validation images", "validation_size", step=500)
        _number(st, "Training images", "train_size", value=None, step=1000, placeholder="all")
        st.toggle(
            "Augment the images",
            key=key("augment"),
            help="Turns, shifts and warps the training images, differently in every epoch.",
        )
    with machine:
        st.markdown("**Machine**")
        st.selectbox("Device", get_args(config.Device), key=key("device"))
        _number(st, "Threads", "threads", help=f"This machine has {available_cores()} cores.")
        if in_sight:
            show_devices()
    if st.session_state[key("augment")]:
        augmentation_preview(st.session_state[key("dataset")])


def collect() -> tuple[Setup | None, str]:
    """The set-up in the fields, also written to the URL; None and the reason when it cannot run."""
    state = st.session_state
    if not state[key("frameworks")]:
        return None, "Choose at least one framework."
    order = [name for name in frameworks.names() if name in state[key("frameworks")]]
    try:
        chosen = Setup(tuple(order), setup.read_seeds(state[key("seeds")]), _values())
        chosen.configs()
    except ValidationError as error:
        problem = error.errors()[0]
        place = ", ".join(str(part).replace("_", " ") for part in problem["loc"][:1])
        return None, f"{place}: {problem['msg']}".lstrip(": ").removeprefix("Value error, ")
    except ValueError as error:
        return None, f"Filters or seeds: {error}."
    texts = chosen.changes()
    if texts != state.get("setup-written"):
        for name in setup.KEYS:
            if name in st.query_params and name not in texts:
                del st.query_params[name]
        st.query_params.update(texts)
        state["setup-written"] = texts
    return chosen, ""


def _values() -> dict[str, Any]:
    values = {field: st.session_state[key(field)] for field in setup.FIELDS}
    preset = PRESETS[values["architecture"]]
    values["filters"] = setup.numbers(values["filters"])
    source = {
        "filters": preset.filters,
        "dense_units": preset.dense_units,
        "dropout": preset.dense_dropout,
    }
    for field, value in source.items():
        if values[field] == value:
            values[field] = None  # the preset's own
    return values


def summary(chosen: Setup) -> str:
    """What the race amounts to, in a line."""
    runs = len(chosen.frameworks) * len(chosen.seeds)
    about = PRESETS[chosen.values["architecture"]].summary
    return (
        f"{runs} run{'s' * (runs > 1)}, one after another · {chosen.network().parameter_count():,} "
        f"parameters · {about[0].lower()}{about[1:]}"
    )
