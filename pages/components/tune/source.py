"""The studies of the artifacts folder: each is read once for all visitors, and read on when it grows."""

from dataclasses import dataclass
from threading import Condition

import streamlit as st
from cachetools import TTLCache, cached

from core.places import artifacts_dir
from core.runs.records import RecordError
from core.tuning import studies
from core.tuning.reading import ACTIVE, StudyReader
from core.tuning.study import Study
from pages.components.names import study_name
from pages.components.shared import FOLDERS, LOOK

READERS = 20  # studies that are held at once


@dataclass(frozen=True)
class Listed:
    """A study in a list: what people call it, whether it goes on, and why it cannot be read."""

    name: str
    title: str
    active: bool
    created: str = ""
    problem: str = ""


@st.cache_resource(max_entries=READERS, show_spinner=False)
def _reader(artifacts: str, name: str) -> StudyReader:
    return StudyReader(artifacts_dir(artifacts), name)


@cached(TTLCache(READERS, LOOK), condition=Condition())
def _look(artifacts: str, name: str) -> Study:
    return _reader(artifacts, name).look()


def read_study(name: str) -> Study:
    """The study as it stands now; visitors who come at once share a look.

    Raises:
        core.runs.records.RecordError: there is no such study, or its files cannot be read.
    """
    return _look(str(artifacts_dir()), name)


def forget(name: str) -> None:
    """Reads the study anew the next time: it was renamed, deleted, or goes on."""
    _look.cache_clear()
    _reader.clear(str(artifacts_dir()), name)
    _listed.cache_clear()


def is_active(study: Study) -> bool:
    """Whether it waits or is worked on at this moment."""
    return study.state in ACTIVE


def listed() -> list[Listed]:
    """Every study here, the newest first."""
    return _listed(str(artifacts_dir()))


@cached(TTLCache(FOLDERS, LOOK), condition=Condition())
def _listed(artifacts: str) -> list[Listed]:
    folder = artifacts_dir(artifacts)
    found = []
    for name in studies.names(folder):
        active = studies.is_active(folder, name)
        try:
            spec = studies.read_spec(folder, name)
        except RecordError as error:
            found.append(Listed(name, name, active, problem=str(error)))
        else:
            found.append(Listed(name, study_name(spec), active, spec.created))
    return sorted(found, key=lambda one: one.created, reverse=True)
