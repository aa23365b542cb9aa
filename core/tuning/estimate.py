"""How many runs a study is and roughly how long it takes, judged by runs known on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import fmean
from typing import Any

from core.data.catalogue import DatasetError, find_dataset
from core.data.datasets import load_images
from core.machine.environment import available_cores, describe
from core.runs import records
from core.tuning.finals import ROLES
from core.tuning.space import dimensions
from core.tuning.strategies import searcher
from core.tuning.study import StudySpec

PER_FIT = 0.2  # seconds beside its steps, in a worker that is warm: build, first step, validation
PER_FRESH_RUN = 1.0  # and in a process of its own, beside the import of its framework: data, test, model


@dataclass(frozen=True)
class Speed:
    """What a run on this machine tells of its framework with this network."""

    processor_seconds: float  # for one training image
    import_seconds: float


@dataclass(frozen=True)
class Estimate:
    """`seconds` is None, and `unknown` names the frameworks, where no run of them is known here."""

    trials: int | None  # None: as many as there is time for
    fits: int | None
    fresh_runs: int
    seconds: float | None
    unknown: tuple[str, ...] = ()


def known_speeds(artifacts: Path, architecture: str) -> dict[str, Speed]:
    """Framework → its newest run with this network on this machine; reads every result."""
    here = describe(1)["machine"]
    found: dict[str, tuple[str, Speed]] = {}
    for run in records.run_names(artifacts):
        try:
            metrics = records.read_object(records.metrics_path(artifacts, run))
            framework, created = str(metrics["framework"]), str(metrics["created"])
            if metrics["environment"]["machine"] != here or metrics["architecture"] != architecture:
                continue
            speed = _speed(metrics)
        except (records.RecordError, KeyError, TypeError, ValueError, ZeroDivisionError):
            continue  # a run that is not done, or somebody else's file, tells no speed
        if framework not in found or created > found[framework][0]:
            found[framework] = (created, speed)
    return {framework: speed for framework, (_, speed) in found.items()}


def _speed(metrics: Mapping[str, Any]) -> Speed:
    threads = min(int(metrics["config"]["threads"]), available_cores())
    return Speed(threads / float(metrics["images_per_second"]), float(metrics["timing"]["import_s"]))


def estimate(spec: StudySpec, speeds: Mapping[str, Speed], data_dir: Path | None = None) -> Estimate:
    """What a study comes to. Rough: settings that make a step slower, and dismissals, are left aside.

    Args:
        spec: the study that is asked for.
        speeds: from `known_speeds` for its network.
        data_dir: the data folder; None means `core.places.data_dir()`.

    Raises:
        core.tuning.space.SpaceError: the space cannot be searched.
    """
    plan = searcher(spec)
    fresh = len(ROLES) * spec.final_seeds * len(spec.frameworks)
    unknown = tuple(name for name in spec.frameworks if name not in speeds)
    images = _training_images(spec.fixed["dataset"], data_dir)
    seconds = None
    if not unknown and images is not None:
        rates = [speeds[name] for name in spec.frameworks]
        search = _search_seconds(
            spec, plan.planned_fits, images, fmean(one.processor_seconds for one in rates)
        )
        if search is not None:
            seconds = search + _fresh_seconds(spec, rates, images)
    return Estimate(plan.planned, plan.planned_fits, fresh, seconds, unknown)


def _search_seconds(spec: StudySpec, fits: int | None, images: int, each: float) -> float | None:
    """The search by the number of its fits, or the time that it may take where that is less."""
    bounds = [] if spec.minutes is None else [60 * spec.minutes]
    if fits is not None:
        shown = _value(spec, "epochs", 1) * _images_of_a_fit(spec, images)
        bounds.append(fits * (shown * each / _busy_cores(spec) + PER_FIT / spec.workers))
    return min(bounds, default=None)


def _fresh_seconds(spec: StudySpec, rates: list[Speed], images: int) -> float:
    """Each trains on all images, in a process of its own."""
    shown = _value(spec, "epochs", 1) * images
    each = [
        shown * one.processor_seconds / _busy_cores(spec)
        + (one.import_seconds + PER_FRESH_RUN) / spec.workers
        for one in rates
    ]
    return len(ROLES) * spec.final_seeds * sum(each)


def _busy_cores(spec: StudySpec) -> int:
    return min(available_cores(), spec.workers * int(spec.fixed["threads"]))


def _images_of_a_fit(spec: StudySpec, images: int) -> float:
    """Training images that a fit sees in an epoch."""
    held = images / spec.folds if spec.folds else min(spec.fixed["validation_size"], images / 10)
    return min(images - held, _value(spec, "train_size", images))


def _value(spec: StudySpec, field: str, default: float) -> float:
    """A field's value, or the mean of those that are searched."""
    for one in dimensions(spec):
        if one.field == field:
            return fmean(one.points())
    return float(spec.fixed.get(field) or default)


def _training_images(dataset: str, data_dir: Path | None) -> int | None:
    """How many the dataset has; None while it is not there."""
    try:
        return _counted(dataset, find_dataset(dataset, data_dir).content, data_dir)
    except DatasetError:
        return None


@lru_cache(maxsize=16)
def _counted(dataset: str, content: str, data_dir: Path | None) -> int:
    return len(load_images(find_dataset(dataset, data_dir), data_dir).y_train)
