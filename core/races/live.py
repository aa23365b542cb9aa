"""What a race looks like at this moment: reads on in its files and derives one lane per run."""

import math
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.runs import records
from core.runs.curves import SERIES
from core.runs.metrics import clock_marks, read_diagnosis
from core.runs.status import State, Status, derive_status, stop_requested

KEPT_POINTS = 400  # per run; more cannot be told apart on a chart of this width
EPOCH_SERIES = ("step", "seconds", "val_loss", "val_accuracy")
STEPS = ("batch", "progress")  # events of single steps: a point of the curve, or a sign of life


@dataclass(frozen=True)
class Lane:
    """One run as the page shows it. Numbers are None until they are known."""

    run: str
    framework: str
    seed: int
    state: State
    phase: str  # import, data, build, train, test, or empty before it starts
    stopping: bool
    reason: str
    epoch: int  # from 1; 0 before training
    epochs: int
    step: int
    total_steps: int | None
    images_per_second: float | None
    seconds: float | None  # the training clock
    seconds_left: float | None  # wall clock, validation included
    memory_mb: float | None  # the most seen so far
    val_accuracy: float | None
    test_accuracy: float | None
    train: dict[str, list]  # SERIES, equal lengths
    validation: dict[str, list]  # EPOCH_SERIES, equal lengths
    busy_start: bool = False  # others had the machine when its training began
    busy: bool = False  # others had it while it trained
    learned: bool | None = None  # None: nobody says
    diagnosis: str = ""  # why it did not learn
    remedy: dict[str, Any] = field(default_factory=dict)  # the fields that would mend it

    @property
    def marks(self) -> list[str]:
        """Why its times are in no ranking."""
        return clock_marks(self.busy, self.learned)

    @property
    def active(self) -> bool:
        """Whether it waits or trains at this moment."""
        return Status(self.state).active

    @property
    def progress(self) -> float:
        """Fraction of the training steps done, 0 to 1."""
        if self.state == "finished":
            return 1.0
        return min(1.0, self.step / self.total_steps) if self.total_steps else 0.0


@dataclass
class Thinned:
    """Points of a curve, every second one dropped whenever there are twice as many as can be seen.

    However long the run, at most 2 × `limit` points stay; the newest is always among those given out.
    """

    names: tuple[str, ...]
    limit: int = KEPT_POINTS
    stride: int = 1
    count: int = 0
    rows: list[tuple] = field(default_factory=list)
    newest: tuple | None = None

    def add(self, event: dict[str, Any]) -> None:
        """Takes the point of an event that has all of the names."""
        self.newest = tuple(number(event.get(name)) for name in self.names)
        if self.count % self.stride == 0:
            self.rows.append(self.newest)
        self.count += 1
        if len(self.rows) >= 2 * self.limit:
            self.rows, self.stride = self.rows[::2], 2 * self.stride

    @property
    def newest_step(self) -> Any:
        """The step of the newest point, None before there is one."""
        return self.newest[self.names.index("step")] if self.newest else None

    def columns(self) -> dict[str, list]:
        """The points as one list per name."""
        rows = self.rows
        if self.newest and (not rows or rows[-1] is not self.newest):
            rows = [*rows, self.newest]
        return {name: [row[index] for row in rows] for index, name in enumerate(self.names)}


class RunFeed:
    """One run's files, read on from where the last look ended."""

    def __init__(self, artifacts: Path, run: str, config: RunConfig):
        self.artifacts, self.run, self.config = artifacts, run, config
        self.offset = 0
        self.milestones: list[dict[str, Any]] = []  # every event but those of single steps
        self.last: dict[str, dict[str, Any]] = {}
        self.memory_mb: float | None = None
        self.train, self.validation = Thinned(SERIES), Thinned(EPOCH_SERIES)
        self.metrics: dict[str, Any] = {}
        self.problem = ""  # why the metrics file cannot be read
        self.stop = False  # whether somebody asked it to stop

    def read_on(self) -> bool:
        """Takes in what was added since the last look; True when there was something."""
        self.stop = stop_requested(self.artifacts, self.run)  # before the events: see derive_status
        path = records.run_dir(self.artifacts, self.run) / "events.jsonl"
        grown = path.exists() and os.path.getsize(path) > self.offset
        if grown:
            events, self.offset = records.read_events(self.artifacts, self.run, self.offset)
            for event in events:
                self._take(event)
        return self._read_metrics() or grown

    def _take(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        self.last[kind] = event
        if kind in STEPS:
            self.memory_mb = max(self.memory_mb or 0, number(event.get("memory_mb")) or 0) or None
            if kind == "batch":
                self.train.add(event)
            return
        self.milestones.append(event)
        if kind == "epoch":
            if self.train.newest_step != event.get("step"):  # in older histories no point ends an epoch
                self.train.add(event)
            self.validation.add(event)

    def _read_metrics(self) -> bool:
        path = records.metrics_path(self.artifacts, self.run)
        if self.metrics or self.problem or not path.is_file():
            return False
        try:
            self.metrics = records.read_object(path)
        except records.RecordError as error:
            self.problem = str(error)
        return True

    def status(self) -> Status:
        """The state now: the files may be as before while the process is gone."""
        log = records.log_tail(self.artifacts, self.run)
        if self.problem:
            return Status("failed", self.problem)
        return derive_status(self.milestones, bool(self.metrics), log, self.stop)

    def lane(self) -> Lane:
        """What the page shows of this run."""
        status = self.status()
        started, epoch = self.last.get("started", {}), self.last.get("epoch", {})
        moving = max((self.last.get(kind, {}) for kind in STEPS), key=_step)
        newest = max(moving, epoch, key=_step)
        step, total = int(_step(newest)), number(started.get("total_steps"))
        per_epoch = number(started.get("steps_per_epoch")) or 1
        scores = {key: number(value) for key, value in self.metrics.items()}
        told = self.metrics or self.last.get("ended", {})
        diagnosis, remedy = read_diagnosis(told)
        return Lane(
            run=self.run,
            framework=self.config.framework,
            seed=self.config.seed,
            state=status.state,
            phase=self._phase(),
            stopping=status.active and self.stop,
            reason=status.reason,
            epoch=min(self.config.epochs, int((step - 1) // per_epoch) + 1) if step else 0,
            epochs=self.config.epochs,
            step=step,
            total_steps=int(total) if total else None,
            images_per_second=scores.get("images_per_second") or number(moving.get("images_per_second")),
            seconds=scores.get("train_time_sec") or number(newest.get("seconds")),
            seconds_left=_seconds_left(started, newest) if status.active else None,
            memory_mb=scores.get("peak_memory_mb") or self.memory_mb,
            val_accuracy=number(epoch.get("val_accuracy")),
            test_accuracy=scores.get("test_accuracy"),
            train=self.train.columns(),
            validation=self.validation.columns(),
            busy_start=started.get("busy") is True,
            busy=told.get("busy") is True,
            learned=told["learned"] if isinstance(told.get("learned"), bool) else None,
            diagnosis=diagnosis,
            remedy=remedy,
        )

    def _phase(self) -> str:
        """The part of the run that began last."""
        for event in reversed(self.milestones):
            if event["event"] == "started":
                return "train"
            if event["event"] == "phase":
                return str(event.get("phase", ""))
        return ""


def number(value: Any) -> float | None:
    """The value when it is a finite number, else None: files may hold anything."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:  # a whole number of more than 300 digits
        return None


def _step(event: dict[str, Any]) -> float:
    """The steps done when it was told, 0 when it does not say."""
    return number(event.get("step")) or 0


def _seconds_left(started: dict[str, Any], newest: dict[str, Any]) -> float | None:
    """The rest takes as long a step as the steps so far took, validation included."""
    step, total = number(newest.get("step")), number(started.get("total_steps"))
    # The time of day jumps when somebody sets the clock; older events have nothing else.
    clock = "elapsed" if "elapsed" in started and "elapsed" in newest else "time"
    begun, now = number(started.get(clock)), number(newest.get(clock))
    if not step or not total or begun is None or now is None:
        return None
    return max(0.0, now - begun) / step * max(0, total - step)


class RaceFeed:
    """All runs of one race. One feed serves every visitor: hold it where sessions share it."""

    def __init__(self, artifacts: Path, race: str):
        self.artifacts, self.race = artifacts, race
        self.feeds: dict[str, RunFeed] = {}
        self.problems: dict[str, str] = {}  # run → why it cannot be read
        self.lanes: list[Lane] = []
        self._lock = threading.Lock()

    def update(self, runs: list[str]) -> None:
        """Looks again.

        Args:
            runs: the names of this race's runs, as `core.races.race_list.races` lists them.
        """
        with self._lock:
            self.feeds = {run: feed for run, feed in self.feeds.items() if run in runs}  # less the deleted
            self.problems = {run: problem for run, problem in self.problems.items() if run in runs}
            for run in runs:
                if run not in self.feeds and run not in self.problems:
                    self._open(run)
            changed = [feed.read_on() for feed in self.feeds.values()]
            settled = not self.active and len(self.lanes) == len(self.feeds)
            if any(changed) or not settled:
                self.lanes = [feed.lane() for feed in self.feeds.values()]

    def _open(self, run: str) -> None:
        try:
            config, _ = records.read_config(self.artifacts, run)
        except records.RecordError as error:
            self.problems[run] = str(error)
            return
        self.feeds[run] = RunFeed(self.artifacts, run, config)

    @property
    def active(self) -> bool:
        """Whether any run still waits or trains."""
        return any(lane.active for lane in self.lanes)


# ── the whole race ──────────────────────────────────────────────────────────────────


def race_seconds_left(lanes: Sequence[Lane], known: Mapping[str, float] | None = None) -> float | None:
    """How long the race still takes by the wall clock; None while nothing tells, 0 when it is over.

    A lane that trains says so itself. Any other takes as long as is known of it, else as the lanes of
    its framework take in this race, else as those of the others do.

    Args:
        lanes: those of the race.
        known: run → seconds that it is expected to take as a whole, such as its ghost took.
    """
    known = known or {}
    taken = {lane.run: time for lane in lanes if (time := _whole_time(lane)) is not None}
    left = 0.0
    for lane in lanes:
        if not lane.active or lane.stopping:
            continue
        alike = [other.run for other in lanes if other.run in taken and other.framework == lane.framework]
        guesses = [taken[run] for run in alike or taken]
        if lane.seconds_left is not None:
            left += lane.seconds_left
        elif lane.run in known:
            left += known[lane.run]
        elif guesses:
            left += sum(guesses) / len(guesses)
        else:
            return None
    return left


def _whole_time(lane: Lane) -> float | None:
    """The lane's training time: as it was, or as it will be; None while nothing tells."""
    if lane.state == "finished":
        return lane.seconds
    if lane.seconds is None or lane.seconds_left is None:
        return None
    return lane.seconds + lane.seconds_left
