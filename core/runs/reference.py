"""The runs that ship with the project: copies of ordinary runs under a fixed name."""

import shutil
from pathlib import Path
from typing import Any

from core import frameworks
from core.runs import records
from core.runs.status import run_status
from core.runs.writing import written_whole

# The recipe of the runs "handwriting", which read everybody's drawings: chosen by accuracy on writers left
# out of training (`tests/benchmarks/drawing.py --folds`).
HANDWRITING: dict[str, Any] = {
    "dataset": "mnist-pen",
    "augment": True,
    "epochs": 12,
    "schedule": "one-cycle",
    "learning_rate": 0.002,
    "validation_size": 2000,
}


def reference_name(framework: str, architecture: str, augment: bool, dataset: str = "mnist") -> str:
    """`reference-<framework>-<architecture>`, with what the model learned from.

    `-augmented` for those trained on altered images, `-handwriting` for those that met many people's pens.
    """
    kind = "-handwriting" if dataset == HANDWRITING["dataset"] else "-augmented" if augment else ""
    return f"{records.REFERENCE}{framework}-{architecture}{kind}"


def adopt(source: Path, run: str, artifacts: Path) -> str:
    """Copies a finished run from `source` to `artifacts` as a reference run and returns its name.

    History and log stay behind: the metrics file holds the curves.

    Raises:
        core.runs.records.RecordError: the run did not finish, or cannot be read.
    """
    status = run_status(source, run)
    if status.state != "finished":
        raise records.RecordError(f"{run} is {status.state}; only a finished run can be a reference")
    config, _ = records.read_config(source, run)
    metrics = records.read_object(records.metrics_path(source, run))
    name = reference_name(config.framework, config.network.name, config.augment, config.dataset)
    folder = records.run_dir(artifacts, name)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    model = frameworks.constants(config.framework)["MODEL_FILE"]
    for file in (model, "test_probabilities.npy", "test_labels.npy"):
        with written_whole(folder / file) as whole:
            shutil.copyfile(records.run_dir(source, run) / file, whole)
    records.write_config(artifacts, name, config, race="reference")
    records.write_json(records.metrics_path(artifacts, name), {**metrics, "run": name, "race": "reference"})
    return name
