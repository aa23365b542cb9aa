"""The line in front of the machine: one race trains at a time, the others wait their turn.

Every waiting race holds a ticket, a small file named by its number; a ticket counts as long as its
process lives. The folder belongs to the user and the machine, not to one artifacts folder, so
races from the command line, several browsers and several copies of the app share one line.
"""

import getpass
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock

from core.status import is_alive, process_mark


def line_dir() -> Path:
    """The folder of the tickets: `DIGIT_DERBY_LINE`, else one in the system's temporary folder."""
    chosen = os.environ.get("DIGIT_DERBY_LINE")
    folder = Path(chosen or Path(tempfile.gettempdir()) / f"digit-derby-{getpass.getuser()}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def waiting() -> list[dict[str, Any]]:
    """The races in line, the one that trains first: process mark, `race` and `artifacts` of each."""
    tickets = []
    for path in sorted(line_dir().glob("*.ticket")):
        try:
            ticket = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            continue  # it just left, or is being written
        if is_alive(ticket):
            tickets.append(ticket)
    return tickets


@contextmanager
def place_in_line(
    race: str, artifacts: Path, on_wait: Callable[[list[str]], None] = lambda ahead: None
) -> Iterator[None]:
    """Waits until every race that came earlier is done; keeps the place until the block ends.

    Args:
        race: the race's name, shown to those who wait behind it.
        artifacts: where its runs are.
        on_wait: called with the races ahead, first one first, whenever that list changes.
    """
    folder = line_dir()
    with FileLock(folder / "line.lock"):
        for path in folder.glob("*.ticket"):
            if not is_alive(json.loads(path.read_text(encoding="utf-8"))):
                path.unlink()
        last = max((int(path.stem) for path in folder.glob("*.ticket")), default=0)
        own = folder / f"{last + 1:08d}.ticket"
        ticket = {**process_mark(), "race": race, "artifacts": str(artifacts)}
        own.write_text(json.dumps(ticket), encoding="utf-8")
    try:
        told = None
        while ahead := _ahead(race):
            names = [ticket["race"] for ticket in ahead]
            if names != told:
                on_wait(told := names)
            _wait_for_end(ahead[-1])
        yield
    finally:
        own.unlink(missing_ok=True)


def _ahead(race: str) -> list[dict[str, Any]]:
    tickets = waiting()
    names = [ticket["race"] for ticket in tickets]
    return tickets[: names.index(race)]


def _wait_for_end(ticket: dict[str, Any]) -> None:
    """Returns when the race's process has ended, or after a second, to look at the line again."""
    with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
        psutil.Process(ticket["pid"]).wait(timeout=1)
