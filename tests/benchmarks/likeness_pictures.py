"""The pictures that the judge of likeness learns from and is measured on, as `prepare_digit` makes them.

All are made from the files of the data folder and from chance; equal seeds make equal pictures.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from core.data.catalogue import find_dataset  # noqa: E402
from core.data.datasets import load_images  # noqa: E402
from core.data.pen import Written, read_strokes  # noqa: E402
from core.data.pen_rendering import CANVAS, bent, draw, with_habit  # noqa: E402
from core.drawing.ink import EmptyDrawing  # noqa: E402
from core.drawing.preprocessing import prepare_digit  # noqa: E402
from support import clothes, not_digits, pens  # noqa: E402

# Nearly so: learned too, but nothing is promised.
LIKELY = "CDGJLMPQUVcdjp$^<>[]{}~"
Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Pictures:
    """Images (N, 28, 28) uint8, their kinds such as "5" and "letter A", and where each is from."""

    images: np.ndarray
    kinds: np.ndarray
    sources: np.ndarray

    def where(self, chosen: np.ndarray) -> "Pictures":
        """Those that are chosen, by a mask (N,) or by numbers."""
        return Pictures(self.images[chosen], self.kinds[chosen], self.sources[chosen])

    @property
    def are_digits(self) -> np.ndarray:
        """(N,) booleans."""
        return np.char.isdigit(self.kinds)


def together(parts: list[Pictures]) -> Pictures:
    """All in one."""
    return Pictures(*(np.concatenate([getattr(part, name) for part in parts])
                      for name in ("images", "kinds", "sources")))  # fmt: skip


# ── one picture ─────────────────────────────────────────────────────────────────────

Maker = Callable[[Rng, int], tuple[np.ndarray, str, str]]  # a picture of any size, its kind, its source


def written(rng: Rng, number: int, characters: list[Written], free: bool) -> tuple[np.ndarray, str, str]:
    """A character by somebody; `free` bends it and photographs some, else only the pen varies."""
    one = characters[number % len(characters)]
    strokes = bent(one.strokes, rng) if free else one.strokes
    canvas = draw(strokes, rng)
    if free and rng.random() < 0.25:
        canvas = pens.photographed(canvas, rng)
    return canvas, one.label if one.label.isdigit() else f"letter {one.label}", one.writer


def habitual(rng: Rng, number: int, characters: list[Written]) -> tuple[np.ndarray, str, str]:
    """A zero, a one or a seven with a slash, a foot, a bar: frequent with some, unknown to others."""
    one = characters[number % len(characters)]
    canvas = draw(bent(with_habit(one.strokes, one.label, rng), rng), rng)
    return _sometimes_photographed(canvas, rng), one.label, one.writer


def print_out(rng: Rng, number: int, characters: str) -> tuple[np.ndarray, str, str]:
    """A printed character."""
    character = characters[number % len(characters)]
    canvas = pens.printed(character, rng)
    if rng.random() < 0.3:
        canvas = pens.photographed(canvas, rng)
    return canvas, character if character.isdigit() else f"letter {character}", "print"


def scribbled(rng: Rng, number: int) -> tuple[np.ndarray, str, str]:
    """A scribble; its source is its kind."""
    kind = list(not_digits.SCRIBBLES)[number % len(not_digits.SCRIBBLES)]
    canvas = draw(not_digits.SCRIBBLES[kind](rng), rng)
    return _sometimes_photographed(canvas, rng), f"scribble {kind}", f"scribble {kind}"


def shaped(
    rng: Rng, number: int, shapes: dict[str, not_digits.Shape] = not_digits.SHAPES
) -> tuple[np.ndarray, str, str]:
    """A shape; its source is its kind, a nameless one's is chance."""
    kind = list(shapes)[number % len(shapes)]
    filled = kind in not_digits.FILLED and rng.random() < 0.3
    canvas = draw(bent(shapes[kind](rng), rng), rng, filled)
    source = f"shape {kind}" if kind in not_digits.SHAPES else "nameless"
    return _sometimes_photographed(canvas, rng), f"shape {kind}", source


def itself(rng: Rng, number: int, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, str, str]:
    """An MNIST digit as a small picture of its own."""
    return images[number], str(labels[number]), "MNIST"


def _sometimes_photographed(canvas: np.ndarray, rng: Rng) -> np.ndarray:
    return pens.photographed(canvas, rng) if rng.random() < 0.15 else canvas


def dressed(rng: Rng, number: int) -> tuple[np.ndarray, str, str]:
    """Clothes and textures, dark paper around them or none."""
    if number % 4 == 0:
        picture = (128 + rng.uniform(20, 90) * clothes.texture(rng)).clip(0, 255).astype(np.uint8)
        return picture, "texture", "texture"
    return np.pad(clothes.cloth(rng), int(rng.integers(0, 60))), "cloth", "cloth"


def enlarged(rng: Rng, number: int, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, str, str]:
    """An MNIST digit on a canvas, thicker or thinner, some photographed."""
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    size = int(rng.integers(100, 280))
    top, left = rng.integers(0, CANVAS - size, 2, endpoint=True)
    canvas[top : top + size, left : left + size] = cv2.resize(
        images[number], (size, size), interpolation=cv2.INTER_CUBIC
    )
    change, width = (cv2.dilate, cv2.erode)[rng.integers(2)], int(rng.integers(1, max(2, size // 40)))
    canvas = change(canvas, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
    canvas = pens.photographed(canvas, rng) if rng.random() < 0.35 else canvas
    return canvas, str(labels[number]), "MNIST"


def mixed(rng: Rng, number: int, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, str, str]:
    """What is made of two digits: side by side, one above the other, one over the other; or one lying."""
    # A 1 over a 0 is a zero with a slash, a 0 above a 0 an eight: some pairs are digits again.
    busy = np.flatnonzero(labels > 1)
    first, second = rng.choice(busy, 2) if number % 4 in (1, 2) else rng.integers(len(images), size=2)
    one, two = images[first], images[second]
    match number % 4:
        case 0:
            apart = int(rng.integers(12, 20))
            picture = np.zeros((28, 28 + apart), np.uint8)
            picture[:, :28] = one
            picture[:, apart:] = np.maximum(picture[:, apart:], two)
        case 1:
            apart = int(rng.integers(14, 21))
            picture = np.zeros((28 + apart, 28), np.uint8)
            picture[:28] = one
            picture[apart:] = np.maximum(picture[apart:], two)
        case 2:
            shift = rng.integers(-7, 8, 2)
            picture = np.maximum(np.pad(one, 8), np.roll(np.pad(two, 8), tuple(shift), (0, 1)))
        case _:
            lying = rng.choice(np.flatnonzero(np.isin(labels, [2, 3, 4, 5, 7])))
            picture = np.rot90(images[lying], rng.choice([1, 3]))
    picture = np.pad(picture, 6)
    return cv2.resize(picture, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC), "mixture", "mixture"


# ── many ────────────────────────────────────────────────────────────────────────────


def made(maker: Maker, count: int, seed: int, prepare: bool = True) -> Pictures:
    """So many pictures of one maker, in two processes; those in which nothing is found are left out."""
    cv2.setNumThreads(1)  # a forked process would wait for OpenCV's threads for ever
    parts = [range(start, min(start + 500, count)) for start in range(0, count, 500)]
    with ProcessPoolExecutor(2) as pool:
        return together(list(pool.map(partial(_make, maker, seed, prepare), parts)))


def _make(maker: Maker, seed: int, prepare: bool, numbers: range) -> Pictures:
    found = []
    for number in numbers:
        picture, kind, source = maker(np.random.default_rng([seed, number]), number)
        try:
            image = (
                prepare_digit(picture)
                if prepare
                else cv2.resize(picture, (28, 28), interpolation=cv2.INTER_AREA)
            )
        except EmptyDrawing:
            continue
        found.append((image, kind, source))
    return Pictures(*(np.array(column) for column in zip(*found, strict=True)))


def characters(data_dir: Path) -> tuple[list[Written], list[Written]]:
    """Handwritten digits, and letters and signs, in an order that mixes writers."""
    digits = [
        one
        for name in ("pen-digits/pendigits-orig.tra", "pen-unipen/digits.txt")
        for one in read_strokes(data_dir / name)
    ]
    return digits, read_strokes(data_dir / "pen-unipen" / "letters-and-signs.txt")


def learned(data_dir: Path, seed: int = 0) -> Pictures:
    """Everything that there is to learn from."""
    digits, letters = characters(data_dir)
    unipen = [one for one in digits if not one.writer.startswith("pen-digits")]
    zeros = [one for one in digits if one.label == "0"]
    ones_and_sevens = [one for one in digits if one.label in "17"]
    clear = [one for one in letters if one.label in not_digits.UNMISTAKABLE]
    likely = [one for one in letters if one.label in LIKELY]
    mnist = load_images(find_dataset("mnist"), data_dir)
    small = load_images(find_dataset("digits"), data_dir)
    both = dict(images=mnist.x_train, labels=mnist.y_train)
    raw = [
        Pictures(images, labels.astype(str), np.full(len(labels), name))
        for name, images, labels in (
            ("MNIST", mnist.x_train[:36_000], mnist.y_train[:36_000]),
            ("digits", small.x_train, small.y_train),
        )
    ]
    return together(
        [
            *raw,
            made(partial(written, characters=digits, free=True), 2 * len(digits), seed),
            made(partial(written, characters=unipen, free=True), 3 * len(unipen), seed + 1),
            made(partial(habitual, characters=zeros), 6_000, seed + 12),
            made(partial(habitual, characters=ones_and_sevens), 3_000, seed + 13),
            made(partial(enlarged, **both), 8_000, seed + 2),
            made(partial(itself, **both), 16_000, seed + 14),
            made(partial(print_out, characters="0123456789"), 4_000, seed + 3),
            made(partial(written, characters=clear, free=True), 10 * len(clear), seed + 4),
            made(partial(written, characters=likely, free=True), 4 * len(likely), seed + 5),
            made(partial(print_out, characters=not_digits.UNMISTAKABLE), 5_000, seed + 6),
            made(scribbled, 14_000, seed + 7),
            made(shaped, 20_000, seed + 8),
            made(partial(shaped, shapes=not_digits.NAMELESS), 6_000, seed + 15),
            made(dressed, 4_000, seed + 9),
            made(dressed, 4_000, seed + 10, prepare=False),
            made(partial(mixed, **both), 9_000, seed + 11),
        ]
    )
