"""What many visitors cost: memory, answers, and a race that trains beside them.

    python tests/benchmarks/visitors.py [--visitors 50] [--drawings 36] [--pause 5] [--race]

Visitors speak the server's websocket; each draws now and then and leaves. Printed are the answers' times
and the server's memory. With --race, PyTorch trains alone for a while and then with the visitors beside
it: both speeds come from one run. Bounds: 120 MB above the start, answers under 300 ms (95 %).
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from core.prediction.models import default_runs, model_files  # noqa: E402
from core.runs import records  # noqa: E402
from support.browser import AppServer, wait_for  # noqa: E402
from support.made_runs import copy_reference_runs  # noqa: E402
from support.visitor import Visitor, scribble  # noqa: E402

PICTURES = 200  # different drawings


async def visit(url: str, drawings: list[str], pause: float, rng, models: int, times: list[float]) -> None:
    """One visitor who draws, thinks and leaves."""
    await asyncio.sleep(rng.uniform(0, pause))  # visitors do not come in step
    async with Visitor(url, "draw") as visitor:
        for drawing in drawings:
            times.append(await visitor.draw(drawing, models))
            await asyncio.sleep(max(0.0, pause - times[-1]))


async def crowd(url: str, visitors: int, drawings: int, pause: float, models: int) -> list[float]:
    """Everybody's answers, in seconds."""
    rng = np.random.default_rng(0)
    pictures = [scribble(rng) for _ in range(PICTURES)]
    times: list[float] = []
    chosen = [list(rng.choice(pictures, drawings)) for _ in range(visitors)]
    await asyncio.gather(*(visit(url, mine, pause, rng, models, times) for mine in chosen))
    return times


def memory(server: AppServer) -> float:
    """The server's resident memory in MB (2²⁰ bytes)."""
    return psutil.Process(server.process.pid).memory_info().rss / 2**20


def processor(server: AppServer) -> dict[str, float]:
    """Seconds of processor that the server and each of its workers took so far."""
    found = {}
    for process in server.processes():
        command = " ".join(process.cmdline())
        if "core train" not in command:
            name = "server" if "streamlit" in command else "workers" if "worker" in command else "race"
            times = process.cpu_times()
            found[name] = found.get(name, 0.0) + times.user + times.system
    return found


def start_race(server: AppServer, arguments: list[str]) -> tuple[subprocess.Popen, str]:
    """A race on the command line; returns once it trains."""
    command = [sys.executable, "-m", "core", "race", *arguments, "--artifacts", str(server.artifacts)]
    process = subprocess.Popen(command, cwd=PROJECT, env=server.env, stdout=subprocess.DEVNULL)

    def training() -> str | None:
        own = [run for run in records.run_names(server.artifacts) if not records.is_reference(run)]
        return own[0] if own and batches(server, own[0]) else None

    return process, wait_for(training)


def batches(server: AppServer, run: str) -> list[dict]:
    """The run's batch events so far."""
    return [event for event in records.read_events(server.artifacts, run)[0] if event["event"] == "batch"]


def speed(events: list[dict], begin: float, end: float) -> float:
    """Steps a second of the training clock between two times of day."""
    inside = [event for event in events if begin <= event["time"] <= end]
    first, last = inside[0], inside[-1]
    return (last["step"] - first["step"]) / (last["seconds"] - first["seconds"])


def measure(server: AppServer, options: argparse.Namespace) -> None:
    """Warms up, lets everybody come and go, and prints."""
    models = len(default_runs(model_files(server.artifacts)))
    asyncio.run(crowd(server.url, 1, 3, 3.0, models))  # the workers have loaded their models
    start = memory(server)
    if options.race:
        arguments = ["--frameworks", "pytorch", "--dataset", "mnist", "--epochs", "30"]
        race, run = start_race(server, arguments)
        time.sleep(options.alone)
        quiet = time.time()
    before, began = processor(server), time.perf_counter()
    times = asyncio.run(crowd(server.url, options.visitors, options.drawings, options.pause, models))
    took = time.perf_counter() - began
    after = processor(server)
    median, late = np.percentile([1000 * value for value in times], [50, 95])
    print(f"{len(times):,} answers of {models} models: median {median:.0f} ms, 95 % {late:.0f} ms, "
          f"{len(times) / took:.1f} a second")  # fmt: skip
    shares = ", ".join(f"{name} {100 * (after[name] - before.get(name, 0)) / took:.0f} %" for name in after)
    print(f"processor: {shares} of a core")
    if options.race:
        end = time.time()
        events = batches(server, run)
        alone, beside = speed(events, quiet - options.alone + 3, quiet), speed(events, quiet, end)
        print(f"PyTorch: {alone:.1f} steps a second alone, {beside:.1f} with visitors ({beside / alone:.0%})")
        race.kill()
    time.sleep(3)
    print(f"server: {start:.0f} MB at the start, {memory(server):.0f} MB after everybody left "
          f"({memory(server) - start:+.0f})")  # fmt: skip


def main() -> None:
    """Starts a server of its own and measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--drawings", type=int, default=36)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two drawings")
    parser.add_argument("--race", action="store_true", help="PyTorch trains meanwhile (needs MNIST)")
    parser.add_argument("--alone", type=float, default=20.0, help="seconds that it trains alone first")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = AppServer(copy_reference_runs(Path(folder) / "artifacts"))
        try:
            measure(server, options)
        finally:
            server.close()


if __name__ == "__main__":
    main()
