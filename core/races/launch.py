"""Starting a race from the browser, as a process of its own that outlives the server."""

import secrets
import shlex
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from core.machine import processes
from core.races import turns
from core.runs import records

BURST = 3.0  # seconds: clicks that follow each other sooner are one


@dataclass(frozen=True)
class Launched:
    """A race that a visitor started, and when the button was last clicked, by `time.monotonic`."""

    race: str
    arguments: list[str]
    clicked: float


def new_race_name() -> str:
    """`<date>-<time>-<four letters>`: sortable, and different when two start in one second."""
    return f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def launch(arguments: list[str], artifacts: Path) -> str:
    """Starts `python -m core race …` as a process of its own, which outlives this one.

    Args:
        arguments: flags of the command line, without `--race` and `--artifacts`.
        artifacts: where its runs are recorded; its output goes to `.races/<race>.log` in there.

    Returns:
        The race's name, which each of its runs carries in `config.json`.

    Raises:
        core.races.turns.LineFull: as many races wait as may.
        core.runs.records.RecordError: the folder cannot be written to.
    """
    turns.check_room()
    records.check_writable(artifacts)
    race = new_race_name()
    mark_path, log_path = _files(artifacts, race)
    with records.writing(artifacts):
        mark_path.parent.mkdir(exist_ok=True)
        named = ["--race", race, "--artifacts", str(artifacts)]
        process = processes.launch(log_path, "race", *arguments, *named)
        mark = {**processes.process_mark(process.pid), "race": race, "command": shlex.join(arguments)}
        records.write_json(mark_path, mark)
    return race


def launch_once(arguments: list[str], artifacts: Path, before: Launched | None) -> Launched:
    """Starts a race as `launch` does, unless the visitor's last one is the same and still to begin.

    A double click is one race, and so are quick clicks in a row, however long the row is; the same
    set-up can be raced again once the first one trains.

    Args:
        arguments: as of `launch`.
        artifacts: as of `launch`.
        before: what this returned when the visitor clicked before.

    Raises:
        core.runs.records.RecordError: as `launch`.
    """
    now = time.monotonic()
    same = before is not None and before.arguments == arguments
    if before and same and (now - before.clicked < BURST or _to_begin(artifacts, before.race)):
        return replace(before, clicked=now)
    return Launched(launch(arguments, artifacts), arguments, now)


def _to_begin(artifacts: Path, race: str) -> bool:
    """Whether a launched race still starts or waits for its turn."""
    try:
        alive, _ = launched(artifacts, race)
    except records.RecordError:
        return False
    front = turns.front()
    return alive and (front is None or race != front["race"])


def launched(artifacts: Path, race: str) -> tuple[bool, str]:
    """Whether a launched race's process still runs, and what it printed so far.

    A race that ends without having made a run printed why: bad settings, missing data, a full disk.

    Raises:
        core.runs.records.RecordError: nobody launched such a race here, or its files cannot be read.
    """
    mark_path, log_path = _files(artifacts, records.check_name(race))
    mark = records.read_object(mark_path)
    try:
        output = log_path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise records.RecordError(f"{log_path.name} cannot be read: {error}") from error
    return processes.is_alive(mark), output


def _files(artifacts: Path, race: str) -> tuple[Path, Path]:
    """Where a launched race's process mark and its output lie."""
    folder = artifacts / ".races"
    return folder / f"{race}.json", folder / f"{race}.log"
