"""The line in front of the machine: one race trains at a time, the others wait their turn.

Every waiting race holds a ticket, a small file named by its number; a ticket counts as long as its
process lives. The folder belongs to the user and the machine, not to one artifacts folder, so
races from the command line, several browsers and several copies of the app share one line.

A race may wait for hours: it sleeps until the one ahead of it ends, and nothing heavy is imported here.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from core.machine.processes import is_alive, process_mark
from core.runs.records import RecordError
from core.runs.writing import alone_with, write_file

MOST_WAITING = 20  # races behind the one that trains
LOOK = 1.0  # seconds between looks at the one ticket ahead: its process may leave the line and live on


class LineFull(RecordError):
    """As many races wait as may."""

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_WAITING} races wait in line already, which is the most; "
            "start this one when some of them are done or stopped"
        )


def line_dir() -> Path:
    """The folder of the tickets (it need not exist): `DIGIT_DERBY_LINE`, else a temporary one of the user."""
    chosen = os.environ.get("DIGIT_DERBY_LINE")
    user = psutil.Process().username().replace("\\", "-")  # the number of a user without a name
    return Path(chosen or Path(tempfile.gettempdir()) / f"digit-derby-{user}")


def waiting() -> list[dict[str, Any]]:
    """The races in line, the one that trains first: process mark, `race` and `artifacts` of each."""
    return [ticket for path in sorted(line_dir().glob("*.ticket")) if (ticket := _read(path))]


def check_room() -> None:
    """Makes sure that one more race may wait.

    Raises:
        LineFull: it may not.
    """
    if is_full(len(waiting())):
        raise LineFull


def is_full(places: int) -> bool:
    """Whether a line of this many races, the one that trains among them, takes no more."""
    return places > MOST_WAITING


def _read(path: Path) -> dict[str, Any] | None:
    """A ticket that counts; None when it just left, is broken or its process is gone."""
    try:
        ticket = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return {**ticket, "number": int(path.stem)} if is_alive(ticket) else None


@dataclass
class Place:
    """A race's place in line, which it keeps until it leaves."""

    number: int
    left: bool = False

    def ahead(self) -> list[dict[str, Any]]:
        """The tickets of the races that come first, the one that trains at the head."""
        return [ticket for ticket in waiting() if ticket["number"] < self.number]

    def wait(
        self,
        on_wait: Callable[[list[str]], None] = lambda ahead: None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> bool:
        """Sleeps until every race that came earlier is done; whether it is this race's turn.

        Args:
            on_wait: called with the races ahead, first one first, and again when the nearest one has left.
            wanted: asked now and then; once it says no, the waiting ends without a turn.
        """
        while wanted():
            ahead = self.ahead()
            if not ahead:
                return True
            on_wait([ticket["race"] for ticket in ahead])
            _sleep_until_gone(ahead[-1], wanted)
        return False

    def leave(self) -> None:
        """Lets the next race go on; leaving twice does no harm."""
        if not self.left:  # by now the number may be another race's
            self.left = True
            with suppress(OSError):  # a ticket that stays counts no longer than its process lives
                _ticket(self.number).unlink(missing_ok=True)


@contextmanager
def take_place(race: str, artifacts: Path) -> Iterator[Place]:
    """Takes the last place, without waiting yet, and keeps it until the block ends.

    Args:
        race: the race's name, shown to those who wait behind it.
        artifacts: where its runs are.

    Raises:
        LineFull: as many races wait as may.
        RecordError: the folder of the line cannot be written to.
    """
    try:
        number = _take_number(race, artifacts)
    except OSError as error:
        raise RecordError(
            f"cannot take a place in the line of races, in {line_dir()}: {error.strerror or error}; "
            "make room there, or choose another folder with DIGIT_DERBY_LINE"
        ) from error
    place = Place(number)
    try:
        yield place
    finally:
        place.leave()


@contextmanager
def place_in_line(
    race: str, artifacts: Path, on_wait: Callable[[list[str]], None] = lambda ahead: None
) -> Iterator[None]:
    """Takes a place as `take_place` does and waits for its turn as `Place.wait` does."""
    with take_place(race, artifacts) as place:
        place.wait(on_wait)
        yield


def _ticket(number: int) -> Path:
    return line_dir() / f"{number:08d}.ticket"


def _take_number(race: str, artifacts: Path) -> int:
    folder = line_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with alone_with(folder / "line.lock"):
        numbers = []
        for path in folder.glob("*.ticket"):
            if _read(path):
                numbers.append(int(path.stem))
            else:
                path.unlink(missing_ok=True)
        if is_full(len(numbers)):
            raise LineFull
        number = max(numbers, default=0) + 1
        ticket = {**process_mark(), "race": race, "artifacts": str(artifacts)}
        write_file(_ticket(number), json.dumps(ticket).encode())
        return number


def _sleep_until_gone(ticket: dict[str, Any], wanted: Callable[[], bool]) -> None:
    """Returns when the race's process has ended, its ticket has left the line, or nobody wants to wait."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(ticket["pid"])
        while is_alive(ticket) and _ticket(ticket["number"]).exists() and wanted():
            with suppress(psutil.TimeoutExpired):
                process.wait(timeout=LOOK)
