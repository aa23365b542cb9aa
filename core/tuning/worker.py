"""Trains fit after fit in one process, whose framework is imported once; `core.tuning.workers` asks.

As a process, `python -m core.tuning.worker ARTIFACTS [DATA]` reads `Fit.to_json` lines from its standard
input and answers each with one line, see `Answer`. It ends as soon as its input does, even in mid-fit, so
it never outlives who started it. It also ends by itself after a run that has a role, whose times and memory
are its own, after one for which the memory did not suffice, and when it grew by GROWTH_MB.
"""

import gc
import json
import os
import queue
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from core.data.datasets import Loader, load_images
from core.machine.environment import memory_mb
from core.machine.piped import take_answers_apart
from core.runs import records
from core.training.memory import is_out_of_memory
from core.training.run import reason_of, train_run
from core.tuning.fits import Fit

# Beyond the memory after the first fit. Measured: TensorFlow keeps 6 to 10 MB of graphs of every Keras fit,
# whatever is cleared, so that a process is fresh again after thirty or more; PyTorch about 1 MB.
GROWTH_MB = 300


@dataclass(frozen=True)
class Answer:
    """What became of a fit. `last`: the worker ends now, and the next fit needs a fresh one."""

    run: str
    status: Literal["finished", "failed", "no room"]
    reason: str = ""
    last: bool = False

    def to_json(self) -> str:
        """One line, which `from_json` reads."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Answer":
        """The answer of a line that `to_json` wrote."""
        return cls(**json.loads(text))


def train(fit: Fit, artifacts: Path, data_dir: Path | None = None, load: Loader = load_images) -> Answer:
    """Trains a fit whose folder is made; whatever goes wrong with it is recorded and answered.

    Args:
        fit: of the runtime that this process holds.
        artifacts: where its run is recorded.
        data_dir: the data folder; None means `core.places.data_dir()`.
        load: as for `core.training.run.train_run`.
    """
    try:
        train_run(artifacts, fit.run, data_dir, load)
    except records.NoRoom as error:
        return Answer(fit.run, "no room", str(error))
    except Exception as error:  # whatever a framework raises concerns this fit only
        return Answer(fit.run, "failed", reason_of(error), last=is_out_of_memory(error))
    if records.metrics_path(artifacts, fit.run).exists():
        return Answer(fit.run, "finished", last=bool(fit.role))
    return Answer(fit.run, "failed", "stopped before its end")


def tidy() -> None:
    """Forgets the last model: Keras keeps what it names until it is told, and models hold themselves."""
    if keras := sys.modules.get("keras"):
        keras.utils.clear_session(free_memory=False)
    gc.collect()


def main() -> None:
    """Answers until the asking side closes the pipe."""
    answers = take_answers_apart()
    artifacts, data_dir = Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else None
    load = lru_cache(maxsize=1)(load_images)  # files are read and checked once for all fits of a study
    least = 0.0
    for line in _lines():
        answer = train(Fit.from_json(line.decode()), artifacts, data_dir, load)
        tidy()
        least = least or memory_mb()
        last = answer.last or memory_mb() > least + GROWTH_MB
        answers.write((Answer(answer.run, answer.status, answer.reason, last).to_json() + "\n").encode())
        answers.flush()
        if last:
            return


def _lines() -> Iterator[bytes]:
    """The questions, one at a time. A thread waits for the end of the input, which ends the process."""
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            asked.put(line)
        os._exit(0)  # nobody waits for the fit that may be training

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield asked.get()


if __name__ == "__main__":
    main()
