"""Runs with a model file, as training leaves them, whose weights are the shared start: every framework
must answer the same. Each runtime saves its models in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from core import frameworks
from core.config import RunConfig
from core.machine.environment import thread_environment
from core.places import PROJECT
from core.runs import records

SAVE = """
import sys
from pathlib import Path
from core import frameworks
from core.runs import records
from core.architectures import initial_weights
artifacts = Path(sys.argv[1])
for run in sys.argv[2:]:
    config, _ = records.read_config(artifacts, run)
    exhibit = frameworks.load(config.framework)
    model = exhibit.build(config.network, initial_weights(config.network, config.seed), config.seed)
    exhibit.save(model, records.run_dir(artifacts, run) / exhibit.MODEL_FILE)
"""


def make_untrained_run(artifacts: Path, run: str, framework: str, **changes) -> str:
    """A run's folder with its configuration and no model."""
    records.run_dir(artifacts, run).mkdir(parents=True)
    records.write_config(artifacts, run, RunConfig.from_preset(framework, **changes), race="made")
    return run


def save_models(artifacts: Path, runs: list[str]) -> None:
    """Puts a model into each of these runs."""
    by_runtime: dict[str, list[str]] = {}
    for run in runs:
        config, _ = records.read_config(artifacts, run)
        by_runtime.setdefault(frameworks.runtime(config.framework), []).append(run)
    for together in by_runtime.values():
        command = [sys.executable, "-c", SAVE, str(artifacts), *together]
        subprocess.run(command, cwd=PROJECT, env=child_environment(), check=True, capture_output=True)


def child_environment() -> dict[str, str]:
    """The environment of a process with one thread."""
    return {**os.environ, **thread_environment(1, "cpu")}


def make_saved_models(artifacts: Path, names: tuple[str, ...] = (), **changes) -> dict[str, str]:
    """One run `made-<framework>` with a model for each framework (all of them by default)."""
    chosen = names or tuple(frameworks.names())
    runs = {name: make_untrained_run(artifacts, f"made-{name}", name, **changes) for name in chosen}
    save_models(artifacts, list(runs.values()))
    return runs
