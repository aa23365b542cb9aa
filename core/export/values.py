"""What a run was given and recorded, as constants of the file that repeats it."""

import json
from typing import Any

from core import frameworks
from core.export.recorded import Recorded
from core.machine.environment import thread_environment

# As torchvision.datasets names them.
MIRRORS = {
    "mnist": ("https://ossci-datasets.s3.amazonaws.com/mnist", "http://yann.lecun.com/exdb/mnist"),
    "fashion-mnist": ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",),
}
# Where threads sleep and how output is passed on: not what a run computes.
NOT_COMPUTED = ("GOMP_SPINCOUNT", "OPENBLAS_THREAD_TIMEOUT", "PYTHONUNBUFFERED")
# Fields that a file holds as constants of its own.
FIELDS = (
    "seed", "epochs", "batch_size", "learning_rate", "momentum", "decay", "device", "validation_size",
    "train_size",
)  # fmt: skip


def run_values(recorded: Recorded) -> dict[str, str]:
    """Name → Python text of everything that decides the run, and of what it recorded to compare with."""
    config, about = recorded.config, recorded.environment
    mean, std = recorded.dataset.scaling_constants(config.scaling)
    cores, threads = about.get("cores"), about.get("threads")
    words = [about.get("cpu"), cores and f"{cores} cores", threads and f"{threads} threads"]
    return {
        **{name.upper(): literal(getattr(config, name)) for name in FIELDS},
        "MEAN": literal(mean),
        "STD": literal(std),
        "WEIGHT_SHAPES": "[\n" + "".join(f"    {one},\n" for one in config.network.weight_shapes()) + "]",
        "RECORDED_ACCURACY": literal(recorded.accuracy),
        "RECORDED_ON": literal(", ".join([*filter(None, words), f"device {config.device}"])),
        "RECORDED_VERSIONS": _table(recorded.versions),
    }


def file_values(recorded: Recorded) -> dict[str, str]:
    """Name → Python text of where the dataset's files are, and how they are recognised."""
    dataset = recorded.dataset
    mirrors = "".join(f"    {literal(address)},\n" for address in MIRRORS.get(dataset.name, ()))
    return {
        "SUBFOLDER": literal(dataset.subfolder),
        "MIRRORS": f"(\n{mirrors})",
        "FILES": _table({file.name: file.md5 for file in dataset.files}),
    }


def environment_lines(recorded: Recorded) -> str:
    """The lines that set what the run's process had set before anything was imported."""
    config = recorded.config
    variables = thread_environment(config.threads, config.device, frameworks.runtime(config.framework))
    left_out = {*NOT_COMPUTED, *(["NVIDIA_TF32_OVERRIDE"] if config.device == "cpu" else [])}
    kept = {name: value for name, value in variables.items() if name not in left_out}
    return f"import os\n\n# Before anything is imported that reads them.\nos.environ |= {_table(kept)}\n"


def literal(value: Any) -> str:
    """A plain value as Python writes it, text in double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _table(values: dict[str, str]) -> str:
    return "{\n" + "".join(f"    {literal(key)}: {literal(value)},\n" for key, value in values.items()) + "}"
