"""A fit of a study as its files tell it: its record once it is done, until then its epochs as they come."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.machine.processes import is_alive
from core.runs import records
from core.tuning.plan import PlannedFit, score_of
from core.tuning.study import FitResult, Objective


@dataclass
class FitReader:
    """Reads a fit, and reads on: what it told already is not read again."""

    artifacts: Path
    objective: Objective
    planned: PlannedFit
    _offset: int = 0
    _file: tuple[int, int] | None = None  # which one the offset is of
    _last: dict[str, dict[str, Any]] = field(default_factory=dict)  # event → the newest of its kind
    _accuracies: list[Any] = field(default_factory=list)  # on validation images, after each epoch

    def look(self, active: bool) -> FitResult:
        """How the fit stands now.

        Args:
            active: whether anybody works on its study; else nothing of it trains.
        """
        one = self.planned
        fit = FitResult(one.run, one.framework, one.seed, one.fold, one.epochs, "waiting")
        path = records.metrics_path(self.artifacts, one.run)
        if path.is_file():
            return _recorded(fit, path, self.objective)
        self._read_on()
        ended = self._last.get("ended", {})
        if ended.get("status") == "failed":
            return replace(fit, status="failed", reason=str(ended.get("reason", "")))
        if active and "launched" in self._last and is_alive(self._last["launched"]):
            return replace(fit, status="running", history={"val_accuracy": list(self._accuracies)})
        return fit

    def _read_on(self) -> None:
        """Takes in what was added; all of it where the fit began again, in a folder of the same name."""
        if (now := self._identity()) != self._file:
            self._file, self._offset, self._last, self._accuracies = now, 0, {}, []
        events, self._offset = records.read_events(self.artifacts, self.planned.run, self._offset)
        for event in events:
            self._last[event["event"]] = event
            if event["event"] == "epoch":
                self._accuracies.append(event.get("val_accuracy"))

    def _identity(self) -> tuple[int, int] | None:
        """Tells a history from one in its place: lines that are added leave it as it is."""
        folder = records.run_dir(self.artifacts, self.planned.run)
        try:
            return folder.stat().st_mtime_ns, (folder / "events.jsonl").stat().st_ino
        except FileNotFoundError:
            return None


def _recorded(fit: FitResult, path: Path, objective: Objective) -> FitResult:
    """The fit with what its record says."""
    try:
        metrics = records.read_object(path)
        score = score_of(objective, metrics)
        seconds, history = float(metrics["train_time_sec"]), dict(metrics["history"])
    except (records.RecordError, KeyError, TypeError, ValueError) as error:
        return replace(fit, status="failed", reason=f"{path.name} is no record of a fit: {error}")
    return replace(fit, status="finished", score=score, seconds=seconds, history=history)
