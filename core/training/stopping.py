"""Who may end a training from outside: the visitor, and the race that it belongs to."""

from pathlib import Path
from typing import Any

from core.runs import records
from core.runs.status import is_alive, stop_requested


class Stopped(Exception):
    """Somebody asked the run to stop; the message says who."""


def race_mark(artifacts: Path, run: str) -> dict[str, Any] | None:
    """The `process_mark` of the race that queued the run; None for a run that was started alone."""
    events, _ = records.read_events(artifacts, run)
    return next((event for event in events if event["event"] == "queued"), None)


def look_for_stop(artifacts: Path, run: str, race: dict[str, Any] | None) -> None:
    """Returns when the run may go on.

    Args:
        artifacts: the artifacts folder.
        run: its name.
        race: as `race_mark` finds it; the run ends when that process is gone.

    Raises:
        Stopped: it may not.
    """
    if stop_requested(artifacts, run):
        raise Stopped("stopped by the visitor")
    if race and not is_alive(race):
        raise Stopped("the race that it belonged to is gone")
