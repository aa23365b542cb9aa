"""Finished runs on one clock: what a replay shows, and the ghosts of a race that goes on."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.charts.colours import order
from core.config import RunConfig
from core.fields import FIELDS, has_effect
from core.races.live import number
from core.runs import records
from core.runs.curves import read_curve
from core.runs.metrics import TIMING, read_metrics
from core.runs.records import RecordError


@dataclass(frozen=True)
class ReplayLane:
    """One finished run, from the gate to the finish."""

    run: str
    framework: str
    seed: int
    seconds: float  # train_time_sec: when it crosses the finish
    test_accuracy: float | None
    curve: dict[str, list]  # core.runs.curves.SERIES, equally long; means since the point before
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


def _besides(timing: Any) -> float:
    """Seconds of a run that are not on its training clock, as far as its record says."""
    parts = [part for part in TIMING if part != "cpu_s"]
    return sum(number(timing.get(part)) or 0.0 for part in parts) if isinstance(timing, dict) else 0.0


# ── which runs ──────────────────────────────────────────────────────────────────────


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
    return {name: value if has_effect(name, values) else None for name, value in values.items()}
