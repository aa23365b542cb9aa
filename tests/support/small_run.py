"""A run on the built-in digits with a small model, and `python -m core shrink` of it as a process."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from core import frameworks
from core.architectures import initial_weights
from core.config import RunConfig
from core.frameworks import numpy_scratch
from core.machine import processes
from core.runs import records
from support.made_models import make_untrained_run

RUN = "made-small"


def make_small_run(artifacts: Path, run: str = RUN, **changes) -> str:
    """A run of the NumPy exhibit whose weights are the shared start."""
    values = {"dataset": "digits", "architecture": "tiny-mlp", **changes}
    make_untrained_run(artifacts, run, "numpy_scratch", **values)
    config, _ = records.read_config(artifacts, run)
    save_small_model(artifacts, run, config)
    return run


def save_small_model(artifacts: Path, run: str, config: RunConfig, seed: int = 0) -> Path:
    """Writes the run's model, with other weights for another seed."""
    path = records.run_dir(artifacts, run) / frameworks.constants("numpy_scratch")["MODEL_FILE"]
    network = config.network
    numpy_scratch.save(numpy_scratch.build(network, initial_weights(network, seed)), path)
    return path


def start_command(*arguments: str) -> "subprocess.Popen[bytes]":
    """`python -m core …` with a pipe for what it prints, in a group of its own."""
    return processes.start(
        processes.COMMAND_LINE,
        *arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def stages(process: "subprocess.Popen[bytes]") -> Iterator[str]:
    """What it says it is at, as soon as it says so, until its output ends."""
    for line in process.stdout:
        if line.startswith(b"{"):
            yield json.loads(line)["stage"]
