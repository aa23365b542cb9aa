"""The races on disk: which runs belong together, and which of them still go on."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.machine.processes import is_alive
from core.races import turns
from core.races.launch import launched
from core.runs import records
from core.runs.names import begun
from core.runs.status import run_status
from core.words import moment

FRESH = 2_000_000_000  # nanoseconds


@dataclass(frozen=True)
class Race:
    """Runs that were started together, in the order in which they train."""

    name: str
    runs: tuple[str, ...]
    active: bool
    dataset: str | None = None  # of its first run, by its key
    epochs: int | None = None
    threads: int | None = None

    @property
    def title(self) -> str:
        """When it was started, for a reader."""
        when = begun(self.name)
        return self.name if when is None else moment(when)


class RaceList:
    """Finds the races of an artifacts folder; a config is read once, a settled run never again."""

    def __init__(self, artifacts: Path):
        self.artifacts = artifacts
        self._race_of: dict[str, str] = {}
        self._order: dict[str, float] = {}
        self._trained: dict[str, tuple[Any, ...]] = {}  # run → dataset, epochs, threads
        self._settled: set[str] = set()
        self._training: dict[str, tuple[dict[str, Any] | None, int]] = {}  # run → its process, bytes read
        self._groups: dict[str, tuple[str, ...]] = {}
        self._scanned: int | None = None  # the folder's time of change when it was last looked through
        self._lock = threading.Lock()

    def races(self) -> list[Race]:
        """Every race with at least one readable run, the newest first."""
        with self._lock:
            return self._races()

    def _races(self) -> list[Race]:
        changed = self.artifacts.stat().st_mtime_ns if self.artifacts.is_dir() else 0
        if changed != self._scanned:
            self._groups = self._group()
            # A folder that was made a moment ago may still be waiting for its config.
            self._scanned = changed if time.time_ns() - changed > FRESH else None
        return [
            Race(name, runs, any(self._is_active(run) for run in runs), *self._trained[runs[0]])
            for name, runs in self._groups.items()
        ]

    def _group(self) -> dict[str, tuple[str, ...]]:
        members: dict[str, list[str]] = {}
        for run in records.run_names(self.artifacts):
            if not records.is_reference(run) and (race := self._race(run)):
                members.setdefault(race, []).append(run)
        return {
            name: tuple(sorted(members[name], key=lambda run: (self._order[run], run)))
            for name in sorted(members, reverse=True)
        }

    def find(self, name: str) -> Race | None:
        """The race of this name, if it has made its runs."""
        return next((race for race in self.races() if race.name == name), None)

    def _race(self, run: str) -> str | None:
        if run not in self._race_of:
            path = records.run_dir(self.artifacts, run) / "config.json"
            try:
                record = records.read_object(path)
                self._order[run] = path.stat().st_mtime
            except (records.RecordError, OSError):
                return None  # imported, unreadable or just deleted: Compare names it
            if "study" in record or "fresh_of" in record:  # a study shows it; see `core.tuning.fits`
                self._race_of[run] = ""
                return ""
            config = record.get("config")
            config = config if isinstance(config, dict) else {}
            self._trained[run] = config.get("dataset"), config.get("epochs"), config.get("threads")
            self._race_of[run] = str(record.get("race") or run)
        return self._race_of[run]

    def _is_active(self, run: str) -> bool:
        if run in self._settled:
            return False
        if self._still_trains(run) or run_status(self.artifacts, run).active:
            return True
        if (records.run_dir(self.artifacts, run) / "events.jsonl").exists():
            self._settled.add(run)  # its process is gone and does not come back
        return False

    def _still_trains(self, run: str) -> bool:
        """Reads only what is new in the run's history, which grows all the time."""
        mark, offset = self._training.get(run, (None, 0))
        events, offset = records.read_events(self.artifacts, run, offset)
        for event in events:
            if event["event"] == "launched":
                mark = event
            elif event["event"] in ("ended", "exited"):
                mark = None
        self._training[run] = mark, offset
        return mark is not None and is_alive(mark)


def places_in_line(artifacts: Path) -> list[dict[str, Any]]:
    """The races that train or wait on this machine, first the one that trains.

    Returns:
        One dictionary each: `race`, `here`, whether it belongs to this artifacts folder, and `ready`,
        whether it has its data.
    """
    return [
        {
            "race": str(ticket.get("race")),
            "here": ticket.get("artifacts") == str(artifacts),
            "ready": ticket["ready"],
        }
        for ticket in turns.waiting()
    ]


def start_failure(artifacts: Path, race: str) -> str | None:
    """Why a launched race ended without making a run; None while it still starts.

    Raises:
        core.runs.records.RecordError: there is no such race.
    """
    alive, output = launched(artifacts, race)
    if alive:
        return None
    lines = [line for line in output.splitlines() if line.strip()]
    return "\n".join(lines[-6:]) or "the race ended without a word"
