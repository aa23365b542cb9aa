"""What a race writes into its runs' histories; on a full disk it is kept until there is room."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.runs import records
from core.runs.writing import write_file

ROOM = 4096  # bytes kept free for each run: the block that a new line may need
LOOK = 2.0  # seconds between tries while the disk is full
PATIENCE = 3600.0  # seconds until it is given up


class Journal:
    """Writes events, in order. Some room is kept on the disk from the start, for the last words."""

    def __init__(self, artifacts: Path, runs: list[str]) -> None:
        """Takes the race's runs, whose folders are there."""
        self.artifacts = artifacts
        self.full = ""  # why it cannot write, while it cannot
        self._kept: list[tuple[str, str, dict[str, Any]]] = []  # run, event, values
        self._room = records.run_dir(artifacts, runs[0]) / ".room"
        with suppress(OSError):  # without it the words wait until somebody makes room
            write_file(self._room, os.urandom(ROOM * (len(runs) + 2)))  # zeros may take no room

    def add(self, run: str, event: str, **values: Any) -> None:
        """Adds an event with the time of day; on a full disk it is kept for later."""
        self._kept.append((run, event, {"time": time.time(), **values}))
        self._write()

    def _write(self) -> bool:
        """Writes what is kept; whether nothing is left."""
        while self._kept:
            run, event, values = self._kept[0]
            try:
                if records.run_dir(self.artifacts, run).is_dir():  # not deleted meanwhile
                    records.append_event(self.artifacts, run, event, **values)
            except records.NoRoom as error:
                self.full = str(error)
                if not self._room.exists():
                    return False
                self._room.unlink()
                continue
            self._kept.pop(0)
        self.full = ""
        return True

    def close(self, on_full: Callable[[str], None]) -> None:
        """Writes what is kept, waiting for room if need be, and gives back the room that was kept free.

        Args:
            on_full: called once with the reason when it has to wait.
        """
        deadline = time.monotonic() + PATIENCE
        if not self._write():
            on_full(self.full)
        while self._kept and time.monotonic() < deadline:
            time.sleep(LOOK)
            self._write()
        self._room.unlink(missing_ok=True)
