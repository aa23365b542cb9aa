"""Which saved models there are, and which of them answer when nobody has chosen."""

from dataclasses import dataclass
from pathlib import Path

from core import frameworks
from core.data.catalogue import DatasetError, find_dataset
from core.runs import records
from core.runs.reference import reference_name

DIGIT_DATASETS = ("mnist", "pen", "mnist-pen", "digits")  # models of other datasets do not read digits
DEFAULT_ARCHITECTURE = "small-cnn"  # that of the reference runs that read a first drawing


@dataclass(frozen=True)
class ModelFile:
    """A saved model; `modified_ns` tells a new file from the old one, `mean` and `std` scale its pixels."""

    run: str
    framework: str
    path: str
    modified_ns: int
    dataset: str
    mean: float
    std: float


def model_file(artifacts: Path, run: str) -> ModelFile:
    """The run's saved model.

    Raises:
        core.runs.records.RecordError: no such run, an unreadable configuration, or no model saved.
    """
    config, _ = records.read_config(artifacts, run)
    if config.framework not in frameworks.names():
        raise records.RecordError(f"{run} was trained with {config.framework}, which is not here")
    path = records.run_dir(artifacts, run) / frameworks.constants(config.framework)["MODEL_FILE"]
    try:
        modified = path.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise records.RecordError(f"{run} has no saved model ({path.name} is missing)") from error
    try:
        dataset = find_dataset(config.dataset)
    except DatasetError as error:
        raise records.RecordError(f"{run} was trained on {config.dataset}, which is not here") from error
    mean, std = dataset.scaling_constants(config.scaling)
    return ModelFile(run, config.framework, str(path), modified, config.dataset, mean, std)


def saved_models(artifacts: Path) -> dict[str, str]:
    """Every run that can read digits and its framework: reference runs first, then the newest first."""
    found = {}
    for run in records.run_names(artifacts):
        try:
            saved = model_file(artifacts, run)
        except records.RecordError:
            continue  # still training, or a result without its model: nothing to ask
        if saved.dataset in DIGIT_DATASETS:
            found[run] = saved.framework
    own = [run for run in found if not records.is_reference(run)]
    return {run: found[run] for run in [*(run for run in found if run not in own), *reversed(own)]}


def default_runs(artifacts: Path) -> list[str]:
    """One run per framework, to be asked when nobody has chosen.

    Its reference run, trained with augmentation (which reads drawings better) where that exists, else
    the newest of the visitor's own.
    """
    saved = saved_models(artifacts)
    chosen = []
    for framework in frameworks.names():
        newest = [run for run in saved if saved[run] == framework]
        references = [
            reference_name(framework, DEFAULT_ARCHITECTURE, augment=augment) for augment in (True, False)
        ]
        chosen += [run for run in (*references, *newest) if run in saved][:1]
    return chosen
