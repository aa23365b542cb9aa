"""How far two train times must lie apart to mean anything: the same runs, over and over, in turns.

    python tests/benchmarks/times.py [--repeats 10] [--epochs 20] [--frameworks pytorch,numpy_scratch]

Races `small-cnn` on the built-in digits as `python -m core race --repeats` does and prints, as Markdown,
each time and how much the same run varies: the ratio of two runs taken at random, and of the fastest of
three consecutive ones. `CLOSE_TIMES` and `CLOSE_REPEATS` in core/comparison/significance.py are chosen from
the last two columns. Some four minutes on two quiet cores.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from itertools import combinations, pairwise
from pathlib import Path
from statistics import median, quantiles

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from core.comparison.significance import CLOSE_REPEATS, CLOSE_TIMES  # noqa: E402
from core.frameworks import title  # noqa: E402

TURNS = 3  # of a race for the clock


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory() as folder:
        runs = race(options, Path(folder))
    times = {name: [run["train_time_sec"] for run in taken] for name, taken in runs.items()}
    print_each(runs)
    print_spread(times)
    apart = max(within(taken) for taken in times.values())
    print(f"\nTold apart: single runs from {apart:.2f} times on (the app says {CLOSE_TIMES:g}),", end=" ")
    repeated = max(within(fastest_of_turns(taken)) for taken in times.values())
    print(f"the fastest of {TURNS} in turns from {repeated:.2f} (the app says {CLOSE_REPEATS:g}).")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How much the time of the same run varies.")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--frameworks", default="pytorch,numpy_scratch")
    return parser.parse_args()


def race(options: argparse.Namespace, folder: Path) -> dict[str, list[dict]]:
    """Framework → metrics of its runs, in the order in which they trained."""
    command = [sys.executable, "-m", "core", "race", "--dataset", "digits", "--artifacts", str(folder)]
    command += ["--frameworks", options.frameworks, "--epochs", str(options.epochs)]
    command += ["--repeats", str(options.repeats)]
    environment = os.environ | {"DIGIT_DERBY_LINE": str(folder / "line")}
    subprocess.run(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, check=True)
    found: dict[str, list[tuple[float, dict]]] = {}
    for path in folder.glob("*_metrics.json"):
        metrics = json.loads(path.read_text(encoding="utf-8"))
        found.setdefault(metrics["framework"], []).append((path.stat().st_mtime, metrics))
    in_order = {name: sorted(taken, key=lambda pair: pair[0]) for name, taken in found.items()}
    return {name: [metrics for _, metrics in taken] for name, taken in in_order.items()}


def print_each(runs: dict[str, list[dict]]) -> None:
    print("| turn | " + " | ".join(f"{title(name)} | processor" for name in runs) + " | busy |")
    print("|---:|" + "---:|---:|" * len(runs) + "---|")
    for turn, taken in enumerate(zip(*runs.values(), strict=True), 1):
        cells = [f"{run['train_time_sec']:.2f} s | {run['timing']['cpu_s']:.2f} s" for run in taken]
        busy = ", ".join(title(run["framework"]) for run in taken if run["busy"])
        print(f"| {turn} | {' | '.join(cells)} | {busy or '–'} |")


def print_spread(times: dict[str, list[float]]) -> None:
    print("\n| framework | median | lowest to highest | highest ÷ lowest | two neighbours, at most "
          "| two runs, 95 % | fastest of three, 95 % |\n|---|---:|---:|---:|---:|---:|---:|")  # fmt: skip
    for name, taken in times.items():
        neighbours = max(ratio(*pair) for pair in pairwise(taken))
        cells = [
            title(name),
            f"{median(taken):.2f} s",
            f"{min(taken):.2f} to {max(taken):.2f} s",
            f"{max(taken) / min(taken):.2f}",
            f"{neighbours:.2f}",
            f"{within(taken):.2f}",
            f"{within(fastest_of_turns(taken)):.2f}",
        ]
        print(f"| {' | '.join(cells)} |")


def ratio(first: float, second: float) -> float:
    return max(first, second) / min(first, second)


def within(times: list[float]) -> float:
    """The ratio of two of these times that only one pair in twenty exceeds."""
    ratios = [ratio(*pair) for pair in combinations(times, 2)]
    return quantiles(ratios, n=20, method="inclusive")[-1] if len(ratios) > 1 else max(ratios, default=1.0)


def fastest_of_turns(times: list[float]) -> list[float]:
    """The fastest of every three consecutive runs."""
    return [min(times[start : start + TURNS]) for start in range(len(times) - TURNS + 1)]


if __name__ == "__main__":
    main()
