"""Which saved models there are, and which of them answer when nobody has chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from core import frameworks
from core.data.catalogue import DIGIT_NAMES, DatasetError, find_dataset
from core.runs import records
from core.runs.reference import reference_name

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
    class_names: tuple[str, ...]


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
    if (dataset.content or None) != config.dataset_content:
        raise records.RecordError(f"{run} was trained on another dataset that was called {config.dataset}")
    scaling = dataset.scaling_constants(config.scaling)
    return ModelFile(
        run, config.framework, str(path), modified, config.dataset, *scaling, dataset.class_names
    )


def models_by_classes(artifacts: Path) -> dict[tuple[str, ...], dict[str, str]]:
    """Every run that can be asked and its framework, by the classes that it tells apart, the digits first.

    Reference runs come first, then the newest first. Models of different classes answer different
    questions: they are never asked together.
    """
    found: dict[tuple[str, ...], dict[str, str]] = {DIGIT_NAMES: {}}
    names = records.run_names(artifacts)
    own = [run for run in names if not records.is_reference(run)]
    for run in [*(run for run in names if run not in set(own)), *reversed(own)]:
        try:
            saved = model_file(artifacts, run)
        except records.RecordError:
            continue  # still training, or a result without its model: nothing to ask
        found.setdefault(saved.class_names, {})[run] = saved.framework
    return found


def saved_models(artifacts: Path) -> dict[str, str]:
    """Every run that can read digits and its framework: reference runs first, then the newest first."""
    return models_by_classes(artifacts)[DIGIT_NAMES]


def default_runs(artifacts: Path) -> list[str]:
    """One run per framework, to be asked when nobody has chosen.

    Its reference run that has met the most hands: many people's pens, else MNIST's altered, else MNIST's;
    else the newest of the visitor's own.
    """
    saved = saved_models(artifacts)
    chosen = []
    for framework in frameworks.names():
        newest = [run for run in saved if saved[run] == framework]
        recipes = ((True, "mnist-pen"), (True, "mnist"), (False, "mnist"))
        references = [reference_name(framework, DEFAULT_ARCHITECTURE, *recipe) for recipe in recipes]
        chosen += [run for run in (*references, *newest) if run in saved][:1]
    return chosen


def other_kinds(artifacts: Path, asked: Sequence[str]) -> list[str]:
    """Saved runs whose models were made in another way than those asked, the most different company first.

    A kind is a network and what it learned from. One run of each kind comes first, then a second of
    each, and so on; within a kind another framework each time, the newest run of it.
    """
    kinds: dict[tuple[str, ...], dict[str, str]] = {}
    known = {_kind(artifacts, run) for run in asked}
    for run, framework in saved_models(artifacts).items():
        if (kind := _kind(artifacts, run)) not in known:
            kinds.setdefault(kind, {}).setdefault(framework, run)
    turns = zip_longest(*(list(runs.values()) for runs in kinds.values()))
    return [run for turn in turns for run in turn if run is not None]


def _kind(artifacts: Path, run: str) -> tuple[str, ...]:
    config, _ = records.read_config(artifacts, run)
    return (config.network.name, config.dataset, str(config.augment), str(config.own_digits))
