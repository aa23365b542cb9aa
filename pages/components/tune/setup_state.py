"""The set-up of a study in the session and in the address: one reader, `core.tuning.asked`, for both."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.architectures import with_preset
from core.data.catalogue import known_datasets
from core.fields import FIELDS, as_text
from core.races import setup
from core.tuning import asked
from core.tuning.dimension import SEARCHABLE, read_dimension
from core.tuning.study import StudySpec

FORM = [field for field in FIELDS.values() if field.in_form and field.name != "framework"]
# What a first visitor meets: the two settings that decide most, in a framework that is quick to start.
DEFAULT = {
    "frameworks": "pytorch",
    "search-learning-rate": "log:0.0001..0.1",
    "search-batch-size": "32,64,128",
    "strategy": "random",
    "trials": "20",
}
MINUTES = 20.0  # where somebody asks for a time
OWN = ("strategy", "objective", "workers", "cluster", "final-seeds")  # beside how many or how long
WRITTEN, PROBLEMS, SEARCHED = "tune-written", "tune-problems", "tune-searched"  # in the session


def key(name: str) -> str:
    """The widget key of a field, or of a setting of the study itself."""
    return f"tune-{name}"


def prepare() -> list[str]:
    """Fills the form from the address on arrival, or when somebody changed it; returns what it refused."""
    state = st.session_state
    url = {name: st.query_params[name] for name in asked.ADDRESS_KEYS if name in st.query_params}
    edited = bool(url) and url != state.get(WRITTEN)
    if edited or key("frameworks") not in state:
        state[PROBLEMS] = []
        kept = url if url else state.get(WRITTEN) or {}
        spec, state[PROBLEMS] = usable(complete(kept))
        fill(spec)
    if state[key("dataset")] not in known_datasets():  # somebody deleted it
        state[key("dataset")] = FIELDS["dataset"].default
    return state[PROBLEMS]


def complete(texts: Mapping[str, str]) -> dict[str, str]:
    """An address with what the page assumes where it says nothing."""
    searches = [name for name in texts if name.startswith(asked.SEARCH)]
    strategy = [name for name in ("strategy", "trials", "minutes") if name in texts]
    assumed = {"frameworks": DEFAULT["frameworks"]}
    if not searches and "folds" not in texts:
        assumed |= {name: text for name, text in DEFAULT.items() if name.startswith(asked.SEARCH)}
    if not strategy:
        assumed |= {name: DEFAULT[name] for name in ("strategy", "trials")}
    fixed = {asked.SEARCH + name for name in texts}
    return {name: text for name, text in assumed.items() if name not in fixed} | dict(texts)


def usable(texts: Mapping[str, str]) -> tuple[StudySpec, list[str]]:
    """The study of these texts; those that cannot be used are left out, with a sentence about each."""
    datasets = known_datasets()
    spec, problems = asked.from_texts(texts, datasets)
    if spec is not None:
        return spec, []
    good = dict(DEFAULT)
    for name, text in texts.items():
        tried = {other: kept for other, kept in good.items() if other != asked.SEARCH + name} | {name: text}
        if asked.from_texts(tried, datasets)[0] is not None:
            good = tried
    spec, _ = asked.from_texts(good, datasets)
    assert spec is not None  # the default, and whatever went well with it
    return spec, problems


# ── into the form ───────────────────────────────────────────────────────────────────


def fill(spec: StudySpec) -> None:
    """Puts a study into the session, from where the widgets take it."""
    state = st.session_state
    state[key("name")] = spec.title
    state[key("seeds")] = ", ".join(map(str, spec.seeds))
    fill_fixed(setup.preset_values(spec.fixed["architecture"]) | spec.fixed)
    default_threads = asked.threads_each(spec.workers)
    state[key("threads")] = (
        None if spec.fixed.get("threads") == default_threads else spec.fixed.get("threads")
    )
    state[SEARCHED] = list(spec.search)
    for name, text in spec.search.items():
        fill_searched(name, text)
    for name in ("strategy", "objective", "workers", "common"):
        state[key(name)] = getattr(spec, name)
    state[key("folds")] = spec.folds or 0
    state[key("cluster")] = spec.cluster or ""
    state[key("final-seeds")] = spec.final_seeds
    state[key("amount")] = "minutes" if spec.minutes is not None and spec.trials is None else "trials"
    state[key("trials")] = spec.trials or int(DEFAULT["trials"])
    state[key("minutes")] = spec.minutes or MINUTES
    # Last, since a filled form is known by it: Streamlit may break off at any line here.
    state[key("frameworks")] = [name for name in setup.all_frameworks() if name in spec.frameworks]


def fill_fixed(values: Mapping[str, Any]) -> None:
    """Puts the runs' common values into the session."""
    shown = shown_values(values)
    for field in FORM:
        if not field.several:
            st.session_state[key(field.name)] = shown[field.name]


def shown_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The runs' common values as their widgets hold them: the layers those of the network."""
    layers = [values[name] for name in ("filters", "dense_units", "dropout")]
    filters, dense_units, dropout = with_preset(values["architecture"], *layers)
    own = {"filters": ", ".join(map(str, filters)), "dense_units": dense_units, "dropout": dropout}
    return {**values, **own}


def fill_searched(name: str, text: str) -> None:
    """Puts a searched field's values into the session: a range's scale and ends, or the list."""
    state = st.session_state
    found = read_dimension(name, text)
    field = FIELDS[name]
    state[key(f"{name}-scale")] = found.scale
    if found.scale != "list":
        state[key(f"{name}-least")], state[key(f"{name}-largest")] = (f"{end:g}" for end in found.ends)
    elif field.kind == "choice":
        state[key(f"{name}-list")] = list(found.values)
    elif field.kind != "switch":
        state[key(f"{name}-list")] = text


# ── out of it ───────────────────────────────────────────────────────────────────────


def collect() -> tuple[StudySpec | None, list[str]]:
    """The study that the form describes, or a sentence about each thing that cannot be."""
    if not st.session_state[key("frameworks")]:
        return None, ["Choose at least one framework."]
    if not (st.session_state[SEARCHED] or st.session_state[key("folds")]):
        return None, ["Nothing is searched: choose a setting to search, or folds to cross-validate this one."]
    return asked.from_texts(texts(), known_datasets())


def texts() -> dict[str, str]:
    """What the form says, under the keys of an address."""
    state = st.session_state
    searched = state[SEARCHED]
    said: dict[str, Any] = {
        field.key: state[key(field.name)]
        for field in FORM
        if not field.several and field.name not in searched
    }
    said |= {asked.SEARCH + FIELDS[name].key: searched_text(name) for name in searched}
    chosen = state[key("frameworks")]
    said["frameworks"] = [name for name in setup.all_frameworks() if name in chosen]
    said |= {name: state[key(name)] for name in ("name", "seeds", *OWN)}
    said["folds"] = state[key("folds")] or None
    said["common"] = state[key("common")] and len(chosen) > 1
    if how_much := amount():
        said[how_much] = state[key(how_much)]
    return {name: as_text(value) for name, value in said.items() if value is not None}


def amount() -> str:
    """What ends the search: "trials" or "minutes"; nothing for a grid, which is tried as a whole."""
    state = st.session_state
    if state[key("strategy")] == "grid":
        return ""
    return "trials" if state[key("strategy")] == "halving" else state[key("amount")]


def searched_text(name: str) -> str:
    """A searched field's values as they are typed elsewhere."""
    state = st.session_state
    scale = state[key(f"{name}-scale")]
    if scale != "list":
        return f"{scale}:{state[key(f'{name}-least')].strip()}..{state[key(f'{name}-largest')].strip()}"
    if FIELDS[name].kind == "switch":
        return "false,true"
    listed = state[key(f"{name}-list")]
    return ",".join(listed) if isinstance(listed, list) else listed


def write_address(spec: StudySpec) -> None:
    """Puts the study into the address, which then reproduces it; the page's own default needs no word."""
    said = address(spec)
    if said == st.session_state.get(WRITTEN):
        return
    for name in asked.ADDRESS_KEYS:
        if name in st.query_params and name not in said:
            del st.query_params[name]
    st.query_params.update(said)
    st.session_state[WRITTEN] = said


def address(spec: StudySpec) -> dict[str, str]:
    """The study under the keys of an address; empty for the page's own default."""
    said = asked.changes(spec) | {"frameworks": as_text(spec.frameworks), "strategy": spec.strategy}
    if spec.trials is not None:
        said["trials"] = as_text(spec.trials)
    return {} if said == DEFAULT else said


def others_to_search() -> list[str]:
    """The fields that could be searched too."""
    return [name for name in SEARCHABLE if name not in st.session_state[SEARCHED]]
