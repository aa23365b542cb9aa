"""The work on a study, in a process of its own: waits its turn, searches, tests the winner, judges.

What was decided is written down before it is done, and a fit counts once its record is there: whoever
goes on after a kill at any moment finds what is left to do, and does it once.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from pydantic import ValidationError

from core.machine.processes import is_alive, process_mark
from core.races.journal import Journal
from core.races.turns import Place
from core.runs import records
from core.runs.names import readable
from core.tuning.cluster_connection import ClusterError
from core.tuning.dismissal import dismissal
from core.tuning.executors import Done, Executor
from core.tuning.finals import final_runs, is_done
from core.tuning.fits import Fit
from core.tuning.folder import add_event, add_mark, studies_dir
from core.tuning.plan import fit_of
from core.tuning.reading import StudyReader
from core.tuning.strategies import searcher
from core.tuning.study import Study, StudySpec

if TYPE_CHECKING:
    from core.tuning.strategies import Proposal

LOOK = 0.3  # seconds between looks at whether somebody asked to stop
SPARE = 2**20  # bytes that must be free for a failed fit not to have failed for the lack of them
OpenExecutor = Callable[[StudySpec], Executor]


class Halted(Exception):
    """Somebody asked the study to stop."""


class Watcher:
    """Hooks for whoever shows a study; each does nothing unless overridden."""

    def on_wait(self, ahead: list[str]) -> None:
        """Races and other studies train first, the nearest to the start first."""

    def on_look(self, study: Study) -> None:
        """How the study stands, several times a second."""

    def on_full(self, reason: str) -> None:
        """The disk is full; how the study ended is written down once there is room."""


def work_on(
    artifacts: Path,
    name: str,
    place: Place,
    open_executor: OpenExecutor,
    watcher: Watcher | None = None,
    prepare: Callable[[StudySpec], None] = lambda spec: None,
) -> Study:
    """Does what is left of a study that this process has begun (`studies.begin`); returns how it then stands.

    KeyboardInterrupt and `request_stop` end what trains and keep what is finished; there are no fresh runs
    then. A second KeyboardInterrupt ends everything at once.

    Args:
        artifacts: where its records are.
        name: the study's.
        place: in the line of races.
        open_executor: starts what trains, once it is the study's turn.
        watcher: who shows it.
        prepare: makes sure that the data is there, before it waits for its turn.

    Raises:
        core.runs.records.RecordError, core.tuning.cluster_connection.ClusterError: it cannot begin; why it
            broke off later is the study's reason.
    """
    watcher = watcher or Watcher()
    reader = StudyReader(artifacts, name)
    journal = Journal(studies_dir(artifacts), [name])
    status, reason, executor = "failed", "it broke off", None
    try:
        prepare(reader.spec)
        if not place.wait(watcher.on_wait, lambda: not reader.stop_requested):
            raise Halted("stopped before it began")
        add_mark(artifacts, name, "working")
        _end_leftovers(reader)
        executor = open_executor(reader.spec)
        try:
            _work(Flight(reader, executor, watcher))
        finally:
            executor.close()
        _judge(reader)
        status, reason = _outcome(reader.look())
    except Halted as halt:
        status, reason = "stopped", str(halt)
    except KeyboardInterrupt:
        status, reason = "stopped", "stopped by Ctrl-C"
    except (records.RecordError, ClusterError) as error:
        reason = str(error)
        if executor is None:
            raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise
    finally:
        place.leave()
        journal.add(name, "ended", status=status, reason=reason, **process_mark())
        journal.close(watcher.on_full)
    return reader.look()


def _outcome(study: Study) -> tuple[str, str]:
    if study.best:
        return "finished", ""
    failed = next((trial.reason for trial in study.trials if trial.status == "failed"), "")
    if failed and all(trial.status == "failed" for trial in study.trials):
        return "failed", f"every trial failed, the first one because: {failed}"
    return "finished", "no trial has a score"


def _work(flight: "Flight") -> None:
    """Searches, and trains the fresh runs. Raises as `Flight.land`."""
    Search(flight).run()
    if flight.reader.look().best:
        add_mark(flight.artifacts, flight.reader.name, "testing")
        _train_finals(flight)


def _judge(reader: StudyReader) -> None:
    study = reader.look()
    if study.final:
        from core.tuning.verdict import judge  # brings SciPy

        add_event(reader.artifacts, reader.name, "verdict", verdict=judge(study))


class Flight:
    """The fits that train at this moment."""

    def __init__(self, reader: StudyReader, executor: Executor, watcher: Watcher) -> None:
        self.reader = reader
        self.artifacts = reader.artifacts
        self.spec = reader.spec
        self.fits: dict[str, Fit] = {}  # run → fit
        self._executor = executor
        self._watcher = watcher

    @property
    def full(self) -> bool:
        """Whether as many train as may; times measured beside other trainings would not be true."""
        return len(self.fits) >= (self._executor.width if self.spec.objective == "accuracy" else 1)

    def begin(self, fit: Fit) -> None:
        """Has a fit trained."""
        self._executor.submit(fit)
        self.fits[fit.run] = fit

    def land(self) -> list[Done]:
        """Waits a moment for fits that end, and reads what they left.

        Raises:
            Halted: somebody asked the study to stop.
            core.runs.records.NoRoom: a fit failed because the disk is full; it is to be trained again.
        """
        landed = self._executor.wait(LOOK)
        for done in landed:
            self.fits.pop(done.fit.run, None)
            if done.status == "failed":
                self._check_room(done.fit)
                self._tell_failure(done)
            elif done.fit.role:
                title = f"{self.spec.title or readable(self.spec.name, None, None)}, {done.fit.role}"
                records.write_notes(self.artifacts, done.fit.run, title)
        self._watcher.on_look(self.reader.look())
        if self.reader.stop_requested:
            raise Halted("stopped on request")
        return landed

    def _check_room(self, fit: Fit) -> None:
        try:
            records.check_writable(self.artifacts, more=SPARE)
        except records.NoRoom:
            records.delete_run(self.artifacts, fit.run)  # says nothing about its settings
            raise

    def _tell_failure(self, done: Done) -> None:
        """Sees to it that the fit's own history says that it failed: without, it would be trained again."""
        events, _ = records.read_events(self.artifacts, done.fit.run)
        if not any(event["event"] == "ended" and event.get("status") == "failed" for event in events):
            records.append_event(
                self.artifacts, done.fit.run, "ended", status="failed", reason=done.reason, time=time.time()
            )


class Search:
    """Asks for trials and has their fits trained, until nothing is left to try or the time is over."""

    def __init__(self, flight: Flight) -> None:
        self.flight = flight
        self.reader = flight.reader
        self.spec = flight.spec
        self._searcher = searcher(self.spec)

    def run(self) -> None:
        """Searches. Raises as `Flight.land`."""
        self.reader.look()
        while True:
            while not self.flight.full and self._begin_one():
                pass
            if not self.flight.fits:
                return
            for done in self.flight.land():
                self._consider_dismissal(done.fit.trial)

    def _begin_one(self) -> bool:
        """Begins the next fit of a trial that goes on, or of a new one; whether there was any."""
        while True:
            for trial, planned in self.reader.open_fits():
                if planned.run in self.flight.fits:
                    continue
                try:
                    fit = fit_of(self.spec, trial.number, trial.settings, planned)
                except ValidationError as error:
                    self._fail(trial.number, error)
                    break
                self.flight.begin(fit)
                return True
            else:
                if not self._begin_trial():
                    return False

    def _begin_trial(self) -> bool:
        """Writes the next trial down, unless there is none or the time is over."""
        study = self.reader.look()
        if self.spec.minutes is not None and study.seconds >= 60 * self.spec.minutes:
            return False
        proposal: Proposal | None = self._searcher.propose(study.trials)
        if proposal is None:
            return False
        number = proposal.trial or 1 + max((trial.number for trial in study.trials), default=0)
        self._tell("trial", number=number, settings=proposal.settings, epochs=proposal.epochs)
        return True

    def _fail(self, number: int, error: ValidationError) -> None:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        self._tell("failed", number=number, reason=f"these settings make no run: {reason}")

    def _consider_dismissal(self, number: int) -> None:
        trials = self.reader.look().trials
        trial = next((one for one in trials if one.number == number), None)
        if trial and trial.status == "running" and (reason := dismissal(self.spec, trials, trial)):
            self._tell("dismissed", number=number, reason=reason)

    def _tell(self, event: str, **values: object) -> None:
        add_event(self.reader.artifacts, self.reader.name, event, **values)
        self.reader.look()


def _train_finals(flight: Flight) -> None:
    """Trains the fresh runs that are not there yet. Raises as `Flight.land`."""
    fits = {one.fit.run: one.fit for one in final_runs(flight.reader.look())}
    waiting = [fit for fit in fits.values() if not is_done(flight.artifacts, fit)]
    while waiting or flight.fits:
        while waiting and not flight.full:
            flight.begin(waiting.pop(0))
        flight.land()


def _end_leftovers(reader: StudyReader) -> None:
    """Ends workers that outlived the process before this one, so that nobody else writes what they train."""
    study = reader.look()
    runs = [fit.run for _, fit in reader.open_fits()]
    if study.best:
        runs += [one.fit.run for one in final_runs(study)]
    for run in runs:
        events, _ = records.read_events(reader.artifacts, run)
        for event in events:
            if event["event"] == "launched" and is_alive(event):
                _kill(event["pid"])


def _kill(pid: int) -> None:
    """Ends a worker of this machine; a record from another one may bear the number of something else."""
    from core.tuning import worker

    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if worker.__name__ in process.cmdline():
            process.kill()
            process.wait()
