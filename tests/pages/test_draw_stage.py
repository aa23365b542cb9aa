"""What Draw says on a projector."""

import re

import cv2
import numpy as np

from core.drawing.preprocessing import prepare_digit
from pages.components.draw.cards import Card
from pages.components.draw.stage import reading_html

TITLES = {"pytorch": "PyTorch", "keras_fit": "Keras", "numpy_scratch": "NumPy"}
ZERO = np.zeros((320, 320), np.uint8)
cv2.ellipse(ZERO, (160, 160), (75, 110), 0, 0, 360, 255, 18, cv2.LINE_AA)
ONE = prepare_digit(ZERO)[None]  # like some digit, whichever the cards read
NOISE = np.random.default_rng(0).integers(0, 256, (1, 28, 28), np.uint8)


def card(framework: str, *digits: int, sure: float = 0.9, state: str = "ready") -> Card:
    """A model that reads these digits, as sure of each; without any it has not answered."""
    table = np.full((len(digits), 10), (1 - sure) / 9)
    table[np.arange(len(digits)), digits] = sure
    return Card(framework, framework, TITLES[framework], "", table if digits else None, state=state)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def bars(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<li><b class="condensed">(\d)</b>.*?<span class="figures">([^<]+)</span>', html)


def test_the_digit_that_all_read_comes_with_the_three_likeliest():
    html = reading_html([card("pytorch", 7), card("keras_fit", 7, sure=0.7)], "", ONE)
    assert 'data-reading="7"' in html
    assert "Both read a seven." in html
    assert "averaged over two models" in html
    assert bars(html)[0] == ("7", "80.0 %")
    assert len(bars(html)) == 3
    assert html.count("data-agrees") == 2


def test_who_reads_something_else_and_who_has_not_answered_are_named():
    cards = [
        card("numpy_scratch", state="failed"),
        card("keras_fit", 1, sure=0.6),
        card("pytorch", 7),
        card("pytorch", 7),
    ]
    html = reading_html(cards, "", ONE)
    assert html.count("data-agrees") == 1  # a framework is named once, however many of its runs are asked
    assert "1 PyTorch 3 Keras reads 1 5 NumPy cannot answer" in words(html)
    assert "averaged over three models" in html


def test_of_several_digits_the_bars_show_the_one_that_is_least_sure():
    unsure = card("pytorch", 2, 0, 4)
    unsure.probabilities[1] = np.eye(10)[0] * 0.5 + np.eye(10)[6] * 0.5 - 0.01 * np.eye(10)[6]
    html = reading_html([unsure], "", np.concatenate([ONE] * 3))
    assert 'data-reading="204"' in html
    assert "Least sure is the second of three. Most likely there:" in words(html)
    assert [digit for digit, _ in bars(html)][:2] == ["0", "6"]


def test_what_is_unlike_any_digit_is_said_to_be_so_however_sure_the_models_are():
    html = reading_html([card("pytorch", 8), card("keras_fit", 8)], "", NOISE)
    assert "Unlike any digit they learned. Being sure is not being right." in words(html)
    assert bars(html)[0] == ("8", "90.0 %")


def test_before_anything_is_drawn_it_says_what_to_do():
    html = reading_html([card("pytorch"), card("keras_fit", state="waiting")], "Draw a digit", None)
    assert "Draw a digit" in html
    assert "Keras is loading" in words(html)
    assert bars(html) == []
    assert "The models are loading" in reading_html([card("pytorch", state="waiting")], "", ONE)
