"""The studies of an artifacts folder: make, list, rename, delete, start as a process of their own."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.machine import processes
from core.races import turns
from core.runs import records
from core.runs.records import MOST_TITLE, RecordError
from core.runs.writing import alone_with
from core.tuning.finals import ROLES
from core.tuning.folder import (
    add_event,
    add_mark,
    kept,
    read_spec,
    request_stop,
    stop_requested,
    studies_dir,
    study_dir,
    write_spec,
)
from core.tuning.life import ACTIVE, Life, same_process
from core.tuning.reading import StudyReader, read
from core.tuning.study import Study, StudySpec
from core.words import listed

__all__ = [
    "ACTIVE", "StudyReader", "Unreadable", "begin", "called", "create", "delete", "is_active", "launch",
    "list_studies", "names", "read", "read_spec", "rename", "request_stop", "resume",
    "stop_requested", "withdraw",
]  # fmt: skip


@dataclass(frozen=True)
class Unreadable:
    """A study whose files do not hold, and why."""

    name: str
    reason: str


def create(artifacts: Path, spec: StudySpec) -> None:
    """Writes a new study down; nothing trains yet.

    Raises:
        RecordError: its name is taken, or the folder cannot be written to.
    """
    folder = study_dir(artifacts, spec.name)
    _check_free(artifacts, spec.name)
    with records.writing(artifacts):
        studies_dir(artifacts).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=studies_dir(artifacts), prefix=".") as temporary:
            whole = Path(temporary, spec.name)
            whole.mkdir()
            write_spec(whole, spec)
            try:
                os.rename(whole, folder)  # whole or not at all, and for one of two who want the name
            except OSError:
                if not folder.exists():
                    raise
                raise RecordError(
                    f"there is a study called {spec.name} already; go on with it by --resume {spec.name}, "
                    "or choose another --name"
                ) from None
    add_event(artifacts, spec.name, "created", kept=kept(spec))


def _check_free(artifacts: Path, name: str) -> None:
    """A deleted study's fresh runs stay under its name, and another study's would take their place."""
    fresh = tuple(f"{name}-{role}-" for role in ROLES)
    if kept := [run for run in records.run_names(artifacts) if run.startswith(fresh)]:
        raise RecordError(f"{kept[0]} is a run of an earlier study called {name}; choose another --name")


def names(artifacts: Path) -> list[str]:
    """Every study's name, sorted."""
    folder = studies_dir(artifacts)
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if (path / "study.json").is_file())


def called(artifacts: Path, text: str) -> str:
    """The name of the study that somebody means: its name, or what it was called when it was made or renamed.

    Raises:
        RecordError: several have this title, or there is none and the text is no name either.
    """
    known = names(artifacts)
    if text in known:
        return text
    meant = [one for one in known if _title(artifacts, one) == text]
    if len(meant) > 1:
        raise RecordError(f"{listed(meant)} are both called {text}; say which by its name")
    if meant:
        return meant[0]
    study_dir(artifacts, text)
    return text


def _title(artifacts: Path, name: str) -> str | None:
    try:
        return read_spec(artifacts, name).title
    except RecordError:
        return None  # only its name is left of it


def list_studies(artifacts: Path) -> list[Study | Unreadable]:
    """Every study, the newest first; one whose files do not hold stands there with the reason."""

    def created(one: Study | Unreadable) -> str:
        return "" if isinstance(one, Unreadable) else one.spec.created

    return sorted(_each(artifacts), key=created, reverse=True)


def _each(artifacts: Path) -> Iterator[Study | Unreadable]:
    for name in names(artifacts):
        try:
            yield read(artifacts, name)
        except RecordError as error:
            yield Unreadable(name, str(error))


def rename(artifacts: Path, name: str, title: str) -> None:
    """Gives the study another title; its name on disk, which its runs carry, stays.

    Raises:
        RecordError: no such study, or its file cannot be written.
    """
    spec = read_spec(artifacts, name)
    with records.writing(artifacts):
        changed = spec.model_copy(update={"title": title.strip()[:MOST_TITLE]})
        write_spec(study_dir(artifacts, name), changed)


def delete(artifacts: Path, name: str) -> None:
    """Removes the study with all its fits for good.

    Its fresh runs at the end stay: they are ordinary runs with a model, such as one that draws on the Draw
    page, and are deleted like every run.

    Raises:
        RecordError: no such study, it still runs, or its files cannot be removed.
    """
    folder = study_dir(artifacts, name)
    if not folder.is_dir():
        raise RecordError(f"there is no study {name} in {artifacts}; `python -m core tune --list` shows them")
    if is_active(artifacts, name):
        raise RecordError(f"{name} still runs; stop it first")
    mine = _fits_of(name)
    with records.writing(artifacts):
        for entry in list(os.scandir(artifacts)):
            if mine.fullmatch(entry.name):
                shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
        shutil.rmtree(folder)  # last: what is half deleted can be deleted again


def withdraw(artifacts: Path, name: str) -> None:
    """Takes back a study of which no trial began."""
    events, _ = records.read_events(studies_dir(artifacts), name)
    if all(event["event"] != "trial" for event in events):
        delete(artifacts, name)


def _fits_of(name: str) -> re.Pattern[str]:
    """The files and folders of a study's fits, not of one whose name only begins alike; see `fit_name`."""
    fit = rf"{records.FIT}{re.escape(name)}-\d{{5,}}-[a-z][a-z0-9_]*-e\d+(-f\d+)?-s\d+"
    return re.compile(fit + rf"({re.escape(records.METRICS_SUFFIX)})?")


def is_active(artifacts: Path, name: str) -> bool:
    """Whether the study waits or works at this moment; told also where its study.json no longer holds."""
    return _life(artifacts, name).state()[0] in ACTIVE


def _life(artifacts: Path, name: str) -> Life:
    life = Life()
    for event in records.read_events(studies_dir(artifacts), name)[0]:
        life.take(event)
    return life


# ── starting ────────────────────────────────────────────────────────────────────────


def launch(artifacts: Path, spec: StudySpec) -> str:
    """Makes a study and starts it as a process of its own, which outlives this one; returns its name.

    Raises:
        core.races.turns.LineFull: as many races and studies wait as may.
        RecordError: its name is taken, or the folder cannot be written to.
    """
    turns.check_room()
    records.check_writable(artifacts)
    create(artifacts, spec)
    with _starting(artifacts, spec.name):
        _start(artifacts, spec.name)
    return spec.name


def resume(artifacts: Path, name: str) -> None:
    """Goes on with a study, as a process of its own.

    Raises:
        core.races.turns.LineFull: as many races and studies wait as may.
        RecordError: no such study, it runs already, or the folder cannot be written to.
    """
    turns.check_room()
    read_spec(artifacts, name)
    with _starting(artifacts, name):
        if is_active(artifacts, name):
            raise RecordError(f"{name} runs already")
        (study_dir(artifacts, name) / "stop").unlink(missing_ok=True)
        _start(artifacts, name)


def begin(artifacts: Path, name: str) -> StudySpec:
    """Makes this process the one that works on the study.

    Raises:
        RecordError: another one does, or the study's file was changed so that its trials no longer fit.
    """
    spec = read_spec(artifacts, name)
    with _starting(artifacts, name):
        life = _life(artifacts, name)
        mine = same_process(life.launched, processes.process_mark())
        if life.state()[0] in ACTIVE and not mine:
            raise RecordError(f"{name} runs already; stop it first")
        _check_kept(artifacts, spec)
        if not mine:
            for old in ("stop", "log.txt"):
                (study_dir(artifacts, name) / old).unlink(missing_ok=True)
        add_mark(artifacts, name, "queued")
    return spec


@contextmanager
def _starting(artifacts: Path, name: str) -> Iterator[None]:
    """Nobody else starts the study meanwhile."""
    with records.writing(artifacts), alone_with(study_dir(artifacts, name) / "start.lock"):
        yield


def _check_kept(artifacts: Path, spec: StudySpec) -> None:
    """Whether study.json still asks for what its trials were trained with."""
    events, _ = records.read_events(studies_dir(artifacts), spec.name)
    created = next((event for event in events if event["event"] == "created"), {})
    before, now = created.get("kept"), kept(spec)
    if not isinstance(before, dict) or all(event["event"] != "trial" for event in events):
        return
    if changed := [key for key in before if before[key] != now.get(key)]:  # older ones say less
        values = ", ".join(f"{key}: {json.dumps(_unlike(before[key], now.get(key)))}" for key in changed)
        raise RecordError(
            f"{study_dir(artifacts, spec.name) / 'study.json'} was changed: its trials were trained with "
            f"other {listed(changed)}. Put back {values}, or start a new study; nothing is lost"
        )


def _unlike(before: Any, now: Any) -> Any:
    """What was changed: of values by name only those that are no longer the same."""
    if not (isinstance(before, dict) and isinstance(now, dict)):
        return before
    return {key: before.get(key) for key in {**before, **now} if before.get(key) != now.get(key)}


def _start(artifacts: Path, name: str) -> None:
    """`python -m core tune --resume NAME`, whose output goes to the study's log."""
    arguments = ["tune", "--resume", name, "--artifacts", str(artifacts)]
    with records.writing(artifacts):
        process = processes.launch(study_dir(artifacts, name) / "log.txt", *arguments)
    add_event(artifacts, name, "launched", **processes.process_mark(process.pid))
