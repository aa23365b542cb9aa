"""Small runs that are really trained, their files run in an empty folder, and the losses of both."""

import json
import os
import subprocess
import sys
from pathlib import Path

from core import frameworks
from core.config import RunConfig
from core.machine.environment import thread_environment
from core.places import PROJECT
from core.runs import records

TRAIN = """
import sys
from pathlib import Path
from core.training.run import train_run
for run in sys.argv[2:]:
    train_run(Path(sys.argv[1]), run)
"""
# The running means that the exhibit itself reports, with the project's own images and batches.
LOSSES_OF_RUN = """
import json, sys
from pathlib import Path
from core import frameworks
from core.data.datasets import prepare_data
from core.runs.records import read_config
from core.training.run import _start
class Kept:
    losses = []
    def on_batch_end(self, step, loss, accuracy):
        self.losses.append(float(loss))
    def on_epoch_end(self, epoch, loss, accuracy, model):
        pass
config, _ = read_config(Path(sys.argv[1]), sys.argv[2])
config = config.model_copy(update={"device": "cpu"})
exhibit = frameworks.load(config.framework)
model = exhibit.build(config.network, _start(Path(sys.argv[1]), config, exhibit), config.seed)
exhibit.train(model, prepare_data(config).train, config, Kept())
print(json.dumps(Kept.losses))
"""
LOSSES_OF_FILE = """
import importlib, json, sys
sys.path.insert(0, "")
file = importlib.import_module(sys.argv[1])
kept = []
class Kept(file.Progress):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        kept.append(self)
file.Progress = Kept
file.main()
print(json.dumps(kept[0].losses))
"""


def small_config(framework: str, preset: str = "small-cnn", **changes) -> RunConfig:
    """Three epochs on the built-in digits, on the processor; enough steps to compare fifty of most."""
    changes = {"dataset": "digits", "epochs": 3, "threads": 2, "device": "cpu", "train_size": 600, **changes}
    return RunConfig.from_preset(framework, preset, **changes)


def train(artifacts: Path, config: RunConfig) -> str:
    """Trains a run in a process of its own, as a race does, and returns its name."""
    run = records.create_run(artifacts, config, "race")
    _python(TRAIN, artifacts, run, environment=_run_environment(config))
    return run


def losses_of_run(artifacts: Path, run: str) -> list[float]:
    """What the exhibit reports after every step when it trains this run again."""
    config, _ = records.read_config(artifacts, run)
    output = _python(LOSSES_OF_RUN, artifacts, run, environment=_run_environment(config))
    return json.loads(output.splitlines()[-1])


def run_file(path: Path, **variables: str) -> list[str]:
    """Runs a script in its folder with next to no environment; the lines that it printed."""
    return _run([sys.executable, "-I", path.name], _clean(path.parent, variables), path.parent).splitlines()


def losses_of_file(path: Path, **variables: str) -> tuple[list[float], str]:
    """What a script reports after every step, and its own last line."""
    arguments = [sys.executable, "-c", LOSSES_OF_FILE, path.stem]
    *_, last, losses = _run(arguments, _clean(path.parent, variables), path.parent).splitlines()
    return json.loads(losses), last


def _clean(folder: Path, variables: dict[str, str]) -> dict[str, str]:
    return {"PATH": os.defpath, "HOME": str(folder), **variables}


def _run_environment(config: RunConfig) -> dict[str, str]:
    runtime = frameworks.runtime(config.framework)
    return {**os.environ, **thread_environment(config.threads, config.device, runtime)}


def _python(code: str, *arguments: object, environment: dict[str, str]) -> str:
    return _run([sys.executable, "-c", code, *map(str, arguments)], environment, PROJECT)


def _run(arguments: list[str], environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(arguments, env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
