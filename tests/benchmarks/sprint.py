"""What the preset `sprint` is worth: how well it reads, how long it trains, how long the whole race takes.

    DIGIT_DERBY_DATA=folder python tests/benchmarks/sprint.py [--seeds 10] [--only accuracy,time,race]

accuracy   mean test accuracy of one epoch over the seeds, at least 98.9 % in PyTorch and TensorFlow
time       an epoch of 60,000 images beside the guide's (tests/benchmarks/speed.py), at most 0.6 of it
race       five frameworks one after another, imports included, in at most 100 seconds

Accuracy and race are ordinary races of the command line, 5,000 images held out for validation. The
recipe was chosen on validation images; the test images only say what came out. Time and race want a
quiet machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean, stdev

import speed

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from core.frameworks import title  # noqa: E402

MEASURED = ("pytorch", "tensorflow_tape")
LEAST_ACCURACY, MOST_SECONDS = 0.989, 100.0
PARTS = ("accuracy", "time", "race")


def main() -> None:
    options = parse()
    for part in options.only.split(","):
        {"accuracy": accuracy, "time": times, "race": whole_race}[part](options)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Accuracy and time of the preset sprint.")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--frameworks", default=",".join(MEASURED), help="whose accuracy and time")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between them")
    parser.add_argument("--repeat", type=int, default=3, help="turns of the time; medians count")
    parser.add_argument("--images", type=int, default=60_000, help="training images of the time")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data-dir", default=os.environ.get("DIGIT_DERBY_DATA"))
    options = parser.parse_args()
    if not options.data_dir:
        parser.error("say where MNIST is: --data-dir or DIGIT_DERBY_DATA")
    if unknown := set(options.only.split(",")) - set(PARTS):
        parser.error(f"no part is called {', '.join(unknown)}; choose from {', '.join(PARTS)}")
    return options


def race(options: argparse.Namespace, frameworks: str, seeds: int) -> list[dict]:
    """Metrics of every run of an ordinary race."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "core", "race", "--architecture", "sprint", "--artifacts", folder]
        command += ["--frameworks", frameworks, "--seeds", ",".join(map(str, range(seeds)))]
        command += ["--threads", str(options.threads), "--data-dir", options.data_dir]
        environment = os.environ | {"DIGIT_DERBY_LINE": f"{folder}/line"}
        subprocess.run(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, check=True)
        files = Path(folder).glob("*_metrics.json")
        return [json.loads(path.read_text(encoding="utf-8")) for path in files]


def accuracy(options: argparse.Namespace) -> None:
    runs = race(options, options.frameworks, options.seeds)
    print(f"\n| framework | mean test accuracy, {options.seeds} seeds | spread | lowest to highest |  |")
    print("|---|---:|---:|---:|---|")
    for name in options.frameworks.split(","):
        reached = [run["test_accuracy"] for run in runs if run["framework"] == name]
        spread = 100 * stdev(reached) if len(reached) > 1 else 0.0
        span = f"{100 * min(reached):.2f} to {100 * max(reached):.2f} %"
        verdict = "ok" if mean(reached) >= LEAST_ACCURACY else "TOO LOW"
        print(f"| {title(name)} | {100 * mean(reached):.2f} % | {spread:.2f} | {span} | {verdict} |")


def times(options: argparse.Namespace) -> None:
    print()
    speed.report("sprint", speed.take_turns("sprint", [speed.GUIDE, *options.frameworks.split(",")], options))


def whole_race(options: argparse.Namespace) -> None:
    began = time.perf_counter()
    runs = race(options, "all", seeds=1)
    took = time.perf_counter() - began
    print("\n| framework | test accuracy | training | images/s | import |\n|---|---:|---:|---:|---:|")
    for run in sorted(runs, key=lambda run: run["train_time_sec"]):
        cells = [title(run["framework"]), f"{100 * run['test_accuracy']:.2f} %"]
        cells += [f"{run['train_time_sec']:.1f} s", f"{run['images_per_second']:,.0f}"]
        print(f"| {' | '.join(cells)} | {run['timing']['import_s']:.1f} s |")
    verdict = "ok" if took <= MOST_SECONDS else "TOO SLOW"
    print(f"\nFive frameworks, imports included: {took:.0f} s, bound {MOST_SECONDS:.0f} s  {verdict}")


if __name__ == "__main__":
    main()
