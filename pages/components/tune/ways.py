"""The ways on from a candidate: a race with its settings, filled in on Train; its fits on Compare."""

from collections.abc import Mapping
from typing import Any

from core.fields import as_text
from core.races.setup import ADDRESS_KEYS, SHARED, Setup, preset_values
from core.tuning.study import StudySpec
from pages.components import shell


def race_setup(spec: StudySpec, settings: Mapping[str, Any]) -> Setup:
    """The race that trains these settings: in their framework, or in all of a common best."""
    framework = settings.get("framework")
    chosen = (framework,) if framework else spec.frameworks
    values = preset_values(spec.fixed["architecture"]) | dict(spec.fixed)
    values |= {name: _plain(value) for name, value in settings.items() if name != "framework"}
    values |= {"folds": None, "fold": None}
    return Setup(chosen, (0,), {name: values[name] for name in SHARED})


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def race_link(spec: StudySpec, settings: Mapping[str, Any], label: str) -> None:
    """A link to Train with these settings filled in."""
    setup = race_setup(spec, settings)
    texts = {key: text for key, text in setup.changes().items() if key in ADDRESS_KEYS}
    texts["frameworks"] = as_text(setup.frameworks)  # else the form would stay as it was
    shell.page_link("train", label, **texts, new="1")


def compare_link(spec: StudySpec) -> None:
    """A link to Compare with the study's fits."""
    shell.page_link("compare", "Compare these", study=spec.name)
