"""Several runs one after another, each in a child process: begin, follow, stop."""

import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from core import frameworks
from core.config import RunConfig
from core.machine import processes
from core.machine.environment import thread_environment
from core.races.launch import new_race_name
from core.races.turns import place_in_line
from core.runs import records
from core.runs.status import request_stop, run_status, stop_requested

FOLLOW_INTERVAL = 0.2  # seconds between looks at a training process that is still running


class Watcher:
    """Hooks for whoever shows a race; each does nothing unless overridden."""

    def on_wait(self, ahead: list[str]) -> None:
        """Other races train first, the nearest to the start first."""

    def on_run_start(self, run: str, config: RunConfig) -> None:
        """The run's process is about to start."""

    def on_event(self, run: str, event: dict[str, Any]) -> None:
        """A line was added to the run's history."""

    def on_run_end(self, run: str) -> None:
        """The run's process is gone; `run_status` says what became of it."""


def run_race(
    configs: list[RunConfig],
    artifacts: Path,
    data_dir: Path | None = None,
    race: str | None = None,
    watcher: Watcher | None = None,
) -> list[str]:
    """Trains the runs one after another and returns their names; `run_status` has what became of each.

    Waits for its turn first. KeyboardInterrupt asks the run in progress to stop, which scores and
    records what it learned, and leaves out the rest; a second one kills it.

    Raises:
        core.runs.records.RecordError: the artifacts folder cannot take the results.
    """
    records.check_writable(artifacts, sum(4 * config.network.parameter_count() for config in configs))
    race, watcher = race or new_race_name(), watcher or Watcher()
    runs = {}
    for config in configs:
        run = records.create_run(artifacts, config, race)
        records.append_event(artifacts, run, "queued", **processes.process_mark(), time=time.time())
        runs[run] = config
    try:
        with place_in_line(race, artifacts, watcher.on_wait):
            for run, config in runs.items():
                if not records.run_dir(artifacts, run).is_dir():
                    continue  # deleted meanwhile
                records.append_event(artifacts, run, "begun", time=time.time())
                if stop_requested(artifacts, run):
                    _leave_out(artifacts, run)
                else:
                    _run_child(artifacts, run, config, data_dir, watcher)
    except KeyboardInterrupt:
        for run in runs:
            if run_status(artifacts, run).active:
                request_stop(artifacts, run)
    for run in runs:
        if stop_requested(artifacts, run) and _never_began(artifacts, run):
            _leave_out(artifacts, run)
    return list(runs)


def _never_began(artifacts: Path, run: str) -> bool:
    """Whether neither a process of the run nor its end was ever told."""
    events, _ = records.read_events(artifacts, run)
    return {event["event"] for event in events} <= {"queued", "begun"}


def _leave_out(artifacts: Path, run: str) -> None:
    records.append_event(
        artifacts, run, "ended", status="stopped", reason="stopped before it began", time=time.time()
    )


def _run_child(artifacts: Path, run: str, config: RunConfig, data_dir: Path | None, watcher: Watcher) -> None:
    """One training process, followed until it ends."""
    watcher.on_run_start(run, config)
    folder = records.run_dir(artifacts, run)
    arguments = ["train", str(folder / "config.json"), *(["--data-dir", str(data_dir)] if data_dir else [])]
    runtime = frameworks.runtime(config.framework)
    with open(folder / "log.txt", "wb") as log:
        process = processes.start(
            processes.COMMAND_LINE,
            *arguments,
            variables=thread_environment(config.threads, config.device, runtime),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the race alone, which then asks the run to stop
        )
    try:
        _follow(process, artifacts, run, watcher)
    except KeyboardInterrupt:
        request_stop(artifacts, run)
        try:
            _follow(process, artifacts, run, watcher)
        except KeyboardInterrupt:
            process.kill()
            process.wait()
        raise
    finally:
        records.append_event(artifacts, run, "exited", code=process.wait(), time=time.time())
        watcher.on_run_end(run)


def _follow(process: subprocess.Popen, artifacts: Path, run: str, watcher: Watcher) -> None:
    offset = 0
    ended = False
    while not ended:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=FOLLOW_INTERVAL)
        ended = process.poll() is not None  # asked before reading, so that the last lines are read too
        events, offset = records.read_events(artifacts, run, offset)
        for event in events:
            watcher.on_event(run, event)
