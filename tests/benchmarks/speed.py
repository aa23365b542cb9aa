"""How fast the exhibits train, beside the loop that the usual guides write.

    DIGIT_DERBY_DATA=folder python tests/benchmarks/speed.py [--repeat 3] [--images 60000] [--only a,b]

Every measurement is a process of its own that trains two epochs on MNIST and counts the second:
like the app's clock it leaves out the first step, in which TensorFlow traces its graphs. The
contestants take turns, so that a machine that slows down slows all of them. Medians are compared; in
brackets the lowest and highest ratio within one turn. The guide's loop reads torchvision's dataset
through ToTensor, Normalize and a DataLoader.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from core.config import RunConfig  # noqa: E402
from core.machine.environment import thread_environment  # noqa: E402

GUIDE = "guide's loop"
# (framework, compared with, at most so many times its seconds)
BOUNDS = {
    "small-cnn": [
        ("pytorch", GUIDE, 0.40),
        ("tensorflow_tape", GUIDE, 0.40),
        ("keras_fit", GUIDE, 0.50),
        ("sklearn_scikeras", GUIDE, 0.55),
        ("numpy_scratch", "pytorch", 5.0),
    ],
    "tiny-mlp": [("pytorch", GUIDE, 0.35)],
    "sprint": [("pytorch", GUIDE, 0.60), ("tensorflow_tape", GUIDE, 0.60)],
}
GUIDES_OWN = {"sprint": "small-cnn"}  # the network and recipe that the guide's loop has in its place


def main() -> None:
    options = parse()
    if options.child:
        print(json.dumps(measure(options)))
        return
    for architecture in options.architectures.split(","):
        wanted = [name for name, *_ in BOUNDS[architecture]]
        if options.only:
            wanted = [name for name in wanted if name in options.only.split(",")]
        seconds = take_turns(architecture, [GUIDE, *wanted], options)
        report(architecture, seconds)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Seconds an epoch, as a ratio to the usual guide's loop.")
    parser.add_argument("--repeat", type=int, default=3, help="processes per contestant; medians count")
    parser.add_argument("--images", type=int, default=60_000, help="training images")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--architectures", default="small-cnn,tiny-mlp")
    parser.add_argument("--only", help="frameworks, with commas between them")
    parser.add_argument("--data-dir", default=os.environ.get("DIGIT_DERBY_DATA"))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.data_dir:
        parser.error("say where MNIST is: --data-dir or DIGIT_DERBY_DATA")
    return options


def take_turns(architecture: str, names: list[str], options: argparse.Namespace) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(options.repeat):
        for name in names:
            command = [sys.executable, __file__, "--child", name, "--architectures", architecture]
            command += ["--images", str(options.images), "--data-dir", options.data_dir]
            command += ["--threads", str(options.threads)]
            environment = os.environ | thread_environment(options.threads, "cpu")
            process = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            epochs = json.loads(process.stdout.splitlines()[-1])
            seconds[name].append(epochs[1])
            print(f"{architecture} {turn + 1}/{options.repeat} {name}: {epochs[1]:.2f} s", flush=True)
    return seconds


def report(architecture: str, seconds: dict[str, list[float]]) -> None:
    medians = {name: median(values) for name, values in seconds.items()}
    print(f"\n{architecture}: seconds an epoch, median of {len(seconds[GUIDE])}")
    print(f"  {GUIDE:<18} {medians[GUIDE]:7.2f}")
    for name, against, bound in BOUNDS[architecture]:
        if name in medians and against in medians:
            ratio = medians[name] / medians[against]
            verdict = "ok" if ratio <= bound else "TOO SLOW"
            turns = [own / other for own, other in zip(seconds[name], seconds[against], strict=True)]
            spread = f"({min(turns):.2f} to {max(turns):.2f})"
            row = f"{medians[name]:7.2f}   {ratio:5.2f} {spread} × {against:<12} bound {bound:.2f}"
            print(f"  {name:<18} {row}  {verdict}")
    print()


# ── in the process of one contestant ────────────────────────────────────────────────


def measure(options: argparse.Namespace) -> list[float]:
    """Seconds of the first and the second epoch."""
    framework, architecture = options.child, options.architectures
    if framework == GUIDE:
        framework, architecture = "pytorch", GUIDES_OWN.get(architecture, architecture)
    config = RunConfig.from_preset(
        framework,
        architecture,
        epochs=2,
        validation_size=0,
        train_size=options.images,
        scaling="standardize",
        device="cpu",
        threads=options.threads,
    )
    train = guide_loop if options.child == GUIDE else exhibit
    return train(config, options.data_dir)


def exhibit(config: RunConfig, data_dir: str) -> list[float]:
    from core import frameworks
    from core.architectures import initial_weights
    from core.contract import Callback
    from core.data.datasets import prepare_data

    class Stopwatch(Callback):
        def on_epoch_end(self, epoch, loss, accuracy, model):
            ends.append(time.perf_counter())

    framework = frameworks.load(config.framework)
    data = prepare_data(config, data_dir).train
    model = framework.build(config.network, initial_weights(config.network, config.seed), config.seed)
    ends = [time.perf_counter()]
    framework.train(model, data, config, Stopwatch())
    return [later - earlier for earlier, later in pairwise(ends)]


def guide_loop(config: RunConfig, data_dir: str) -> list[float]:
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, Subset
    from torchvision import datasets, transforms

    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    images = datasets.MNIST(data_dir, train=True, transform=transform)
    if config.train_size < len(images):
        images = Subset(images, range(config.train_size))
    loader = DataLoader(images, batch_size=config.batch_size, shuffle=True)
    torch.manual_seed(config.seed)
    if config.architecture == "tiny-mlp":
        model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.ReLU(), nn.Linear(10, 10))
    else:
        model = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(32 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10),
        )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate)
    criterion = nn.CrossEntropyLoss()
    ends = [time.perf_counter()]
    for _ in range(config.epochs):
        model.train()
        running_loss = 0.0
        for batch, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(batch), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        ends.append(time.perf_counter())
    return [later - earlier for earlier, later in pairwise(ends)]


if __name__ == "__main__":
    main()
