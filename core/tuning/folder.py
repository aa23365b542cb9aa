"""A study's own folder: its spec, its events, and the wish that it stop. See `core.tuning.study`.

artifacts/.studies/<study>/log.txt   what the process printed, where a page started it
artifacts/.studies/<study>/stop      exists when somebody asked the study to stop
"""

import time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.machine.processes import process_mark
from core.runs import records
from core.tuning.study import StudySpec

STUDIES = ".studies"  # a hidden folder: no reader of runs looks into it
# What its trials were trained with: a study that is resumed has to have kept it.
KEPT = ("frameworks", "common", "fixed", "search", "strategy", "folds", "seeds", "objective", "distinct")


def studies_dir(artifacts: Path) -> Path:
    """Where the studies' folders lie (it need not exist)."""
    return artifacts / STUDIES


def study_dir(artifacts: Path, name: str) -> Path:
    """The study's folder (it need not exist).

    Raises:
        core.runs.records.RecordError: the name could lead elsewhere.
    """
    return records.run_dir(studies_dir(artifacts), name)


def add_event(artifacts: Path, name: str, event: str, **values: Any) -> None:
    """Adds a line to the study's history, with the time of day.

    Raises:
        core.runs.records.RecordError: as `records.append_event`.
    """
    records.append_event(studies_dir(artifacts), name, event, time=time.time(), **values)


def add_mark(artifacts: Path, name: str, event: str) -> None:
    """Adds a line that tells what this process is about to do."""
    add_event(artifacts, name, event, **process_mark())


def read_spec(artifacts: Path, name: str) -> StudySpec:
    """What the study was asked to do.

    Raises:
        core.runs.records.RecordError: no such study, or its file is not what was written.
    """
    path = study_dir(artifacts, name) / "study.json"
    if not path.is_file():
        raise records.RecordError(
            f"there is no study {name} in {artifacts}; `python -m core tune --list` shows them"
        )
    try:
        spec = StudySpec.model_validate({"distinct": False} | records.read_object(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise records.RecordError(
            f"{path} does not describe a study any longer ({place}: {first['msg'].lower()}); "
            "put back what was there: its trials are still on disk"
        ) from error
    if spec.name != name:
        raise records.RecordError(f"{path} says that the study is called {spec.name}; write {name} there")
    if strange := _strange(spec):
        raise records.RecordError(
            f"{path} asks for what cannot be trained ({strange}); "
            "put back what was there: its trials are still on disk"
        )
    return spec


def _strange(spec: StudySpec) -> str:
    """Why no run can be made of what the spec fixes, whatever is searched; empty where one can."""
    from core import frameworks
    from core.tuning.space import config_of

    if unknown := [name for name in spec.frameworks if name not in frameworks.names()]:
        return f"frameworks: {unknown[0]!r} is none of them"
    try:
        for seed in spec.seeds:
            config_of(spec, {}, framework="any", seed=seed)
    except KeyError as error:
        return f"fixed: {error} is missing or unknown"
    except ValidationError as error:
        first = error.errors()[0]
        return ": ".join(["fixed", *map(str, first["loc"]), first["msg"].lower()])
    return ""


def write_spec(folder: Path, spec: StudySpec) -> None:
    """Writes study.json into the study's folder as a whole."""
    records.write_json(folder / "study.json", spec.model_dump(mode="json"))


def kept(spec: StudySpec) -> dict[str, Any]:
    """What may not change once trials were trained, as JSON holds it."""
    return spec.model_dump(mode="json", include=set(KEPT))


def request_stop(artifacts: Path, name: str) -> None:
    """Asks a study to stop: within three seconds it trains no more, and what is finished stays.

    Raises:
        core.runs.records.RecordError: the study's folder cannot be written to.
    """
    stop = study_dir(artifacts, name) / "stop"
    if stop.parent.is_dir():
        with records.writing(artifacts):
            stop.touch()


def stop_requested(artifacts: Path, name: str) -> bool:
    """Whether `request_stop` was called since the study was last begun."""
    return (study_dir(artifacts, name) / "stop").exists()
