"""The line in front of the machine: one race trains at a time, the others wait their turn.

Every waiting race holds a ticket, a small file named by its number; a ticket counts as long as its
process lives. The folder belongs to the user and the machine, not to one artifacts folder, so
races from the command line, several browsers and several copies of the app share one line.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock

from core.machine.processes import is_alive, process_mark
from core.runs.records import RecordError, write_file


def line_dir() -> Path:
    """The folder of the tickets (it need not exist): `DIGIT_DERBY_LINE`, else a temporary one of the user."""
    chosen = os.environ.get("DIGIT_DERBY_LINE")
    user = psutil.Process().username().replace("\\", "-")  # the number of a user without a name
    return Path(chosen or Path(tempfile.gettempdir()) / f"digit-derby-{user}")


def waiting() -> list[dict[str, Any]]:
    """The races in line, the one that trains first: process mark, `race` and `artifacts` of each."""
    return [ticket for path in sorted(line_dir().glob("*.ticket")) if (ticket := _read(path))]


def _read(path: Path) -> dict[str, Any] | None:
    """A ticket that counts; None when it just left, is broken or its process is gone."""
    try:
        ticket = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return {**ticket, "number": int(path.stem)} if is_alive(ticket) else None


@contextmanager
def place_in_line(
    race: str, artifacts: Path, on_wait: Callable[[list[str]], None] = lambda ahead: None
) -> Iterator[None]:
    """Waits until every race that came earlier is done; keeps the place until the block ends.

    Args:
        race: the race's name, shown to those who wait behind it.
        artifacts: where its runs are.
        on_wait: called with the races ahead, first one first, whenever that list changes.

    Raises:
        RecordError: the folder of the line cannot be written to.
    """
    try:
        number = _take_number(race, artifacts)
    except OSError as error:
        raise RecordError(
            f"cannot take a place in the line of races: {error.strerror or error} ({error.filename}); "
            "choose another folder with DIGIT_DERBY_LINE"
        ) from error
    try:
        told = None
        while ahead := [ticket for ticket in waiting() if ticket["number"] < number]:
            names = [ticket["race"] for ticket in ahead]
            if names != told:
                on_wait(told := names)
            _wait_for_end(ahead[-1])
        yield
    finally:
        _ticket(number).unlink(missing_ok=True)


def _ticket(number: int) -> Path:
    return line_dir() / f"{number:08d}.ticket"


def _take_number(race: str, artifacts: Path) -> int:
    folder = line_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "line.lock"):
        last = 0
        for path in folder.glob("*.ticket"):
            if _read(path):
                last = max(last, int(path.stem))
            else:
                path.unlink(missing_ok=True)
        ticket = {**process_mark(), "race": race, "artifacts": str(artifacts)}
        write_file(_ticket(last + 1), json.dumps(ticket).encode())
        return last + 1


def _wait_for_end(ticket: dict[str, Any]) -> None:
    """Returns when the race's process has ended, or after a second, to look at the line again."""
    with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
        psutil.Process(ticket["pid"]).wait(timeout=1)
