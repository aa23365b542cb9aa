"""How well numbers of several digits are read: `python tests/benchmarks/several_digits.py`.

1,000 numbers of 2 to 5 digits are made from the strokes of writers kept for the test of `pen`, one writer a
number; a third of the neighbours touch, the others stand apart. Printed: how many numbers are read right in
every digit, those with spacing and those that touch, how often the count of digits is right, and how many
single digits are cut by mistake. The time is that of the processor, for the slowest and the median picture.
"""

import argparse
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from core import places  # noqa: E402
from core.data.pen import Strokes, Written  # noqa: E402
from core.data.pen_dataset import is_test_writer, read_sources  # noqa: E402
from core.data.pen_rendering import draw  # noqa: E402
from core.drawing.numbers import TooManyDigits  # noqa: E402
from core.prediction.answers import Failure  # noqa: E402
from core.prediction.models import default_runs, model_files  # noqa: E402
from core.prediction.numbers import read_number  # noqa: E402
from core.prediction.predictor import Predictor  # noqa: E402

TOUCHING = 1 / 3  # of the neighbours
HEIGHT = 100.0  # of a digit's strokes, before the pen is chosen
SIDE = 900, 320  # width and height of the pictures, pixels


@dataclass(frozen=True, eq=False)
class Case:
    """A picture (height, width) uint8, white on black, what it says, and how many neighbours touch."""

    picture: np.ndarray
    label: str
    touching: int


def make(number: int, hands: list[list[Written]]) -> Case:
    """One number by one writer."""
    rng = np.random.default_rng([6, number])
    digits = hands[rng.integers(len(hands))]
    chosen = [digits[place] for place in rng.integers(len(digits), size=rng.integers(2, 6))]
    brush = int(rng.integers(6, 19))
    scale = rng.uniform(0.9, 1.6)
    strokes = [_sized(one.strokes, scale * rng.uniform(0.9, 1.1)) for one in chosen]
    touching = rng.random(len(strokes) - 1) < TOUCHING
    canvas = _inked(strokes[0], 0, brush)
    for drawn, touches in zip(strokes[1:], touching, strict=True):
        canvas = _beside(canvas, _inked(drawn, rng.uniform(-8, 8), brush), touches, rng, brush)
    return Case(canvas, "".join(one.label for one in chosen), int(touching.sum()))


def _sized(strokes: Strokes, scale: float) -> Strokes:
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    factor = scale * HEIGHT / max(extent.max(), 1e-6)
    return [(stroke - low) * factor for stroke in strokes]


def _inked(strokes: Strokes, shift: float, brush: int) -> np.ndarray:
    """One digit on a strip as high as all numbers, cropped to its columns."""
    points = np.concatenate(strokes)
    width, height = points.max(axis=0)
    canvas = np.zeros((SIDE[1], int(width) + 2 * brush), np.uint8)
    corner = np.array([brush, SIDE[1] / 2 - height / 2 + shift])
    for stroke in strokes:
        path = np.rint((stroke + corner) * 16).astype(np.int32)
        path = np.repeat(path, 2, axis=0) if len(path) == 1 else path
        cv2.polylines(canvas, [path], False, 255, brush, cv2.LINE_AA, 4)
    inked = np.flatnonzero(canvas.any(axis=0))
    return canvas[:, inked[0] : inked[-1] + 1]


def _beside(canvas: np.ndarray, digit: np.ndarray, touches: bool, rng: np.random.Generator, brush: int):
    """The digit to the right of what is there: so far that ink just touches, or with a gap."""
    gap = _gap(canvas, digit)
    shift = (
        -gap - int(rng.integers(0, brush // 2 + 1))
        if touches
        else max(0, brush - gap) + int(rng.integers(4, 30))
    )
    place = max(0, canvas.shape[1] + shift)
    whole = np.zeros((SIDE[1], max(canvas.shape[1], place + digit.shape[1])), np.uint8)
    whole[:, : canvas.shape[1]] = canvas
    whole[:, place : place + digit.shape[1]] = np.maximum(whole[:, place : place + digit.shape[1]], digit)
    return whole


def _gap(canvas: np.ndarray, digit: np.ndarray) -> int:
    """By how many columns the digit can be moved to the left before it touches."""
    rows = canvas.any(axis=1) & digit.any(axis=1)
    if not rows.any():
        return 0
    right = canvas[rows, ::-1].astype(bool).argmax(axis=1)
    left = digit[rows].astype(bool).argmax(axis=1)
    return int((right + left).min())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--artifacts", type=Path, default=PROJECT / "artifacts")
    parser.add_argument("--data-dir", type=Path, default=places.data_dir())
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--runs", nargs="*", help="who reads; the default runs when left out")
    parser.add_argument("--save", type=Path, help="a folder for what was misread")
    options = parser.parse_args()
    hands = defaultdict(list)
    for characters in read_sources(options.data_dir).values():
        for one in characters:
            if is_test_writer(one.writer) and one.label in "0123456789":
                hands[one.writer].append(one)
    measure([make(number, list(hands.values())) for number in range(options.count)], options)
    singles([one for own in hands.values() for one in own])


def measure(cases: list[Case], options: argparse.Namespace) -> None:
    numbers, took = [], []
    for case in cases:
        began = time.process_time()
        try:
            numbers.append(read_number(np.pad(case.picture, 20)))
        except TooManyDigits:
            numbers.append(None)
        took.append(time.process_time() - began)
    print(f"{1000 * np.median(took):.0f} ms a picture (median), {1000 * max(took):.0f} at most")
    counted = np.array([number is not None and len(number.digits) == len(case.label)
                        for number, case in zip(numbers, cases, strict=True)])  # fmt: skip
    touching = np.array([case.touching > 0 for case in cases])
    images = np.concatenate([number.images for number in numbers if number is not None])
    predictor = Predictor(options.artifacts)
    for run in options.runs or default_runs(model_files(options.artifacts)):
        answer = predictor.predict([run], images)[run]
        if isinstance(answer, Failure):
            raise SystemExit(f"{run} has no answer: {answer.reason}")
        read, start = [], 0
        for number in numbers:
            stop = start + (len(number.digits) if number else 0)
            read.append("".join(map(str, answer.digits[start:stop])))
            start = stop
        right = np.array([said == case.label for said, case in zip(read, cases, strict=True)])
        print(
            f"{run:<48} apart {right[~touching].mean():6.1%} of {(~touching).sum()}, "
            f"touching {right[touching].mean():6.1%} of {touching.sum()} "
            f"(digits counted: {counted[~touching].mean():.1%}, {counted[touching].mean():.1%})"
        )
        if options.save:
            options.save.mkdir(parents=True, exist_ok=True)
            for number in np.flatnonzero(~right):
                case = cases[number]
                name = f"{number}-{case.label}-read-{read[number]}-{case.touching}.png"
                cv2.imwrite(str(options.save / name), case.picture)
    predictor.close()


def singles(digits: list[Written]) -> None:
    """How many single digits are cut."""
    drawn = [draw(one.strokes, np.random.default_rng([8, number])) for number, one in enumerate(digits)]
    cut = [number for number, picture in enumerate(drawn) if len(read_number(picture).digits) != 1]
    print(f"single digits cut by mistake: {len(cut)} of {len(drawn)}")


if __name__ == "__main__":
    main()
