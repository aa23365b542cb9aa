"""Small pictures that were once read wrong, each standing for its kind: every reference model reads them."""

import time
from contextlib import suppress

import cv2
import numpy as np
import pytest

from core.drawing.ink import EmptyDrawing
from core.drawing.numbers import TooManyDigits, read_number
from core.drawing.preprocessing import prepare_digit
from core.places import PROJECT
from core.prediction.answers import Prediction
from core.prediction.predictor import Predictor
from core.runs import records
from support.made_digits import as_jpeg

pytestmark = pytest.mark.frameworks  # exhibits train or answer in it

DIGITS = "0123456789"


def base(digit: str = "2") -> np.ndarray:
    grey = np.full((400, 400), 255, np.uint8)
    return cv2.putText(grey, digit, (110, 310), 0, 9, 0, 22)


def strip() -> np.ndarray:
    grey = base()
    grey[:2, :200] = 0
    return grey


def shaded() -> np.ndarray:
    return (base() * np.clip(0.6 + np.arange(400)[:, None] / 100, 0, 1)).astype("u1")


def pale() -> np.ndarray:
    picture = np.full((400, 400), 255.0)
    picture[base() < 128] = 190
    picture[20:22, 20:22] = 225
    return picture


def ruled(both: bool, level: int = 200, digit: str = "2") -> np.ndarray:
    grey = base(digit)
    grey[::30] = np.minimum(grey[::30], level)
    if both:
        grey[:, ::30] = np.minimum(grey[:, ::30], level)
    return grey


def margin() -> np.ndarray:
    picture = np.dstack([ruled(True)] * 3)
    picture[:, 50:53] = (220, 80, 80)
    return picture


def on_table(digit: str, light: float = 1) -> np.ndarray:
    table = np.full((800, 800), 60, "u1")
    table[200:600, 200:600] = np.where(base(digit) < 128, 30, 230)
    return (table * np.linspace(light, 1, 800)).astype("u1")


def dashed_box() -> np.ndarray:
    grey = base()
    for start in range(40, 350, 40):
        for at in (30, 370):
            cv2.line(grey, (start, at), (start + 20, at), 0, 4)
            cv2.line(grey, (at, start), (at, start + 20), 0, 4)
    return grey


def comb() -> np.ndarray:
    grey = np.hstack([np.full((400, 300), 255, np.uint8), base(), np.full((400, 300), 255, np.uint8)])
    cv2.line(grey, (30, 350), (970, 350), 0, 4)
    for x in range(30, 971, 313):
        cv2.line(grey, (x, 350), (x, 280), 0, 4)
    return grey


def faint_zero() -> np.ndarray:
    small = np.full((32, 32), 255, "u1")
    cv2.ellipse(small, (16, 16), (6, 8), 0, 0, 360, 120, 1)
    small[8:24, 20:24] = np.where(small[8:24, 20:24] < 255, 195, 255)
    return small


def boxed(digit: str, pen: int) -> np.ndarray:
    return cv2.rectangle(base(digit), (50, 20), (350, 380), 0, pen)


def circled(digit: str, pen: int) -> np.ndarray:
    return cv2.circle(base(digit), (200, 200), 180, 0, pen)


def shadowed(soft: float, quality: int) -> np.ndarray:
    along = np.arange(400, dtype=np.float32)[None, :]
    light = 1 - 0.24 * (1 + np.tanh((along - 210) / (2 * soft)))
    paper = np.where(base() < 128, 40, 235) * light
    noisy = paper + np.random.default_rng(0).normal(0, 2, paper.shape)
    return as_jpeg(np.clip(noisy, 0, 255).astype(np.uint8), quality)


def banded() -> np.ndarray:
    grey = base()
    grey[:60] = 40
    return grey


PICTURES = {
    "plain": (base(), "2"),
    "a strip at the edge": (strip(), "2"),
    "shading at the edge": (shaded(), "2"),
    "pale ink and a speck": (pale(), "2"),
    "a frame of one pixel": (cv2.rectangle(base(), (0, 0), (399, 399), 0, 1), "2"),
    "a white frame on black": (255 - cv2.rectangle(base(), (0, 0), (399, 399), 0, 1), "2"),
    "a thick frame": (cv2.rectangle(base(), (0, 0), (399, 399), 0, 40), "2"),
    "an underline": (cv2.line(base(), (40, 360), (360, 360), 0, 3), "2"),
    "a box round a seven": (cv2.rectangle(base("7"), (30, 20), (370, 380), 0, 3), "7"),
    "a dashed box": (dashed_box(), "2"),
    "the comb of a form": (comb(), "2"),
    "ruled paper": (ruled(False), "2"),
    "squared paper": (ruled(True), "2"),
    "squared paper, dark lines": (ruled(True, 60, "3"), "3"),
    "a red margin": (margin(), "2"),
    "faint strokes": (faint_zero(), "0"),
    "a dark band at the top": (banded(), "2"),
    **{f"{digit} on a table": (on_table(digit), digit) for digit in DIGITS},
    **{f"{digit} on a table lit from a side": (on_table(digit, 0.6), digit) for digit in DIGITS},
    **{f"{digit} in a thin box": (boxed(digit, 3), digit) for digit in DIGITS},
    **{f"{digit} in a thick circle": (circled(digit, 18), digit) for digit in DIGITS},
    **{
        f"a shadow's edge, {soft} pixels soft, quality {quality}": (shadowed(soft, quality), "2")
        for soft in (1, 5, 20)
        for quality in (100, 95, 92, 88, 80, 70, 50)
    },
}


@pytest.fixture(scope="module")
def answers() -> dict[str, np.ndarray]:
    """What each reference run reads in each picture, (pictures,)."""
    images = np.stack([prepare_digit(picture) for picture, _ in PICTURES.values()])
    runs = [run for run in records.run_names(PROJECT / "artifacts") if records.is_reference(run)]
    assert len(runs) >= 15
    predictor = Predictor(PROJECT / "artifacts")
    said = predictor.predict(runs, images)
    predictor.close()
    assert all(isinstance(answer, Prediction) for answer in said.values())
    return {run: answer.digits for run, answer in said.items()}


@pytest.mark.parametrize("name", PICTURES)
def test_every_reference_model_reads_the_picture(answers, name):
    at, truth = list(PICTURES).index(name), int(PICTURES[name][1])
    assert {run: int(read[at]) for run, read in answers.items() if read[at] != truth} == {}


@pytest.mark.parametrize(
    "name", ["plain", "an underline", "a box round a seven", "squared paper", "7 on a table"]
)
def test_what_is_beside_a_digit_makes_it_no_number(name):
    assert len(read_number(PICTURES[name][0]).digits) == 1


def test_drawing_with_ink_up_to_the_edge_keeps_all_its_strokes():
    canvas = np.zeros((280, 280), np.uint8)
    cv2.line(canvas, (60, 60), (60, 279), 255, 20)
    cv2.line(canvas, (160, 40), (160, 220), 255, 20)
    assert len(read_number(canvas).digits) == 2


# ── nothing takes long ──────────────────────────────────────────────────────────────


def dots() -> np.ndarray:
    picture = np.full((640, 640), 255, np.uint8)
    for row in range(2):
        for column in range(2):
            picture[row::4, column::4] = 0
    return picture


def many_lines() -> np.ndarray:
    picture, rng = np.full((640, 640), 255, np.uint8), np.random.default_rng(0)
    for left, top, right, bottom in rng.integers(0, 640, (3000, 4)):
        cv2.line(picture, (int(left), int(top)), (int(right), int(bottom)), 0, 1)
    return picture


def rings() -> np.ndarray:
    picture = np.full((640, 640), 255, np.uint8)
    for radius in range(4, 318, 5):
        cv2.circle(picture, (320, 320), radius, 0, 1)
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        dots(),
        255 - dots(),
        (np.indices((640, 640)).sum(0) % 2 * 255).astype("u1"),
        np.random.default_rng(0).integers(0, 256, (640, 640, 3), np.uint8),
        np.random.default_rng(0).integers(0, 2, (640, 640)).astype("u1") * 255,
        many_lines(),
        rings(),
        np.where(np.arange(640)[:, None] % 4 < 1, 0, 255).astype("u1") * np.ones((1, 640), "u1"),
    ],
    ids=["dots", "light dots", "checkerboard", "noise", "two levels", "lines", "rings", "stripes"],
)
def test_no_picture_takes_more_than_a_second_of_processor(picture):
    began = time.thread_time()
    with suppress(EmptyDrawing, TooManyDigits):
        read_number(picture)
    assert time.thread_time() - began < 1
