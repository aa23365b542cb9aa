"""Which saved models there are, and which of them answer when nobody has chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from core import frameworks
from core.data.catalogue import DIGIT_NAMES, DatasetError, Way, find_dataset
from core.runs import records
from core.runs.reference import HANDWRITING, reference_name

DEFAULT_ARCHITECTURE = "small-cnn"  # that of the reference runs that read a first drawing


@dataclass(frozen=True)
class ModelFile:
    """A saved model.

    `modified_ns` tells a new file from the old one, `mean` and `std` scale its pixels, `way` is how it wants
    a picture read; `kind` are its network's name, its dataset, and what else it learned from; `variant` is
    which of its shrunk variants this is, a key of `core.runs.shrunk.VARIANTS`, "" for the model itself.
    """

    run: str
    framework: str
    path: str
    modified_ns: int
    dataset: str
    mean: float
    std: float
    class_names: tuple[str, ...]
    way: Way
    kind: tuple[str, ...]
    variant: str = ""

    @property
    def reads_digits(self) -> bool:
        """Whether it tells the ten digits apart."""
        return self.class_names == DIGIT_NAMES


def model_file(artifacts: Path, run: str, data_dir: Path | None = None) -> ModelFile:
    """The run's saved model; `data_dir` is where its dataset is, as for `core.data.catalogue.find_dataset`.

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
        dataset = find_dataset(config.dataset, data_dir)
    except DatasetError as error:
        raise records.RecordError(f"{run} was trained on {config.dataset}, which is not here") from error
    if (dataset.content or None) != config.dataset_content:
        raise records.RecordError(f"{run} was trained on another dataset that was called {config.dataset}")
    scaling = dataset.scaling_constants(config.scaling)
    return ModelFile(
        run, config.framework, str(path), modified, config.dataset, *scaling, dataset.class_names,
        way=dataset.way,
        kind=(config.network.name, config.dataset, str(config.augment), str(config.own_digits)),
    )  # fmt: skip


def model_files(artifacts: Path) -> dict[str, ModelFile]:
    """The models of all runs that can be asked, by run, those of digits first; every run's files are read.

    Reference runs come before the visitor's own, of which the newest come first. Models of different
    classes answer different questions: they are never asked together.
    """
    names = records.run_names(artifacts)
    own = [run for run in names if not records.is_reference(run)]
    files = []
    for run in [*(run for run in names if run not in set(own)), *reversed(own)]:
        try:
            files.append(model_file(artifacts, run))
        except records.RecordError:
            continue  # still training, or a result without its model: nothing to ask
    return {file.run: file for file in sorted(files, key=lambda file: not file.reads_digits)}


def default_runs(files: Mapping[str, ModelFile]) -> list[str]:
    """One run per framework, to be asked about a digit when nobody has chosen.

    Its reference run that has met the most hands: many people's pens, else MNIST's altered, else MNIST's;
    else the newest of the visitor's own.

    Args:
        files: of `model_files`.
    """
    recipes = ((True, HANDWRITING["dataset"]), (True, "mnist"), (False, "mnist"))
    chosen = []
    for framework in frameworks.names():
        newest = [run for run, file in files.items() if file.framework == framework and file.reads_digits]
        references = [reference_name(framework, DEFAULT_ARCHITECTURE, *recipe) for recipe in recipes]
        chosen += [run for run in (*references, *newest) if run in files][:1]
    return chosen


def on_mnist_alone(files: Mapping[str, ModelFile], asked: Sequence[str]) -> dict[str, str]:
    """Of the reference runs asked that met many people's pens: the framework's run that knows MNIST alone.

    Args:
        files: of `model_files`.
        asked: runs among them.
    """
    known = {}
    for run in asked:
        network, dataset = files[run].kind[:2]
        mnist_only = reference_name(files[run].framework, network, augment=True)
        if records.is_reference(run) and dataset == HANDWRITING["dataset"] and mnist_only in files:
            known[run] = mnist_only
    return known


def other_kinds(files: Mapping[str, ModelFile], asked: Sequence[str]) -> list[str]:
    """Runs whose models read digits too, and were made in another way, the most different company first.

    One run of each kind comes first, then a second of each, and so on; within a kind another framework
    each time, the newest run of it.

    Args:
        files: of `model_files`.
        asked: runs among them.
    """
    kinds: dict[tuple[str, ...], dict[str, str]] = {}
    known = {files[run].kind for run in asked}
    for run, file in files.items():
        if file.reads_digits and file.kind not in known:
            kinds.setdefault(file.kind, {}).setdefault(file.framework, run)
    turns = zip_longest(*(list(runs.values()) for runs in kinds.values()))
    return [run for turn in turns for run in turn if run is not None]
