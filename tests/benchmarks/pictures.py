"""How well digits are found on pictures as people have them: `python tests/benchmarks/pictures.py`.

At least 1,000 made pictures (`tests/support/made_pictures.py`): every kind in three strengths, with digits
of pens (DIGIT_DERBY_DATA or `--data-dir`), of MNIST's test set and of several fonts. Printed by kind:
`read`, the share that the majority of the augmented reference runs reads right among the digits that it
reads right from the ink alone, white on black, so that what the models cannot read anyway does not count;
`label`, the share read right of all. Then how many pictures are read differently at some JPEG quality from
40 to 100, and how long `prepare_digit` takes. `--save DIR` keeps the pictures that were misread.
"""

import argparse
import io
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from core import frameworks, places  # noqa: E402
from core.data.catalogue import find_dataset  # noqa: E402
from core.data.datasets import load_images  # noqa: E402
from core.data.pen import read_strokes  # noqa: E402
from core.drawing.ink import EmptyDrawing  # noqa: E402
from core.drawing.pictures import open_picture  # noqa: E402
from core.drawing.preprocessing import prepare_digit  # noqa: E402
from core.prediction.answers import Failure  # noqa: E402
from core.prediction.predictor import Predictor  # noqa: E402
from core.runs.reference import reference_name  # noqa: E402
from support.made_digits import Digit, ink_of, typed_digit  # noqa: E402
from support.made_pictures import KINDS, PEN_OF  # noqa: E402

SHAPES = ((480, 640), (640, 480), (600, 600), (768, 1024), (400, 400))
QUALITIES = (100, 95, 92, 88, 80, 70, 55, 40)
TURNS = {3: 180, 6: 90, 8: 270}  # EXIF orientation and the degrees that undo it
NOTHING = np.zeros((28, 28), np.uint8)  # stands for a picture in which no digit was found


@dataclass(frozen=True, eq=False)
class Case:
    """A made picture: its file, and the ink alone (height, width) uint8, white on black."""

    kind: str
    strength: int
    label: int
    content: bytes
    clean: np.ndarray
    pixels: np.ndarray


def some_digits(data_dir: Path) -> Iterator[Digit]:
    """Digits of all sources in turns, without end."""
    rng = np.random.default_rng(7)
    uci = read_strokes(data_dir / "pen-digits" / "pendigits-orig.tra")
    unipen = read_strokes(data_dir / "pen-unipen" / "digits.txt")
    mnist = load_images(find_dataset("mnist"), data_dir)
    while True:
        for source, written in (("UCI", uci), ("UNIPEN", unipen)):
            one = written[int(rng.integers(len(written)))]
            yield Digit(int(one.label), source, tuple(one.strokes))
        at = int(rng.integers(len(mnist.y_test)))
        yield Digit(int(mnist.y_test[at]), "MNIST", image=mnist.x_test[at])
        # Every second turn is typed: OpenCV's zero has a slash, Pillow's has none.
        if rng.random() < 0.5:
            yield typed_digit(int(rng.integers(10)), int(rng.choice([0, 2, 4, 6, 8])))


def make_cases(count: int, data_dir: Path, only: str | None) -> list[Case]:
    digits = some_digits(data_dir)
    cases = []
    for number, name in enumerate(KINDS):
        for strength in range(3):
            for turn in range(count):
                digit = next(digits)
                if only is None or only in name:
                    rng = np.random.default_rng([number, strength, turn])
                    cases.append(make_case(name, strength, digit, rng))
    return cases


def make_case(name: str, strength: int, digit: Digit, rng: np.random.Generator) -> Case:
    shape = SHAPES[int(rng.integers(len(SHAPES)))]
    pens = PEN_OF[name]
    ink = ink_of(digit, shape, rng.uniform(0.3, 0.62), pens[int(rng.integers(len(pens)))], rng)
    pixels, ink = KINDS[name](ink, strength, rng)
    content = encoded(pixels, "PNG")
    if name == "phone":
        orientation = list(TURNS)[strength]
        exif = Image.Exif()
        exif[0x0112] = orientation
        content = encoded(np.rot90(pixels, TURNS[orientation] // 90), "JPEG", quality=90, exif=exif)
    clean = np.rint(255 * np.clip(ink, 0, 1)).astype(np.uint8)
    return Case(name, strength, digit.label, content, clean, pixels)


def encoded(pixels: np.ndarray, kind: str, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, kind, **options)
    return file.getvalue()


def prepared(content: bytes) -> np.ndarray:
    try:
        return prepare_digit(open_picture(content))
    except EmptyDrawing:
        return NOTHING


def cleanly(ink: np.ndarray) -> np.ndarray:
    try:
        return prepare_digit(ink)
    except EmptyDrawing:
        return NOTHING


class Models:
    """What the majority of the augmented reference runs reads that learned from this dataset."""

    def __init__(self, artifacts: Path, names: list[str], dataset: str) -> None:
        self.runs = [reference_name(name, "small-cnn", augment=True, dataset=dataset) for name in names]
        self.predictor = Predictor(artifacts)

    def read(self, images: list[np.ndarray]) -> np.ndarray:
        """(N,) digits, -1 where no digit was found."""
        votes = np.zeros((len(images), 10))
        for run, answer in self.predictor.predict(self.runs, np.stack(images)).items():
            if isinstance(answer, Failure):
                raise SystemExit(f"{run} has no answer: {answer.reason}")
            votes[np.arange(len(images)), answer.digits] += 1
            votes += answer.probabilities / 100  # decides a tie
        return np.where([image.any() for image in images], votes.argmax(axis=1), -1)


def print_kinds(cases: list[Case], read: np.ndarray, clean: np.ndarray) -> None:
    labels = np.array([case.label for case in cases])
    counts = clean == labels
    print(f"{'kind':<36}{'pictures':>9}{'read':>8}{'label':>8}   by strength")
    worst, kinds = 1.0, np.array([case.kind for case in cases])
    strengths = np.array([case.strength for case in cases])
    for name in dict.fromkeys(kinds):
        own = (kinds == name) & counts
        shares = [(read == labels)[own & (strengths == s)].mean() for s in range(3)]
        share = (read == labels)[own].mean()
        worst = min(worst, share)
        print(
            f"{name:<36}{(kinds == name).sum():9}{share:8.1%}{(read == labels)[kinds == name].mean():8.1%}   "
            + " ".join(f"{value:5.0%}" for value in shares)
        )
    share = (read == labels)[counts].mean()
    print(f"{'all':<36}{len(cases):9}{share:8.2%}{(read == labels).mean():8.2%}   worst kind {worst:.1%}")


def measure_flips(cases: list[Case], models: Models, pool: ThreadPoolExecutor) -> None:
    """Pictures whose reading depends on the quality they were saved with."""
    contents = [encoded(case.pixels, "JPEG", quality=quality) for case in cases for quality in QUALITIES]
    read = models.read(list(pool.map(prepared, contents))).reshape(len(cases), -1)
    flipped = (read != read[:, :1]).any(axis=1)
    print(
        f"JPEG quality {QUALITIES[-1]} to {QUALITIES[0]}: {len(cases)} pictures, "
        f"{1 - flipped.mean():.1%} read alike at all"
    )
    for case, row in zip(cases, read, strict=True):
        if (row != row[0]).any():
            print(f"   {case.kind}, {case.strength}: {case.label} read {row.tolist()}")


def measure_time(cases: list[Case]) -> None:
    cv2.setNumThreads(1)
    pictures = [open_picture(case.content) for case in cases]
    took = []
    for picture in pictures:
        began = time.process_time()
        with suppress(EmptyDrawing):
            prepare_digit(picture)
        took.append(1000 * (time.process_time() - began))
    median, most = np.percentile(took, [50, 95])
    print(f"prepare_digit: {median:.1f} ms of processor (median), {most:.1f} (95 %), {max(took):.1f} at most")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--artifacts", type=Path, default=PROJECT / "artifacts")
    parser.add_argument("--data-dir", type=Path, default=places.data_dir())
    parser.add_argument("--count", type=int, default=11, help="pictures of each kind and strength")
    parser.add_argument(
        "--flips", type=int, default=3, help="every so manyth picture at all qualities; 0: none"
    )
    parser.add_argument("--only", help="kinds whose name holds this")
    parser.add_argument("--frameworks", nargs="*", default=frameworks.names())
    parser.add_argument("--dataset", choices=("mnist", "mnist-pen"), default="mnist-pen")
    parser.add_argument("--save", type=Path, help="a folder for what was misread")
    options = parser.parse_args()
    cases = make_cases(options.count, options.data_dir, options.only)
    models = Models(options.artifacts, options.frameworks, options.dataset)
    with ThreadPoolExecutor(2) as pool:
        images = list(pool.map(lambda case: prepared(case.content), cases))
        read = models.read(images)
        clean = models.read(list(pool.map(lambda case: cleanly(case.clean), cases)))
        print_kinds(cases, read, clean)
        if options.save:
            save_misread(cases, images, read, clean, options.save)
        if options.flips:
            measure_flips(cases[:: options.flips], models, pool)
    models.predictor.close()
    measure_time(cases[::7])


def save_misread(cases, images, read, clean, folder: Path) -> None:
    """Each misread picture beside what was prepared from it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(cases):
        if clean[number] == case.label != read[number]:
            name = (
                f"{case.kind.replace(' ', '-')}-{case.strength}-{number}-{case.label}-read-{read[number]}.png"
            )
            shown = case.pixels if case.pixels.ndim == 3 else np.dstack([case.pixels] * 3)
            height = shown.shape[0]
            small = cv2.resize(images[number], (height, height), interpolation=cv2.INTER_NEAREST)
            Image.fromarray(np.hstack([shown, np.dstack([small] * 3)])).save(folder / name)


if __name__ == "__main__":
    main()
