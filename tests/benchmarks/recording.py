"""What recording costs: training with the recorder against a callback that does nothing.

    python tests/benchmarks/recording.py [--frameworks pytorch,…] [--epochs 5] [--train-size 60000]

On a machine whose speed wavers by a tenth, two trainings cannot be told apart to two hundredths. So one
training alternates: a second with the recorder, a second without, and so on, the first of each pair by
turns. Two figures come out: the ratio of the images trained in a second (median over the pairs and its
95 % interval), and the share of the time that was spent inside the recorder. The bound is 1.02.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from core import frameworks  # noqa: E402
from core.config import RunConfig  # noqa: E402
from core.contract import Callback  # noqa: E402
from core.machine.environment import thread_environment  # noqa: E402
from core.runs import records  # noqa: E402

BLOCK = 1.0  # seconds with or without the recorder; it writes its points, or four times a second


class Alternating(Callback):
    """Hands the steps of every other block to the recorder and drops the others'."""

    def __init__(self, recorder: Callback):
        self.recorder, self.silent = recorder, Callback()
        self.rates: list[float] = []  # steps a second of each finished block: recorded, silent, silent, …
        self.inside = self.total = 0.0
        self._began, self._steps = None, 0

    def recording(self) -> bool:
        """Whether the block that runs now is recorded: yes, no, no, yes, yes, no, …"""
        return len(self.rates) % 4 in (0, 3)

    def on_batch_end(self, step, loss, accuracy):
        """Ends a block when its time is over. The first step, which traces graphs, belongs to none."""
        entered = time.perf_counter()
        if self._began is None:
            self.recorder.on_batch_end(step, loss, accuracy)
            self._began = time.perf_counter()
            return
        recording = self.recording()
        (self.recorder if recording else self.silent).on_batch_end(step, loss, accuracy)
        now = time.perf_counter()
        self.inside += (now - entered) * recording
        self._steps += 1
        if now - self._began >= BLOCK:
            self.rates.append(self._steps / (now - self._began))
            self.total += (now - self._began) * recording
            self._began, self._steps = now, 0


def measure_here(name: str, epochs: int, train_size: int) -> None:
    """Prints the ratios of this framework's pairs and the share of time inside the recorder, as JSON."""
    framework = frameworks.load(name)
    from core.data.datasets import prepare_data
    from core.training.recorder import Events, Recorder
    from core.training.scoring import validate
    from core.training.stopping import look_for_stop

    config = RunConfig(framework=name, train_size=train_size, validation_size=0, epochs=epochs, device="cpu")
    data = prepare_data(config)
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder)
        run = records.create_run(artifacts, config, "benchmark")
        recorder = Recorder(
            Events(artifacts, run),
            data.train,
            config.batch_size,
            config.epochs,
            validate=partial(validate, framework, data),
            look_for_stop=partial(look_for_stop, artifacts, run, None),
        )
        callback = Alternating(recorder)
        framework.train(framework.build(config.network, None, config.seed), data.train, config, callback)
    rates = callback.rates[: len(callback.rates) // 2 * 2]
    pairs = zip(rates[::2], rates[1::2], strict=True)
    ratios = [b / a if place % 2 == 0 else a / b for place, (a, b) in enumerate(pairs)]
    print(json.dumps({"ratios": ratios, "inside": callback.inside / callback.total}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frameworks", default=",".join(frameworks.names()))
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--train-size", type=int, default=60_000)
    parser.add_argument("--here", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return measure_here(options.here, options.epochs, options.train_size)
    import numpy as np
    from scipy.stats import bootstrap

    print(f"{'framework':<18} silent / recorded: median (95 % interval), pairs   inside the recorder")
    for name in options.frameworks.split(","):
        command = [sys.executable, __file__, "--here", name, "--epochs", str(options.epochs)]
        child = subprocess.run(
            [*command, "--train-size", str(options.train_size)],
            env=os.environ | thread_environment(2, "cpu"),
            capture_output=True,
            text=True,
        )
        if child.returncode:
            sys.exit(child.stderr)
        found = json.loads(child.stdout.splitlines()[-1])
        low, high = bootstrap([found["ratios"]], np.median).confidence_interval
        middle, count = np.median(found["ratios"]), len(found["ratios"])
        print(
            f"{name:<18} {middle:.3f} ({low:.3f} to {high:.3f}), {count} pairs   {found['inside']:.2%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
