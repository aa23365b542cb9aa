"""How well models trained on MNIST read drawings: `python tests/benchmarks/drawing.py`.

The pen digits of DIGIT_DERBY_DATA (or `--data-dir`) are rendered white on black on 280 × 280 with round
brushes of 12 to 28 pixels, 30 % to 85 % of the canvas long, anywhere on it. Printed per run: accuracy on
them for each brush width, with the road of `prepare_digit` and with a plain resize, the share of 1,000
MNIST test images that keep their class on the way through a canvas, and the accuracy on MNIST's test set.
Last comes what augmentation costs as a share of an epoch of training.

`--folds` measures the recipe of the reference runs "handwriting" on writers left out, in PyTorch: UCI's in
five folds, UNIPEN's laboratory by laboratory, digits with a habit that MNIST's writers did not have (a slash
through a zero, a foot or an upstroke on a one, a bar on a seven) made from their digits and real ones that
were marked by eye (habits.txt). A fold takes two minutes of two cores.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from core import frameworks, places  # noqa: E402
from core.config import RunConfig  # noqa: E402
from core.contract import Callback  # noqa: E402
from core.data.augmentation import augment  # noqa: E402
from core.data.batches import CHUNK, TrainingData  # noqa: E402
from core.data.catalogue import find_dataset  # noqa: E402
from core.data.datasets import load_images  # noqa: E402
from core.data.pen import read_strokes  # noqa: E402
from core.drawing.preprocessing import prepare_digit  # noqa: E402
from core.machine.environment import thread_environment  # noqa: E402
from core.prediction.answers import Failure  # noqa: E402
from core.prediction.predictor import Predictor  # noqa: E402
from core.runs import records  # noqa: E402
from core.runs.reference import reference_name  # noqa: E402

CANVAS = 280
WIDTHS = ((12, 16), (17, 22), (23, 28))  # brushes, pixels, both ends included


# ── the drawings ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Drawings:
    """Canvases (N, 280, 280) uint8, labels (N,) and brush widths (N,) in pixels."""

    canvases: np.ndarray
    labels: np.ndarray
    brushes: np.ndarray


def render(strokes: list[np.ndarray], brush: int, size: float, place: np.ndarray) -> np.ndarray:
    """White strokes on black, `size` of the canvas long; place (2,) from 0 to 1 is where in the free room."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = size * CANVAS / max(extent.max(), 1)
    corner = brush / 2 + place * np.maximum(CANVAS - brush - extent * scale, 0)
    canvas = np.zeros((2 * CANVAS, 2 * CANVAS), np.uint8)
    for stroke in strokes:
        path = (stroke - low) * scale
        fixed = np.rint(2 * 16 * (path + corner)).astype(np.int32)  # four binary places
        fixed = np.repeat(fixed, 2, axis=0) if len(fixed) == 1 else fixed
        cv2.polylines(canvas, [fixed], False, 255, 2 * brush, cv2.LINE_AA, 4)
    return cv2.resize(canvas, (CANVAS, CANVAS), interpolation=cv2.INTER_AREA)


def draw_pen_digits(path: Path, count: int | None, seed: int = 0) -> Drawings:
    """The digits, or `count` of them chosen at random, each with a brush, size and place of its own."""
    written = read_strokes(path)
    digits, labels = [one.strokes for one in written], np.array([int(one.label) for one in written])
    rng = np.random.default_rng(seed)
    brushes = rng.integers(WIDTHS[0][0], WIDTHS[-1][1], len(digits), endpoint=True)
    sizes, places = rng.uniform(0.3, 0.85, len(digits)), rng.uniform(0, 1, (len(digits), 2))
    chosen = np.sort(rng.permutation(len(digits))[:count])
    canvases = [render(digits[i], int(brushes[i]), sizes[i], places[i]) for i in chosen]
    return Drawings(np.stack(canvases), labels[chosen], brushes[chosen])


def plain_resize(canvas: np.ndarray) -> np.ndarray:
    """What a first attempt does: the whole canvas at 28 × 28."""
    return cv2.resize(canvas, (28, 28), interpolation=cv2.INTER_AREA)


def on_canvas(image: np.ndarray, place: np.ndarray) -> np.ndarray:
    """An MNIST image enlarged onto a canvas; place (2,) from 0 to 1."""
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    size = 7 * CANVAS // 10
    top, left = (place * (CANVAS - size)).astype(int)
    enlarged = cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC)
    canvas[top : top + size, left : left + size] = enlarged
    return canvas


# ── the models ──────────────────────────────────────────────────────────────────────


def reference_runs(artifacts: Path) -> list[str]:
    """The plain and the augmented reference run of every framework, as far as they are there."""
    names = [
        reference_name(framework, "small-cnn", augmented)
        for augmented in (False, True)
        for framework in frameworks.names()
    ]
    return [name for name in names if name in records.run_names(artifacts)]


def measure_models(runs: list[str], artifacts: Path, drawings: Drawings, data_dir: Path) -> None:
    """One line per run; every runtime answers in a process of its own."""
    began = time.perf_counter()
    prepared = np.stack([prepare_digit(canvas) for canvas in drawings.canvases])
    each = 1000 * (time.perf_counter() - began) / len(prepared)
    print(f"{len(prepared)} drawings, {each:.2f} ms each to prepare")
    mnist = load_images(find_dataset("mnist"), data_dir)
    places = np.random.default_rng(1).uniform(0, 1, (1000, 2))
    round_trip = np.stack(
        [prepare_digit(on_canvas(*pair)) for pair in zip(mnist.x_test[:1000], places, strict=True)]
    )
    resized = np.stack([plain_resize(canvas) for canvas in drawings.canvases])
    sets = [prepared, resized, round_trip, mnist.x_test]
    ends = np.cumsum([len(images) for images in sets])
    widths = "".join(f"{low:>5}–{high}" for low, high in WIDTHS)
    print(f"{'run':<48}{'drawings':>9}{widths}{'resize':>8}{'round trip':>12}{'MNIST':>8}")
    predictor = Predictor(artifacts)
    for run in runs:
        answer = predictor.predict([run], np.concatenate(sets))[run]
        if isinstance(answer, Failure):
            raise SystemExit(f"{run} has no answer: {answer.reason}")
        read, plain, again, test = np.split(answer.digits, ends[:-1])
        right = read == drawings.labels
        columns = [
            right[(drawings.brushes >= low) & (drawings.brushes <= high)].mean() for low, high in WIDTHS
        ]
        print(
            f"{run:<48}{right.mean():9.2%}"
            + "".join(f"{share:8.1%}" for share in columns)
            + f"{(plain == drawings.labels).mean():8.1%}{(again == test[:1000]).mean():12.1%}"
            + f"{(test == mnist.y_test).mean():8.2%}"
        )
    predictor.close()


# ── what augmentation costs ─────────────────────────────────────────────────────────


def measure_cost(framework: str, data_dir: Path, count: int) -> None:
    """Seconds to augment the training images and to train on them once, in this process."""
    mnist = load_images(find_dataset("mnist"), data_dir)
    images, labels = mnist.x_train[:count], mnist.y_train[:count]
    config = RunConfig.from_preset(framework, epochs=1, device="cpu")
    mean, std = find_dataset("mnist").scaling_constants(config.scaling)
    rng = np.random.default_rng(0)
    augment(images[:CHUNK], rng)
    began = time.perf_counter()
    for start in range(0, len(images), CHUNK):
        augment(images[start : start + CHUNK], rng)
    augmenting = time.perf_counter() - began
    exhibit = frameworks.load(framework)
    data = TrainingData(images, labels, batch_size=config.batch_size, seed=0, mean=mean, std=std)
    warm_up = TrainingData(images[:640], labels[:640], batch_size=config.batch_size, seed=0)
    model = exhibit.build(config.network, seed=0)
    exhibit.train(model, warm_up, config, Callback())
    began = time.perf_counter()
    exhibit.train(model, data, config, Callback())
    training = time.perf_counter() - began
    print(
        f"{framework:<20} {len(images)} images: augmentation {augmenting:.2f} s, "
        f"one epoch {training:.2f} s, share {augmenting / training:.1%}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--artifacts", type=Path, default=PROJECT / "artifacts")
    parser.add_argument("--data-dir", type=Path, default=places.data_dir())
    parser.add_argument("--runs", nargs="*", help="runs to measure; the reference runs when left out")
    parser.add_argument("--digits", type=int, help="only so many of the pen digits")
    parser.add_argument("--images", type=int, default=60_000, help="training images for the cost")
    parser.add_argument("--cost-of", help="measure only what augmentation costs for this framework")
    parser.add_argument("--folds", nargs="*", type=int, help="the folds of writers, or these of them")
    parser.add_argument("--threads", type=int, default=2, help="for the folds")
    options = parser.parse_args()
    if options.folds is not None:
        import drawing_folds  # imports PyTorch once it trains

        drawing_folds.measure_folds(options.data_dir, options.folds, options.threads)
        return
    if options.cost_of:
        measure_cost(options.cost_of, options.data_dir, options.images)
        return
    path = options.data_dir / "pen-digits" / "pendigits-orig.tra"
    if not path.exists():
        raise SystemExit(f"{path} is missing: set DIGIT_DERBY_DATA or give --data-dir")
    drawings = draw_pen_digits(path, options.digits)
    runs = options.runs or reference_runs(options.artifacts)
    measure_models(runs, options.artifacts, drawings, options.data_dir)
    print("cost of augmentation, 2 threads")
    for framework in frameworks.names():  # one runtime per process
        command = [sys.executable, __file__, "--cost-of", framework, "--images", str(options.images)]
        command += ["--data-dir", str(options.data_dir)]
        subprocess.run(command, check=True, env={**os.environ, **thread_environment(2, "cpu")})


if __name__ == "__main__":
    main()
