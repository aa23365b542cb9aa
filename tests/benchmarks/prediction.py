"""How fast the models answer: `python tests/benchmarks/prediction.py`.

One visitor and ten at once, each stroke prepared and read by one reference run per framework; the time
from a cold start; and the road for files, `python -m core predict`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from core.drawing.preprocessing import prepare_digit  # noqa: E402
from core.places import artifacts_dir  # noqa: E402
from core.prediction.answers import Failure  # noqa: E402
from core.prediction.models import default_runs, model_files  # noqa: E402
from core.prediction.predictor import Predictor  # noqa: E402

PAUSE = 0.5  # seconds between two strokes of a quick hand


def drawing(rng: np.random.Generator) -> np.ndarray:
    """A scribble of three lines, as the page takes it from the canvas."""
    picture = Image.new("L", (320, 320))
    corners = [tuple(point) for point in rng.integers(60, 260, (4, 2)).tolist()]
    ImageDraw.Draw(picture).line(corners, fill=255, width=22, joint="curve")
    return np.asarray(picture)


def visit(predictor: Predictor, runs: list[str], strokes: int, pause: float, seed: int) -> list[float]:
    """Milliseconds from each stroke's arrival to the last model's answer."""
    rng = np.random.default_rng(seed)
    drawings = [drawing(rng) for _ in range(strokes)]
    times = []
    time.sleep(rng.uniform(0, pause))  # visitors do not draw in step
    for picture in drawings:
        began = time.perf_counter()
        answers = predictor.predict(runs, prepare_digit(picture)[None])
        times.append(1000 * (time.perf_counter() - began))
        failed = [answer.reason for answer in answers.values() if isinstance(answer, Failure)]
        if failed:
            raise SystemExit(f"a model has no answer: {failed[0]}")
        time.sleep(pause)
    return times


def show(what: str, times: list[float]) -> None:
    """One line: median and 95th percentile."""
    median, late = np.percentile(times, [50, 95])
    print(f"{what:<44} median {median:6.1f} ms   95 % {late:6.1f} ms   ({len(times)} answers)")


def measure_visitors(artifacts: Path, runs: list[str]) -> None:
    """Cold start, one visitor, ten visitors."""
    predictor = Predictor(artifacts)
    try:
        began = time.perf_counter()
        futures = predictor.submit(runs, np.zeros((1, 28, 28), np.uint8))
        names = {future: run for run, future in futures.items()}
        for future in as_completed(names):
            print(f"{'cold: ' + names[future]:<44} {time.perf_counter() - began:6.1f} s")
        show("one visitor", visit(predictor, runs, 100, 0.02, 0))
        for what, pause in (
            ("ten visitors, a stroke each 0.5 s", PAUSE),
            ("ten visitors, without a pause", 0),
        ):
            with ThreadPoolExecutor(10) as visitors:
                visits = visitors.map(lambda seed: visit(predictor, runs, 30, pause, seed), range(10))  # noqa: B023
                show(what, [milliseconds for visit_times in visits for milliseconds in visit_times])
    finally:
        predictor.close()


def measure_files(artifacts: Path, runs: list[str], count: int) -> None:
    """The command line on a folder of pictures, start of the workers included."""
    with tempfile.TemporaryDirectory() as folder:
        rng = np.random.default_rng(1)
        for number in range(count):
            Image.fromarray(drawing(rng)).save(Path(folder) / f"{number:05d}.png")
        command = [sys.executable, "-m", "core", "predict", "--json", "--artifacts", str(artifacts)]
        began = time.perf_counter()
        result = subprocess.run(
            [*command, "--runs", ",".join(runs), folder], cwd=PROJECT, stdout=subprocess.PIPE, check=True
        )
        seconds = time.perf_counter() - began
    read = sum("predictions" in entry for entry in json.loads(result.stdout))
    print(f"{count:,} pictures, {len(runs)} models: {seconds:.1f} s ({read:,} read)")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--artifacts", type=Path, default=artifacts_dir())
    parser.add_argument("--pictures", type=int, default=3500)
    arguments = parser.parse_args()
    runs = default_runs(model_files(arguments.artifacts))
    if not runs:
        raise SystemExit(f"no run in {arguments.artifacts} has a saved model")
    print(f"models: {', '.join(runs)}")
    measure_visitors(arguments.artifacts.absolute(), runs)
    measure_files(arguments.artifacts.absolute(), runs, arguments.pictures)


if __name__ == "__main__":
    main()
