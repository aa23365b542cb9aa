"""The ways on from a trial: a race with its settings, filled in on Train; its fits on Compare."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import frameworks
from core.fields import as_text
from core.races.setup import ADDRESS_KEYS, SHARED, Setup, preset_values
from core.tuning.study import Study, StudySpec
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


def fresh_runs(study: Study) -> dict[str, Mapping[str, Any]]:
    """The runs at the end by name, each once: one that stands for two roles is one training."""
    return {str(run["run"]): run for run in study.final}


def race_link(spec: StudySpec, settings: Mapping[str, Any], label: str) -> None:
    """A link to Train with these settings filled in."""
    setup = race_setup(spec, settings)
    texts = {key: text for key, text in setup.changes().items() if key in ADDRESS_KEYS}
    texts["frameworks"] = as_text(setup.frameworks)  # else the form would stay as it was
    shell.page_link("train", label, **texts, new="1")


def show_ways(study: Study, winners: Mapping[str, Mapping[str, Any]]) -> None:
    """Links: a race with the settings of each winner; the study's trainings and fresh runs on Compare.

    Args:
        study: whose they are.
        winners: framework (or "all") → settings.
    """
    with st.container(horizontal=True, key="study-ways"):
        for name, settings in winners.items():
            who = f": {frameworks.title(name)}" if len(winners) > 1 else ""
            race_link(study.spec, settings, f"Race with these settings{who}")
        shell.page_link("compare", "Compare these", study=study.spec.name)
        if runs := [name for name, run in fresh_runs(study).items() if run["status"] == "finished"]:
            shell.page_link("compare", "Compare the fresh runs", runs=",".join(runs))
