"""How a study stands: derived from its events, its fits' records and the living processes.

A reader keeps what it read: reading on costs what is new. No state is stored anywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.runs import records
from core.tuning.finals import FinalRun, final_runs, result_of
from core.tuning.fit_reading import FitReader
from core.tuning.folder import read_spec, stop_requested, studies_dir
from core.tuning.life import ACTIVE, Life
from core.tuning.outlook import seconds_left
from core.tuning.plan import PlannedFit, planned_fits
from core.tuning.ranking import best_trials
from core.tuning.space import SpaceError, trial_name
from core.tuning.strategies import searcher
from core.tuning.study import FitResult, Study, StudySpec, Trial, TrialStatus

_SETTLED: tuple[TrialStatus, ...] = ("finished", "failed", "dismissed")


@dataclass
class _Begun:
    """A trial as the events tell it."""

    number: int
    name: str
    settings: dict[str, Any]
    attempts: list[tuple[PlannedFit, ...]] = field(default_factory=list)  # one a budget, growing
    ended: tuple[TrialStatus, str] | None = None  # failed before it was trained, or dismissed, and why


class StudyReader:
    """Reads a study, and reads on."""

    def __init__(self, artifacts: Path, name: str) -> None:
        """Takes a study that is there.

        Raises:
            core.runs.records.RecordError: it is not, or its study.json does not hold.
        """
        self.artifacts = artifacts
        self.name = name
        self.spec: StudySpec = read_spec(artifacts, name)
        self._offset = 0
        self._life = Life()
        self._begun: dict[int, _Begun] = {}
        self._names: set[str] = set()
        self._done: dict[str, FitResult] = {}  # run → its result, once it has one
        self._open: dict[str, FitReader] = {}  # run → who reads it, until then
        self._trials: dict[int, Trial] = {}
        self._verdict: dict[str, Any] = {}
        self._fresh: tuple[tuple[tuple[str, int], ...], list[FinalRun]] | None = None
        self._tested: dict[FinalRun, dict[str, Any]] = {}
        self._planned = _planned(self.spec)

    def look(self) -> Study:
        """How the study stands now.

        Raises:
            core.runs.records.RecordError: a file of it cannot be read.
        """
        self._read_on()
        state, reason = self._life.state()
        for number, begun in self._begun.items():
            known = self._trials.get(number)
            if known is None or not _settled(known):
                self._trials[number] = self._trial(begun, state in ACTIVE)
        trials = tuple(self._trials[number] for number in sorted(self._trials))
        if state == "interrupted":
            tail = records.log_tail(studies_dir(self.artifacts), self.name)
            reason = f"{reason}\n{tail}".strip()
        worked = self._life.worked(state in ("searching", "testing"))
        study = Study(
            self.spec, state, trials, self._planned, reason, worked, best=best_trials(self.spec, trials)
        )
        return replace(
            study, seconds_left=seconds_left(study), final=tuple(self._final(study)), verdict=self._verdict
        )

    @property
    def stop_requested(self) -> bool:
        """Whether somebody asked it to stop."""
        return stop_requested(self.artifacts, self.name)

    def done(self, run: str) -> bool:
        """Whether a fit has ended, well or not, as of the last look."""
        return run in self._done

    # ── events ──────────────────────────────────────────────────────────────────────

    def _read_on(self) -> None:
        events, self._offset = records.read_events(studies_dir(self.artifacts), self.name, self._offset)
        for event in events:
            self._life.take(event)
            match event["event"]:
                case "trial":
                    self._begin(event)
                case "dismissed" | "failed" as status if self._knows(event.get("number")):
                    self._begun[event["number"]].ended = (status, str(event.get("reason", "")))
                    self._trials.pop(event["number"], None)
                case "verdict" if isinstance(event.get("verdict"), dict):
                    self._verdict = event["verdict"]

    def _knows(self, number: Any) -> bool:
        return isinstance(number, int) and number in self._begun

    def _begin(self, event: dict[str, Any]) -> None:
        number, settings, epochs = event.get("number"), event.get("settings"), event.get("epochs")
        if not isinstance(number, int) or not isinstance(settings, dict):
            return
        try:
            self._check(settings, epochs)
            attempt = planned_fits(self.spec, number, settings, epochs)
        except (KeyError, TypeError) as error:
            raise records.RecordError(
                f"trial {number} of {self.name} does not fit what its study.json asks for ({error}); "
                "put back what was there: the trials are still on disk"
            ) from error
        begun = self._begun.get(number)
        if begun is None:
            begun = self._begun[number] = _Begun(number, self._unique_name(number, settings), settings)
        if attempt not in begun.attempts:
            begun.attempts.append(attempt)
            begun.ended = None
            self._trials.pop(number, None)

    def _check(self, settings: dict[str, Any], epochs: Any) -> None:
        """Whether a trial says what every trial of the study has to; raises KeyError or TypeError."""
        if not self.spec.common and settings.get("framework") not in self.spec.frameworks:
            raise KeyError("framework")
        if epochs is not None and not isinstance(epochs, int):
            raise TypeError(f"{epochs!r} is no number of epochs")

    def _unique_name(self, number: int, settings: dict[str, Any]) -> str:
        name = trial_name(settings)
        if name in self._names:
            name = f"{name} (trial {number})"
        self._names.add(name)
        return name

    # ── fits ────────────────────────────────────────────────────────────────────────

    def _trial(self, begun: _Begun, active: bool) -> Trial:
        """The trial from its fits: those of the attempts before count until one of the last is done."""
        attempts = [[self._fit(fit, active) for fit in attempt] for attempt in begun.attempts]
        fits = [fit for attempt in attempts for fit in attempt]
        status, reason = _standing(begun, fits)
        if status in _SETTLED:  # what was never begun is not waited for
            fits = [fit for fit in fits if fit.status != "waiting"]
        score = None if status == "failed" else _mean_score(attempts)
        return Trial(begun.number, begun.name, begun.settings, status, score, reason, tuple(fits))

    def _fit(self, planned: PlannedFit, active: bool) -> FitResult:
        if planned.run in self._done:
            return self._done[planned.run]
        if planned.run not in self._open:
            self._open[planned.run] = FitReader(self.artifacts, self.spec.objective, planned)
        result = self._open[planned.run].look(active)
        if result.status in ("finished", "failed"):
            self._done[planned.run] = result
            del self._open[planned.run]
        return result

    def open_fits(self) -> list[tuple[Trial, PlannedFit]]:
        """What is left to train of the trials that began, as of the last look, in the order of its turn."""
        return [
            (trial, fit)
            for number, trial in sorted(self._trials.items())
            if trial.status == "running"
            for attempt in self._begun[number].attempts
            for fit in attempt
            if fit.run not in self._done
        ]

    def _final(self, study: Study) -> Iterator[dict[str, Any]]:
        """The fresh runs: all that there will be while they train, else those that are there."""
        if study.state in ("waiting", "searching"):
            return
        best = tuple(study.best.items())
        if self._fresh is None or self._fresh[0] != best:
            self._fresh = (best, final_runs(study))
            self._tested = {}
        for one in self._fresh[1]:
            result = self._tested.get(one) or result_of(self.artifacts, study.spec, one)
            if result["status"] in ("finished", "failed"):
                self._tested[one] = result
            if study.state == "testing" or result["status"] != "waiting":
                yield result


def _planned(spec: StudySpec) -> int | None:
    """Trials in all."""
    try:
        return searcher(spec).planned
    except SpaceError as error:
        raise records.RecordError(
            f"{spec.name}: its study.json asks for what cannot be searched ({error}); "
            "put back what was there: the trials are still on disk"
        ) from error


def _settled(trial: Trial) -> bool:
    """Whether nothing of it changes any more; of one that was given up a fit may still train."""
    return trial.status in _SETTLED and all(fit.status != "running" for fit in trial.fits)


def _standing(begun: _Begun, fits: list[FitResult]) -> tuple[TrialStatus, str]:
    """A trial's status and the reason for it."""
    failed = next((fit for fit in fits if fit.status == "failed"), None)
    if failed:
        return "failed", failed.reason
    if begun.ended:
        return begun.ended
    return ("finished" if all(fit.status == "finished" for fit in fits) else "running"), ""


def _mean_score(attempts: list[list[FitResult]]) -> float | None:
    """The mean of the last attempt that any fit is done of; None where one of those has no score."""
    for attempt in reversed(attempts):
        done = [fit.score for fit in attempt if fit.status == "finished"]
        if done:
            scores = [score for score in done if score is not None]
            return sum(scores) / len(scores) if len(scores) == len(done) else None
    return None


def read(artifacts: Path, name: str) -> Study:
    """How a study stands; whoever looks again and again keeps a `StudyReader`.

    Raises:
        core.runs.records.RecordError: no such study, or a file of it cannot be read.
    """
    return StudyReader(artifacts, name).look()
