"""What a race tells of its first phase, fetching its data: how far it is, or why it came to nothing.

artifacts/.races/<race>.fetch.json   written over and over by the race's process, gone once the data is there
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from core.machine import processes
from core.runs import records


@dataclass(frozen=True)
class Fetching:
    """How far it is."""

    title: str  # of the dataset
    share: float  # 0 to 1
    words: str  # files, bytes, time left


@dataclass(frozen=True)
class NotFetched:
    """Why the race never was."""

    title: str  # of the dataset
    problem: str
    instead: tuple[str, ...]  # options of `core race`: the same race on data that needs no fetching


def tell(artifacts: Path, race: str, phase: Fetching | NotFetched) -> None:
    """Writes down how the first phase of this process's race goes, in place of what was told before.

    Raises:
        core.runs.records.RecordError: the folder cannot be written to.
    """
    path = _file(artifacts, race)
    with records.writing(artifacts):
        path.parent.mkdir(parents=True, exist_ok=True)
        records.write_json(path, {**processes.process_mark(), **asdict(phase)})


def forget(artifacts: Path, race: str) -> None:
    """Says no more of it: the data is there, or nobody wants it any longer."""
    with records.writing(artifacts):
        _file(artifacts, race).unlink(missing_ok=True)


def first_phase(artifacts: Path, race: str) -> Fetching | NotFetched | None:
    """What a race told last; None before and after, and once a process that still fetched is gone.

    Raises:
        core.runs.records.RecordError: the race has no possible name, or its file cannot be read.
    """
    path = _file(artifacts, race)
    if not path.is_file():
        return None
    told = records.read_object(path)
    try:
        if "problem" in told:
            return NotFetched(str(told["title"]), str(told["problem"]), tuple(map(str, told["instead"])))
        share = min(1.0, max(0.0, float(told["share"])))
        going_on = processes.is_alive(told)
        return Fetching(str(told["title"]), share, str(told["words"])) if going_on else None
    except (KeyError, TypeError, ValueError) as error:
        raise records.RecordError(f"{path.name} does not tell how fetching goes: {error}") from error


def _file(artifacts: Path, race: str) -> Path:
    return artifacts / ".races" / f"{records.check_name(race)}.fetch.json"
