"""The line in front of the machine: one race trains at a time, the others wait their turn.

Every waiting race holds a ticket, a small file named by its number; a ticket counts as long as its
process lives. A race that still prepares itself stands aside: it counts among those who wait, holds
nobody up, and joins the end once it is ready. The folder belongs to the user and the machine, not to
one artifacts folder, so races from the command line, several browsers and several copies of the app share
one line.

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
TICKET, ASIDE = ".ticket", ".aside"  # what the names of their files end with
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
    """The races in line, the one that trains first, those that stand aside last.

    Returns:
        Process mark, `race`, `artifacts`, `number` and `ready` (whether it does not stand aside) of each.
    """
    tickets = [ticket for path in sorted(_places()) if (ticket := _read(path))]
    return sorted(tickets, key=lambda ticket: not ticket["ready"])


def front() -> dict[str, Any] | None:
    """The race that trains or is about to; None where everybody stands aside or nobody is in line."""
    return next((ticket for ticket in waiting() if ticket["ready"]), None)


def let_pass(on_wait: Callable[[], None]) -> None:
    """Sleeps, without a place in line, until nobody trains or is about to.

    Args:
        on_wait: called before each race that is let pass.
    """
    while ticket := front():
        on_wait()
        _sleep_until_gone(ticket, lambda: True)


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
    known = {"number": int(path.stem), "ready": path.suffix == TICKET}
    return {**ticket, **known} if is_alive(ticket) else None


def _places() -> list[Path]:
    """Every ticket, of the dead too."""
    return [path for kind in (TICKET, ASIDE) for path in line_dir().glob(f"*{kind}")]


@dataclass
class Place:
    """A race's place in line, which it keeps until it leaves."""

    number: int
    left: bool = False
    aside: bool = False

    def ahead(self) -> list[dict[str, Any]]:
        """The tickets of the races that come first, the one that trains at the head."""
        return [ticket for ticket in waiting() if ticket["ready"] and ticket["number"] < self.number]

    def step_aside(self) -> None:
        """Lets everybody pass until `come_back`.

        Raises:
            RecordError: as of `take_place`, and so is `come_back`'s.
        """
        with _changing():
            _ticket(self.number).rename(_ticket(self.number, ASIDE))
            self.aside = True

    def come_back(self) -> None:
        """Takes the last place of those who are ready."""
        with _changing():
            number = 1 + max(int(path.stem) for path in _places())
            _ticket(self.number, ASIDE).rename(_ticket(number))
            self.number, self.aside = number, False

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
                _ticket(self.number, ASIDE if self.aside else TICKET).unlink(missing_ok=True)


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
    place = Place(_take_number(race, artifacts))
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


def _ticket(number: int, kind: str = TICKET) -> Path:
    return line_dir() / f"{number:08d}{kind}"


@contextmanager
def _changing() -> Iterator[None]:
    """Makes the folder of the line, which nobody else changes meanwhile.

    Raises:
        RecordError: it cannot be written to.
    """
    folder = line_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone_with(folder / "line.lock"):
            yield
    except OSError as error:
        raise RecordError(
            f"cannot take a place in the line of races, in {folder}: {error.strerror or error}; "
            "make room there, or choose another folder with DIGIT_DERBY_LINE"
        ) from error


def _take_number(race: str, artifacts: Path) -> int:
    with _changing():
        numbers = []
        for path in _places():
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
