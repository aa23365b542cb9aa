"""Several runs one after another, each in a child process: begin, follow, stop.

A race that waits for its turn is light: nothing heavy is imported before it.
"""

import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import frameworks
from core.machine import processes
from core.machine.environment import thread_environment
from core.races.journal import Journal
from core.races.turns import Place
from core.runs import records
from core.runs.status import request_stop, run_status, stop_requested

if TYPE_CHECKING:
    from core.config import RunConfig

FOLLOW_INTERVAL = 0.2  # seconds between looks at a training process that is still running
SPARE = 2**20  # bytes beside its model that must be free for a run to begin


class Watcher:
    """Hooks for whoever shows a race; each does nothing unless overridden."""

    def on_wait(self, ahead: list[str]) -> None:
        """Other races train first, the nearest to the start first."""

    def on_run_start(self, run: str, config: "RunConfig") -> None:
        """The run's process is about to start."""

    def on_event(self, run: str, event: dict[str, Any]) -> None:
        """A line was added to the run's history."""

    def on_run_end(self, run: str) -> None:
        """The run's process is gone; `run_status` says what became of it."""

    def on_full(self, reason: str) -> None:
        """The disk is full; how the runs ended is written down once there is room."""


def enter_runs(configs: list["RunConfig"], artifacts: Path, race: str, title: str = "") -> list[str]:
    """Records the race's runs as queued and returns their names, in the order in which they train.

    Args:
        configs: one a run.
        artifacts: where they are recorded.
        race: its name on disk.
        title: what the visitor calls it, which becomes the own name of each of its runs.

    Raises:
        core.runs.records.RecordError: the artifacts folder cannot take the results.
    """
    records.check_writable(artifacts, sum(4 * config.network.parameter_count() for config in configs))
    runs: list[str] = []
    try:
        with records.writing(artifacts):
            for config in configs:
                runs.append(records.create_run(artifacts, config, race))
                if title:
                    records.write_notes(artifacts, runs[-1], title)
                records.append_event(
                    artifacts, runs[-1], "queued", **processes.process_mark(), time=time.time()
                )
    except records.RecordError:
        withdraw(artifacts, runs)
        raise
    return runs


def train_in_turn(
    runs: list[str],
    artifacts: Path,
    place: Place,
    data_dir: Path | None = None,
    watcher: Watcher | None = None,
) -> list[str]:
    """Waits for the race's turn, then trains its runs one after another; returns their names.

    KeyboardInterrupt asks the run in progress to stop, which scores and records what it learned, and
    leaves out the rest; a second one kills it. A run that the disk has no room for ends with that reason.
    """
    watcher = watcher or Watcher()
    journal = Journal(artifacts, runs)

    try:
        if place.wait(watcher.on_wait, lambda: any_wanted(artifacts, runs)):
            for run in runs:
                if records.run_dir(artifacts, run).is_dir():  # not deleted meanwhile
                    _take_turn(journal, run, data_dir, watcher)
    except KeyboardInterrupt:
        stop_all(artifacts, runs)
    for run in runs:
        if stop_requested(artifacts, run) and _never_began(artifacts, run):
            _leave_out(journal, run)
    place.leave()  # nobody waits for room on this race's disk
    journal.close(watcher.on_full)
    return runs


def any_wanted(artifacts: Path, runs: list[str]) -> bool:
    """Whether a run is there that nobody asked to stop."""
    return any(
        records.run_dir(artifacts, run).is_dir() and not stop_requested(artifacts, run) for run in runs
    )


def stop_all(artifacts: Path, runs: list[str]) -> None:
    """Asks those that wait or train to stop."""
    for run in runs:
        if run_status(artifacts, run).active:
            with suppress(records.RecordError):  # it is left out all the same: nobody begins it
                request_stop(artifacts, run)


def withdraw(artifacts: Path, runs: list[str]) -> None:
    """Takes back the runs of a race that never was."""
    for run in runs:
        if records.run_dir(artifacts, run).is_dir():  # not deleted meanwhile
            records.delete_run(artifacts, run)


def _never_began(artifacts: Path, run: str) -> bool:
    """Whether neither a process of the run nor its end was ever told."""
    events, _ = records.read_events(artifacts, run)
    return {event["event"] for event in events} <= {"queued", "begun"}


def _leave_out(journal: Journal, run: str) -> None:
    journal.add(run, "ended", status="stopped", reason="stopped before it began")


def _take_turn(journal: Journal, run: str, data_dir: Path | None, watcher: Watcher) -> None:
    """Trains one run, unless somebody stopped it or the disk has no room for its result."""
    artifacts = journal.artifacts
    journal.add(run, "begun")
    if stop_requested(artifacts, run):
        _leave_out(journal, run)
        return
    try:
        config, _ = records.read_config(artifacts, run)
        records.check_writable(artifacts, 4 * config.network.parameter_count(), SPARE)
        process = _start_child(artifacts, run, config, data_dir)
    except records.RecordError as error:
        journal.add(run, "ended", status="failed", reason=f"did not begin: {error}")
        return
    watcher.on_run_start(run, config)
    _follow_child(process, journal, run, watcher)


def _start_child(
    artifacts: Path, run: str, config: "RunConfig", data_dir: Path | None
) -> "subprocess.Popen[bytes]":
    """Starts the run's training process."""
    folder = records.run_dir(artifacts, run)
    arguments = ["train", str(folder / "config.json")]
    if data_dir is not None:
        arguments += ["--data-dir", str(data_dir.expanduser().absolute())]  # it runs in another folder
    runtime = frameworks.runtime(config.framework)
    with records.writing(artifacts), open(folder / "log.txt", "wb") as log:
        return processes.start(
            processes.COMMAND_LINE,
            *arguments,
            variables=thread_environment(config.threads, config.device, runtime),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the race alone, which then asks the run to stop
        )


def _follow_child(process: "subprocess.Popen[bytes]", journal: Journal, run: str, watcher: Watcher) -> None:
    """Follows the run until its process has ended; a second KeyboardInterrupt ends it at once."""
    artifacts = journal.artifacts
    try:
        _follow(process, artifacts, run, watcher)
    except KeyboardInterrupt:
        try:
            request_stop(artifacts, run)
            _follow(process, artifacts, run, watcher)
        except (KeyboardInterrupt, records.RecordError):  # nobody could tell it to stop by itself
            process.kill()
            process.wait()
        raise
    finally:
        _tell_end(journal, run, process.wait())
        watcher.on_run_end(run)


def _tell_end(journal: Journal, run: str, code: int) -> None:
    """Writes down how the process ended, and why where a full disk kept it from doing so."""
    if code == records.NO_ROOM_EXIT and not records.metrics_path(journal.artifacts, run).exists():
        try:
            records.check_writable(journal.artifacts, more=SPARE)
            reason = f"cannot write results to {journal.artifacts}: the disk was full for a while"
        except records.RecordError as error:
            reason = f"the disk is full: {error}"
        journal.add(run, "ended", status="failed", reason=reason)
    journal.add(run, "exited", code=code)


def _follow(process: subprocess.Popen, artifacts: Path, run: str, watcher: Watcher) -> None:
    offset = 0
    ended = False
    while not ended:
        ended = processes.ended_within(process, FOLLOW_INTERVAL)  # asked first: the last lines are read too
        events, offset = records.read_events(artifacts, run, offset)
        for event in events:
            watcher.on_event(run, event)
