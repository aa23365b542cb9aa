"""The fields of a run as widgets, the same on Train and on Tune."""

from typing import Any

from streamlit.delta_generator import DeltaGenerator

from core.architectures import PRESETS
from core.data.catalogue import known_datasets
from core.fields import RunField

WORDS = {
    "protocol": {"controlled": "Same rules for all", "as-is": "Each its own way"},
    "scaling": {"standardize": "zero mean, unit spread", "unit": "between 0 and 1"},
}
TITLES = {"protocol": "Rules"}  # where the form's word is plainer than the tables'
# What a widget takes besides label, limits, choices and hint.
OPTIONS: dict[str, dict[str, Any]] = {
    "filters": {"placeholder": "none: no convolution"},
    "learning_rate": {"step": 1e-4, "format": "%g"},
    "momentum": {"step": 0.05},
    "decay": {"step": 0.05},
    "dropout": {"step": 0.05},
    "validation_size": {"step": 500},
    "train_size": {"step": 1000, "value": None, "placeholder": "all"},
    "protocol": {"wrap": True},
}


def field_widget(place: DeltaGenerator, field: RunField, key: str, **more: Any) -> None:
    """The widget that suits the field's kind.

    Args:
        place: where it is put.
        field: of a run.
        key: of the widget, under which the session holds the value.
        more: what the page has to say: `on_change`, `disabled`, another `help`.
    """
    words = WORDS.get(field.name, {})
    if field.name == "dataset":
        words = {name: info.title for name, info in known_datasets().items()}
    options = {"key": key, "help": field.hint, **OPTIONS.get(field.name, {}), **more}
    if field.name == "architecture":
        place.selectbox(field.title, list(PRESETS), **options)
    elif field.name == "protocol":
        title = TITLES[field.name]
        place.segmented_control(title, field.choices, format_func=words.__getitem__, required=True, **options)
    elif field.kind == "choice" or field.name == "dataset":
        choices = field.choices or list(words)
        place.selectbox(field.title, choices, format_func=lambda name: words.get(name, name), **options)
    elif field.kind == "switch":
        place.toggle(field.title, **options)
    elif field.kind == "number" and not field.several:
        place.number_input(field.title, *field.limits, **options)
    else:
        place.text_input(field.title, **options)
