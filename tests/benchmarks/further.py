"""What training further on one's own digits brings: `python tests/benchmarks/further.py`.

Of writers whom the run has never met, those whom it reads worst come to draw: five digits of each class
become their own and the run goes on training with them, as the Draw page does it (`Setup.further_training`).
A run that learned from `pen` has not met its test writers, one that knows MNIST alone nobody. Printed per
writer: how many of the other digits are read before and after, and of MNIST's test images; last the mean and
the worst. `--learning-rate`, `--train-size` and `--share` try other values than the page's.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from core import frameworks, places  # noqa: E402
from core.config import RunConfig  # noqa: E402
from core.contract import Callback  # noqa: E402
from core.data import own_digits  # noqa: E402
from core.data.batches import normalise  # noqa: E402
from core.data.catalogue import DATASETS, find_dataset  # noqa: E402
from core.data.datasets import load_images, prepare_data  # noqa: E402
from core.data.pen_dataset import pen_images, read_sources, render  # noqa: E402
from core.races.setup import Setup  # noqa: E402
from core.runs import records  # noqa: E402

OWN = 5  # digits of each class that the visitor has drawn
LEAST = 4  # others of each class, or the writer says too little
Pictures = tuple[np.ndarray, np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", default="reference-pytorch-small-cnn-handwriting")
    parser.add_argument("--artifacts", type=Path, default=places.artifacts_dir())
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--train-size", type=int)
    parser.add_argument("--writers", type=int, default=10)
    parser.add_argument("--share", type=float, default=own_digits.OWN_SHARE)
    options = parser.parse_args()
    own_digits.OWN_SHARE = options.share
    config = further_config(options)
    framework = frameworks.load(config.framework)
    weights = framework.get_weights(
        framework.load(records.run_dir(options.artifacts, options.run) / framework.MODEL_FILE)
    )
    images = load_images(DATASETS["mnist"])
    mnist = images.x_test, images.y_test
    before = framework.build(config.network, weights, config.seed)
    hands = sorted(
        writers(met_pens=config.dataset != "mnist"),
        key=lambda hand: accuracy(framework, before, config, hand.others),
    )
    rows = []
    print(f"{options.run}: {config.train_size} images, learning rate {config.learning_rate}")
    for hand in hands[: options.writers]:
        began = time.perf_counter()
        after = framework.build(config.network, weights, config.seed)
        framework.train(after, prepare_data(config, own=hand.own).train, config, Callback())
        took = time.perf_counter() - began
        row = [
            accuracy(framework, model, config, pictures)
            for pictures in (hand.others, mnist)
            for model in (before, after)
        ]
        rows.append(row)
        print(f"{hand.writer:<18}{len(hand.others[1]):>5} others {shown(row)} {took:>6.1f} s", flush=True)
    print(f"{'mean':<30} {shown(np.mean(rows, axis=0))}")
    print(f"{'worst writer':<30} {shown(min(rows, key=lambda row: row[1]))}")


def further_config(options: argparse.Namespace) -> RunConfig:
    """The configuration of the page's button, with what was asked for in place of its own values."""
    source, _ = records.read_config(options.artifacts, options.run)
    config = Setup.further_training(options.run, source).configs()[0]
    asked: dict[str, Any] = {"learning_rate": options.learning_rate, "train_size": options.train_size}
    changes = {name: value for name, value in asked.items() if value is not None}
    return RunConfig(**{**config.model_dump(), **changes, "device": "cpu"})


@dataclass(frozen=True, eq=False)
class Hand:
    """A writer with the digits that become a visitor's own, and all others."""

    writer: str
    own: Pictures
    others: Pictures


def writers(met_pens: bool) -> list[Hand]:
    """The writers who wrote enough: those kept for the test, or everybody if the run has met no pens."""
    pen = pen_images() if met_pens else render(read_sources(), for_test=lambda writer: True)
    found = []
    for writer in np.unique(pen.test_writers):
        written = np.flatnonzero(pen.test_writers == writer)
        by_class = [written[pen.y_test[written] == digit] for digit in range(10)]
        if min(map(len, by_class)) >= OWN + LEAST:
            own = np.concatenate([of_class[:OWN] for of_class in by_class])
            parts = (own, np.setdiff1d(written, own))
            pictures = [(pen.x_test[part], pen.y_test[part].astype(np.int64)) for part in parts]
            found.append(Hand(str(writer), *pictures))
    return found


def accuracy(framework: ModuleType, model: Any, config: RunConfig, pictures: Pictures) -> float:
    """The fraction of the pictures that the model reads."""
    scaling = find_dataset(config.dataset).scaling_constants(config.scaling)
    said = framework.predict(model, normalise(pictures[0], *scaling)).argmax(axis=1)
    return float((said == pictures[1]).mean())


def shown(row: Any) -> str:
    """Both accuracies before and after."""
    return f"own hand {row[0]:7.2%} -> {row[1]:7.2%}   MNIST {row[2]:.2%} -> {row[3]:.2%}"


if __name__ == "__main__":
    main()
