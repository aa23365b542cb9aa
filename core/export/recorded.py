"""A run as its record tells it, checked to be one that can be taken home."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import frameworks
from core.config import RunConfig
from core.data.catalogue import DATASETS, DatasetInfo
from core.runs import records
from core.runs.metrics import read_metrics


class ExportError(ValueError):
    """The run, or the place to write to, cannot be used; the message says why."""


@dataclass(frozen=True)
class Recorded:
    """What a run was asked to do and what came of it."""

    run: str
    config: RunConfig  # with the device that it really used
    metrics: dict[str, Any]

    @property
    def accuracy(self) -> float:
        """On the test images, a fraction."""
        return float(self.metrics["test_accuracy"])

    @property
    def dataset(self) -> DatasetInfo:
        """What its images are, for a dataset of the project."""
        return DATASETS[self.config.dataset]

    @property
    def environment(self) -> dict[str, Any]:
        """Versions, processor, threads; empty where an older record says nothing."""
        found = self.metrics.get("environment")
        return found if isinstance(found, dict) else {}

    @property
    def versions(self) -> dict[str, str]:
        """Name on PyPI → version, of the exhibit's packages and NumPy."""
        packages = {*frameworks.constants(self.config.framework)["PACKAGES"].values(), "numpy"}
        found = self.environment.get("versions")
        recorded = found if isinstance(found, dict) else {}
        return {name: str(version) for name, version in sorted(recorded.items()) if name in packages}

    @property
    def stem(self) -> str:
        """As `file_stem`."""
        return file_stem(self.config)


def file_stem(config: RunConfig) -> str:
    """Letters, digits and `_` to name a run's files by, such as "pytorch_small_cnn"."""
    name = f"{config.framework}_{config.network.name}"
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def check_recorded(artifacts: Path, run: str) -> None:
    """Makes sure that the run is there and has a record of its configuration.

    Raises:
        ExportError: it has none, with the reason.
        core.runs.records.RecordError: no name of a run.
    """
    if (records.run_dir(artifacts, run) / "config.json").is_file():
        return
    if not records.metrics_path(artifacts, run).is_file():
        raise ExportError(f"there is no run {run} in {artifacts}; `python -m core runs` lists them")
    raise ExportError(
        f"{run} has no record of its configuration (an imported file does not say everything that "
        "decides a run); export a run that was trained here"
    )


def read_recorded(artifacts: Path, run: str) -> Recorded:
    """The run's record.

    Raises:
        ExportError: no such run, an imported file, no result, or an exhibit that is no longer there.
    """
    try:
        check_recorded(artifacts, run)
        config, _ = records.read_config(artifacts, run)
        if not records.metrics_path(artifacts, run).is_file():
            raise ExportError(f"{run} has no result: it is still training, or failed, or was stopped at once")
        metrics = read_metrics(records.metrics_path(artifacts, run))
    except records.RecordError as error:
        raise ExportError(str(error)) from error
    if config.framework not in frameworks.names():
        raise ExportError(
            f"{run} was trained by the exhibit {config.framework}, which is no longer in core/frameworks; "
            f"there are {', '.join(frameworks.names())}"
        )
    if not isinstance(metrics.get("test_accuracy"), float | int):
        raise ExportError(f"{run}'s record holds no test accuracy; there is nothing to check a file against")
    device = metrics.get("device")
    return Recorded(run, config.model_copy(update={"device": device}) if device else config, metrics)


def check_repeatable(recorded: Recorded) -> None:
    """Makes sure that one file of one framework can repeat the run.

    Raises:
        ExportError: it cannot; the message says why.
    """
    if reason := _why_not(recorded):
        raise ExportError(f"{recorded.run} cannot become one file: {reason}. Its model card can be exported")


def _why_not(recorded: Recorded) -> str:
    config = recorded.config
    if recorded.metrics.get("status", "finished") != "finished":
        return "it was stopped before its end, and a file would train on to the end"
    if config.start_from is not None:
        return f"it went on from the weights of {config.start_from}, which no file of code holds"
    if config.own_digits:
        return "it trained on drawings of your own, which no file of code holds"
    if config.augment:
        return (
            "its training images were altered at random with OpenCV and the project's own code, "
            "and the file needs only its framework, NumPy and the dataset"
        )
    if config.folds is not None:
        return "it is one part of a cross-validation"
    if config.dataset not in DATASETS:
        return f"its dataset {config.dataset} was imported here and can be had nowhere else"
    if recorded.dataset.reader not in ("idx", "sklearn"):
        return f"the images of {recorded.dataset.title} are drawn by the project's own code"
    return ""
