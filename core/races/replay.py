"""Finished runs on one clock: what a replay shows, and which race to show."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from core import frameworks
from core.charts.colours import order
from core.config import RunConfig
from core.fields import FIELDS
from core.races.live import number
from core.runs import records
from core.runs.curves import read_curve
from core.runs.metrics import TIMING, read_metrics
from core.runs.records import RecordError
from core.runs.reference import reference_name
from core.runs.status import run_status

FEWEST_LANES = 2  # one alone is no race
EPOCHS = ("seconds", "val_accuracy")


@dataclass(frozen=True)
class ReplayLane:
    """One finished run, from the gate to the finish."""

    run: str
    framework: str
    seed: int
    seconds: float  # train_time_sec: when it crosses the finish
    test_accuracy: float | None
    curve: dict[str, list]  # core.runs.curves.SERIES, equally long; means since the point before
    epochs: dict[str, list]  # EPOCHS, equally long; val_accuracy None without validation images
    busy: bool  # others had the machine while it trained
    learned: bool | None  # None: nobody says
    besides: float = 0.0  # seconds of import, data, build, first step, validation and test


@dataclass(frozen=True)
class Replay:
    """Runs that are replayed together, and those that cannot be."""

    lanes: tuple[ReplayLane, ...]  # in the order in which frameworks are shown
    missing: dict[str, str]  # run → why it cannot be replayed, as a sentence


def read_replay(artifacts: Path, runs: Sequence[str]) -> Replay:
    """What a replay of these runs shows; one that cannot be read is among `missing`.

    Args:
        artifacts: the artifacts folder.
        runs: their names, which may come from an address.
    """
    lanes, missing = [], {}
    for run in dict.fromkeys(runs):
        try:
            lanes.append(_lane(run, _read_metrics(artifacts, run)))
        except RecordError as error:
            missing[run] = str(error)
    places = {name: place for place, name in enumerate(order([lane.framework for lane in lanes]))}
    lanes.sort(key=lambda lane: (places[lane.framework], lane.seed, lane.run))
    return Replay(tuple(lanes), missing)


def latest_race(artifacts: Path) -> list[str]:
    """The runs of the newest finished race that can be replayed, else the plain reference runs."""
    for runs in _races(artifacts):
        lanes = read_replay(artifacts, runs).lanes
        if len(lanes) >= FEWEST_LANES and not _goes_on(artifacts, runs):
            return [lane.run for lane in lanes]
    plain = [reference_name(name, "small-cnn", augment=False) for name in frameworks.names()]
    return [lane.run for lane in read_replay(artifacts, plain).lanes]


def ghosts(artifacts: Path, config: RunConfig) -> ReplayLane | None:
    """The run to show where one like `config` still waits: the newest of the same set-up that learned.

    The seed may be another. A visitor's own run comes before a reference run. Where the device is
    "auto", any will do. Reads the configs of this network's runs, and a record only where its config
    fits.
    """
    for run in _namesakes(artifacts, config):
        with suppress(RecordError):
            if _decisive(records.read_config(artifacts, run)[0]) != _decisive(config):
                continue
            metrics = _read_metrics(artifacts, run)
            lane = _lane(run, metrics)
            if lane.learned is not False and config.device in ("auto", metrics.get("device")):
                return lane
    return None


# ── one run ─────────────────────────────────────────────────────────────────────────


def _lane(run: str, metrics: dict[str, Any]) -> ReplayLane:
    """The run's lane.

    Raises:
        RecordError: it cannot be replayed; the message is a sentence.
    """
    framework, seconds = metrics.get("framework"), number(metrics.get("train_time_sec"))
    if metrics.get("status") == "stopped":
        raise RecordError("It was stopped before its last epoch.")
    if not isinstance(framework, str) or not seconds or seconds < 0:
        raise RecordError("Its record does not say which framework trained it, or for how long.")
    curve = read_curve(metrics)
    return ReplayLane(
        run=run,
        framework=framework,
        seed=int(number(metrics.get("seed")) or 0),
        seconds=seconds,
        test_accuracy=number(metrics.get("test_accuracy")),
        curve=curve,
        epochs=_epochs(metrics.get("history")),
        busy=metrics.get("busy") is True,
        learned=metrics["learned"] if isinstance(metrics.get("learned"), bool) else None,
        besides=_besides(metrics.get("timing")),
    )


def _read_metrics(artifacts: Path, run: str) -> dict[str, Any]:
    try:
        path = records.metrics_path(artifacts, run)
    except RecordError:
        raise RecordError("No run can have this name.") from None
    if not path.is_file():
        raise RecordError("There is no result of it: it did not finish, or was deleted.")
    try:
        return read_metrics(path)
    except RecordError as error:
        raise RecordError("Its record cannot be read: the file is damaged.") from error


def _epochs(history: Any) -> dict[str, list]:
    """The ends of the epochs; none where the record does not say them."""
    columns = [history.get(name) for name in EPOCHS] if isinstance(history, dict) else []
    if not columns or not all(isinstance(column, list) for column in columns):
        return {name: [] for name in EPOCHS}
    ends = [(number(seconds), number(accuracy)) for seconds, accuracy in zip(*columns, strict=False)]
    known = [end for end in ends if end[0] is not None]
    return {name: [end[place] for end in known] for place, name in enumerate(EPOCHS)}


def _besides(timing: Any) -> float:
    """Seconds of a run that are not on its training clock, as far as its record says."""
    parts = [part for part in TIMING if part != "cpu_s"]
    return sum(number(timing.get(part)) or 0.0 for part in parts) if isinstance(timing, dict) else 0.0


# ── which runs ──────────────────────────────────────────────────────────────────────


def _races(artifacts: Path) -> Iterator[list[str]]:
    """The runs of each race, the newest first; reads no further than it is asked to.

    A race makes its runs at once, and their names begin with the time: they stand side by side.
    """
    own = [run for run in reversed(records.run_names(artifacts)) if not records.is_reference(run)]
    for race, runs in groupby(own, lambda run: _race(artifacts, run)):
        if race:
            yield list(runs)


def _race(artifacts: Path, run: str) -> str:
    """The race that the run belongs to; empty for one that was not trained here."""
    try:
        return str(records.read_object(records.run_dir(artifacts, run) / "config.json").get("race") or run)
    except RecordError:
        return ""


def _goes_on(artifacts: Path, runs: Sequence[str]) -> bool:
    """Whether any of the runs still waits or trains; one with a result does not."""
    open_ones = [run for run in runs if not records.metrics_path(artifacts, run).is_file()]
    return any(run_status(artifacts, run).active for run in open_ones)


def _namesakes(artifacts: Path, config: RunConfig) -> list[str]:
    """Runs of the framework and the network, told by their names: own ones first, the newest first."""
    part = f"-{config.framework}-{config.network.name}"
    found = [run for run in reversed(records.run_names(artifacts)) if part in f"-{run}"]
    return sorted(found, key=records.is_reference)


def _decisive(config: RunConfig) -> dict[str, Any]:
    """What decides whether two runs of a framework may be ranked together, but for the device."""
    values = {name: getattr(config, name) for name, field in FIELDS.items() if field.compared != "never"}
    for layers in ("filters", "dense_units", "dropout", "device"):
        del values[layers]  # the network says them, whether they were stated or are the preset's
    values["architecture"] = config.network
    # What the optimizer or the schedule does not use decides nothing.
    values["momentum"] = config.momentum if config.optimizer == "sgd" else None
    values["decay"] = config.decay if config.schedule == "exponential" else None
    return values
