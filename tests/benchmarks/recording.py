"""What recording costs: training with the recorder against a callback that does nothing.

    python tests/benchmarks/recording.py [--frameworks pytorch,…] [--repeat 5] [--train-size 20000]

Pairs of runs in turn, each pair in one process; the bound is a ratio of 1.02.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from core import frameworks, records  # noqa: E402
from core.config import RunConfig  # noqa: E402
from core.environment import thread_environment  # noqa: E402


def measure_here(name: str, repeat: int, train_size: int) -> None:
    """Prints the ratios of this framework, one a line; the first pair warms up and does not count."""
    framework = frameworks.load(name)
    from core.datasets import prepare_data
    from core.training import Recorder
    from core.types import Callback

    config = RunConfig(framework=name, train_size=train_size, validation_size=0, epochs=1, device="cpu")
    data = prepare_data(config)
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder)
        run = records.create_run(artifacts, config, "benchmark")
        for pair in range(repeat + 1):
            silent = _seconds(framework, config, data, Callback())
            recorder = Recorder(artifacts, run, config, framework, data)
            recorded = _seconds(framework, config, data, recorder)
            if pair:
                print(recorded / silent)


def _seconds(framework, config: RunConfig, data, callback) -> float:
    model = framework.build(config.network, None, config.seed)
    began = time.perf_counter()
    framework.train(model, data.train, config, callback)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frameworks", default=",".join(frameworks.names()))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--train-size", type=int, default=20_000)
    parser.add_argument("--here", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return measure_here(options.here, options.repeat, options.train_size)
    print(f"{'framework':<18} recorded / silent: median (smallest to largest)")
    for name in options.frameworks.split(","):
        command = [sys.executable, __file__, "--here", name, "--repeat", str(options.repeat)]
        child = subprocess.run(
            [*command, "--train-size", str(options.train_size)],
            env=os.environ | thread_environment(2, "cpu"),
            capture_output=True,
            text=True,
        )
        if child.returncode:
            sys.exit(child.stderr)
        ratios = [float(line) for line in child.stdout.split()]
        print(f"{name:<18} {median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})", flush=True)


if __name__ == "__main__":
    main()
