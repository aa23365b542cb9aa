"""What is searched: a row for each setting, with a range or a list, and a choice that adds another."""

from typing import Literal

import streamlit as st

from core.fields import FIELDS, RunField
from core.races.setup import preset_values
from pages.components.fields import WORDS
from pages.components.shell import plain
from pages.components.tune.setup_state import SEARCHED, fill_searched, key, others_to_search, shown_values

SCALES = {"log": "range, log scale", "lin": "range, even scale", "list": "list"}
# What is tried of a setting until somebody says otherwise: values that are worth a look on any dataset here.
FIRST = {
    "learning_rate": "log:0.0001..0.1",
    "batch_size": "32,64,128",
    "epochs": "3,5,10",
    "optimizer": "sgd,adam,rmsprop",
    "momentum": "lin:0.5..0.99",
    "schedule": "constant,one-cycle",
    "decay": "lin:0.5..1",
    "filters": "16,32;32,64",
    "dense_units": "64,128,256",
    "dropout": "lin:0..0.5",
    "augment": "false,true",
    "scaling": "standardize,unit",
    "train_size": "2000,6000,20000",
}
ADDED = "tune-added"  # the widget key of the choice that adds a setting
HINTS = {
    "log": "Every factor is as likely as the next: as many from 0.001 to 0.01 as from 0.01 to 0.1.",
    "lin": "Every value is as likely as the next.",
    "list": "Values with commas between them.",
}


def show_dimensions() -> None:
    """The rows, and below them the choice of another setting."""
    st.markdown("**What to search**")
    for name in st.session_state[SEARCHED]:
        field = FIELDS[name]
        line: Literal["center", "bottom"] = "center" if field.kind == "switch" else "bottom"
        with st.container(key=f"tune-row-{name}", horizontal=True, vertical_alignment=line):
            _row(field)
    if not st.session_state[SEARCHED]:
        st.caption("Nothing yet: with folds below, the one set-up is cross-validated.")
    st.selectbox(
        "Search another setting",
        others_to_search(),
        index=None,
        format_func=lambda name: FIELDS[name].title,
        placeholder="Choose a setting",
        key=ADDED,
        on_change=_add,
        width=300,
    )


def _row(field: RunField) -> None:
    name, state = field.name, st.session_state
    scale = state.setdefault(key(f"{name}-scale"), "list")
    if field.kind == "number":
        scale = st.selectbox(
            field.title,
            list(SCALES),
            format_func=SCALES.__getitem__,
            key=key(f"{name}-scale"),
            on_change=_other_scale,
            args=(name,),
            help=f"{field.hint or ''} {HINTS[scale]}".strip(),
            width=200,
        )
    if scale == "list":
        _list(field)
    else:
        st.text_input(f"{field.title} from", key=key(f"{name}-least"), width=120)
        st.text_input(f"{field.title} to", key=key(f"{name}-largest"), width=120)
    st.button(
        "Don’t search",
        key=f"tune-fix-{name}",
        icon=":material/close:",
        help=f"{field.title} is searched no longer: one value for all, under “All settings”",
        type="tertiary",
        on_click=_fix,
        args=(name,),
    )


def _list(field: RunField) -> None:
    label = f"{field.title}: values" if field.kind == "number" else field.title
    if field.kind == "choice":
        words = WORDS.get(field.name, {})
        st.pills(
            label,
            field.choices,
            selection_mode="multi",
            format_func=lambda choice: words.get(choice, choice),
            key=key(f"{field.name}-list"),
            help=field.hint,
        )
    elif field.kind == "switch":
        st.markdown(f"{plain(field.title)}: without and with")
    else:
        several = "Commas inside a candidate, semicolons between two." if field.kind == "numbers" else None
        st.text_input(label, key=key(f"{field.name}-list"), help=several, width=250)


def _add() -> None:
    state = st.session_state
    if name := state[ADDED]:
        state[SEARCHED] = [*state[SEARCHED], name]
        fill_searched(name, FIRST[name])
    state[ADDED] = None


def _other_scale(name: str) -> None:
    """A list becomes a range over its values' ends, a range the list of what is tried first."""
    state = st.session_state
    if state[key(f"{name}-scale")] == "list":
        state[key(f"{name}-list")] = _as_list(name)
        return
    if key(f"{name}-least") in state:  # from one scale to the other
        return
    values = sorted(_numbers(state.get(key(f"{name}-list"), "")) or _limits(name))
    state[key(f"{name}-least")], state[key(f"{name}-largest")] = (
        f"{end:g}" for end in (values[0], values[-1])
    )


def _as_list(name: str) -> str:
    if not FIRST[name].startswith(("log:", "lin:")):
        return FIRST[name]
    least, largest = (st.session_state.get(key(f"{name}-{end}"), "") for end in ("least", "largest"))
    return ", ".join(filter(None, (least, largest)))


def _numbers(text: str) -> list[float]:
    """The numbers of a list; none where one of them is no number, which the study's reader will say."""
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        return []


def _limits(name: str) -> list[float]:
    return [float(end) for end in FIELDS[name].limits]


def _fix(name: str) -> None:
    """The setting has one value again: the preset's."""
    state = st.session_state
    state[SEARCHED] = [other for other in state[SEARCHED] if other != name]
    state[key(name)] = shown_values(preset_values(state[key("architecture")]))[name]
