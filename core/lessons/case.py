"""What is known of a run that may be in trouble: its set-up, its curve, how it ended, what others did."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config import RunConfig
from core.prediction.answers import Answer, Prediction
from core.runs import records
from core.runs.details import read_details
from core.runs.metrics import read_diagnosis
from core.runs.status import run_status
from core.training.memory import OUT_OF_MEMORY

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

LEAST_CLOCK = 0.5  # seconds of training: a shorter clock tells no speed
ALIKE = ("framework", "architecture", "machine", "device")  # runs that share these could be as fast
KILLED = -9  # how a process ends to which the system denies more memory; nobody asks it


@dataclass(frozen=True)
class Speed:
    """Images a second, and the two values of a set-up that decide them most."""

    images_per_second: float
    batch_size: int
    threads: int


@dataclass(frozen=True)
class Drawn:
    """How many of the visitor's own digits a run was asked about, and how many it read right."""

    right: int
    asked: int


@dataclass(frozen=True)
class Case:
    """A run that is over; what nobody knows is None, NaN or empty.

    `images` were to be trained on; `phase` is where a run that broke off stood; `fastest` is the quickest
    run of the same kind (ALIKE), this one left out.
    """

    run: str
    framework: str
    config: RunConfig | None
    diagnosis: str = ""
    remedy: Mapping[str, Any] = field(default_factory=dict)
    history: "Mapping[str, np.ndarray] | None" = None  # HISTORY, a value an epoch
    confusion: "np.ndarray | None" = None
    accuracy: float = math.nan  # on the test images
    accuracy_high: float = math.nan  # the upper end of its 95 % interval
    speed: Speed | None = None
    fastest: Speed | None = None
    drawn: Drawn | None = None
    failed: bool = False
    out_of_memory: bool = False  # said so itself
    killed: bool = False  # by the system or by somebody
    phase: str = ""
    images: int | None = None


def read_cases(artifacts: Path, frame: "pd.DataFrame", runs: Iterable[str]) -> list[Case]:
    """What is known of these runs, in their order; those that still train or wait are left out.

    Args:
        artifacts: their folder.
        frame: `Results.frame` of the folder, in which a run's equals are looked for.
        runs: with a result or without one.
    """
    runs = list(runs)
    rows = frame[frame.run.isin(runs)].to_dict("records")
    finished = {str(row["run"]): row for row in rows}
    speeds = _speeds(frame)
    cases = [
        _finished(artifacts, finished[run], speeds) if run in finished else _broken_off(artifacts, run)
        for run in runs
    ]
    return [case for case in cases if case is not None]


def with_drawn(case: Case, answer: Answer, labels: Sequence[int]) -> Case:
    """The case with what its model answered about the visitor's digits; as it was where it had no answer."""
    if not isinstance(answer, Prediction):
        return case
    return replace(case, drawn=Drawn(int((answer.digits == labels).sum()), len(labels)))


# ── with a result ───────────────────────────────────────────────────────────────────


def _finished(artifacts: Path, row: Mapping[Any, Any], speeds: Mapping[tuple, dict[str, Speed]]) -> Case:
    run = str(row["run"])
    details = read_details(artifacts, run)
    history = details.history
    alike = speeds.get(_kind(row), {})
    others = [speed for other, speed in alike.items() if other != run]
    return Case(
        run=run,
        framework=str(row["framework"]),
        config=_config(artifacts, run),
        diagnosis=details.diagnosis,
        remedy=details.remedy,
        history=None if history is None else {str(name): history[name].to_numpy() for name in history},
        confusion=details.confusion,
        accuracy=row["test_accuracy"],
        accuracy_high=row["accuracy_high"],
        speed=alike.get(run),
        fastest=max(others, key=lambda speed: speed.images_per_second, default=None),
    )


def _kind(row: Mapping[Any, Any]) -> tuple:
    return tuple(row[name] for name in ALIKE)


def _speeds(frame: "pd.DataFrame") -> dict[tuple, dict[str, Speed]]:
    """Kind → run → speed, of the runs whose clock tells one: long enough, and nobody else at work."""
    told = frame[[*ALIKE, "images_per_second", "batch_size", "threads"]].notna().all(axis=1)
    timed = frame[told & frame.busy.eq(False) & (frame.train_time_sec >= LEAST_CLOCK)]
    kinds: dict[tuple, dict[str, Speed]] = {}
    for row in timed.to_dict("records"):
        speed = Speed(row["images_per_second"], int(row["batch_size"]), int(row["threads"]))
        kinds.setdefault(_kind(row), {})[str(row["run"])] = speed
    return kinds


def _config(artifacts: Path, run: str) -> RunConfig | None:
    try:
        return records.read_config(artifacts, run)[0]
    except records.RecordError:
        return None  # a metrics file from elsewhere


# ── without one ─────────────────────────────────────────────────────────────────────


def _broken_off(artifacts: Path, run: str) -> Case | None:
    config = _config(artifacts, run)
    status = run_status(artifacts, run)
    if config is None or status.state not in ("failed", "interrupted"):
        return None
    last: dict[str, dict[str, Any]] = {}
    for event in records.read_events(artifacts, run)[0]:
        last[event["event"]] = event
    diagnosis, remedy = read_diagnosis(last.get("ended", {}))
    images = last.get("started", {}).get("train_images")
    return Case(
        run=run,
        framework=config.framework,
        config=config,
        diagnosis=diagnosis,
        remedy=remedy,
        failed=True,
        out_of_memory=status.reason == OUT_OF_MEMORY,
        killed=last.get("exited", {}).get("code") == KILLED,
        phase="train" if "started" in last else str(last.get("phase", {}).get("phase", "")),
        images=images if isinstance(images, int) else None,
    )
