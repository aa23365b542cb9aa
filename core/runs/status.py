"""What became of a run: derived from its files and processes, never from a stored word."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.machine.processes import is_alive
from core.runs import records

State = Literal["queued", "running", "finished", "stopped", "failed", "interrupted", "imported"]
ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class Status:
    """A run's state, with the reason when it did not finish (log tail, exit code, who stopped it)."""

    state: State
    reason: str = ""

    @property
    def active(self) -> bool:
        """Whether it waits or trains at this moment."""
        return self.state in ACTIVE


def derive_status(
    events: list[dict[str, Any]], has_metrics: bool, log: str = "", stop: bool = False
) -> Status:
    """The state that a run's events, its metrics file and the living processes add up to.

    Args:
        events: the run's history, oldest first (those of single steps may be left out).
        has_metrics: whether the metrics file is there.
        log: the last lines of the log, for the reason.
        stop: whether somebody asked it to stop, as seen before the events were read: a race tells that
            it begins a run before it looks for this, so that nobody sees a run stopped that then trains.
    """
    last: dict[str, dict[str, Any]] = {event["event"]: event for event in events}
    ended = last.get("ended", {})
    if not ended and is_alive(last.get("launched", {})):
        return Status("running")
    if has_metrics:
        stopped = ended.get("status") == "stopped"
        return Status("stopped" if stopped else "finished", str(ended.get("reason", "")))
    if ended:
        state = ended.get("status")
        return Status(state if state in ("stopped", "failed") else "failed", str(ended.get("reason", "")))
    if exited := last.get("exited"):
        return _exited(exited.get("code"), log)
    if is_alive(last.get("queued", {})):  # its race
        if last.keys() & {"begun", "launched"}:
            return Status("running")  # its process starts, or the race is about to tell how it ended
        return Status("stopped", "stopped before it began") if stop else Status("queued")
    return Status("interrupted", f"its process is gone\n{log}".strip())


def _exited(code: Any, log: str) -> Status:
    """The state of a training process that ended without telling how, from its exit code."""
    state: State = "interrupted"
    if not isinstance(code, int) or code == 0:
        how = "ended without a result"
    elif code < 0:
        how = f"was killed (signal {-code})"
    else:
        state, how = "failed", f"ended with exit code {code}"
    return Status(state, f"the training process {how}\n{log}".strip())


def run_status(artifacts: Path, run: str) -> Status:
    """The state of one run, from its files."""
    stop = stop_requested(artifacts, run)
    has_metrics = records.metrics_path(artifacts, run).is_file()
    if has_metrics and not (records.run_dir(artifacts, run) / "events.jsonl").exists():
        return Status("finished" if records.is_reference(run) else "imported")
    events, _ = records.read_events(artifacts, run)
    return derive_status(events, has_metrics, records.log_tail(artifacts, run), stop)


def request_stop(artifacts: Path, run: str) -> None:
    """Asks a queued or running run to stop; it scores and records what it learned so far.

    Raises:
        core.runs.records.RecordError: the run's folder cannot be written to.
    """
    stop = records.run_dir(artifacts, run) / "stop"
    if not stop.parent.is_dir():
        return
    with records.writing(artifacts):
        stop.touch()  # an empty file: a full disk still has room for it


def stop_requested(artifacts: Path, run: str) -> bool:
    """Whether `request_stop` was called for this run."""
    return (records.run_dir(artifacts, run) / "stop").exists()
