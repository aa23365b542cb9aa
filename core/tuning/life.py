"""Who works on a study and since when: derived from the marks of processes among its events."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.machine.processes import is_alive
from core.tuning.study import StudyState

ACTIVE: tuple[StudyState, ...] = ("waiting", "searching", "testing")
_DOING: dict[str, StudyState] = {"queued": "waiting", "working": "searching", "testing": "testing"}


@dataclass
class Life:
    """What the events say of the processes that worked on the study."""

    last: dict[str, Any] = field(default_factory=dict)  # queued, working, testing or ended
    launched: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0  # of the spells that are over
    since: float | None = None  # when the spell began that goes on, or broke off
    seen: float = 0.0  # when the last event was written

    def take(self, event: dict[str, Any]) -> None:
        """Takes in the next event."""
        moment = event.get("time")
        moment = float(moment) if isinstance(moment, int | float) else self.seen
        if event["event"] == "launched":
            self.launched = event
            return
        if event["event"] in _DOING or event["event"] == "ended":
            self.last = event
        if event["event"] == "working":
            self._end_spell(self.seen)
            self.since = moment
        self.seen = max(self.seen, moment)
        if event["event"] == "ended":
            self._end_spell(moment)

    def _end_spell(self, moment: float) -> None:
        if self.since is not None:
            self.seconds += max(0.0, moment - self.since)
        self.since = None

    def worked(self, alive: bool) -> float:
        """Seconds that the study has been worked on."""
        if self.since is None:
            return self.seconds
        return self.seconds + max(0.0, (time.time() if alive else self.seen) - self.since)

    def state(self) -> tuple[StudyState, str]:
        """How it stands, and why where its end was told."""
        if self.last and self.last["event"] != "ended" and is_alive(self.last):
            return _DOING[self.last["event"]], ""
        if self.launched and not same_process(self.launched, self.last) and is_alive(self.launched):
            return "waiting", ""
        if self.last.get("event") == "ended":
            status = self.last.get("status")
            known: StudyState = status if status in ("finished", "stopped") else "failed"
            return known, str(self.last.get("reason", ""))
        return "interrupted", "its process is gone"


def same_process(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two events carry the mark of one process."""
    return all(first.get(key) == second.get(key) for key in ("pid", "process_started"))
