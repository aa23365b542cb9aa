"""How far the models agree, in a sentence."""

import pytest

from pages.components.canvas.verdict import verdict


@pytest.mark.parametrize(
    ("readings", "state", "reading", "sentence"),
    [
        ([], "none", "", ""),
        (["", ""], "none", "", ""),
        (["7"] * 5, "agree", "7", "All five read a seven."),
        (["8"] * 2, "agree", "8", "Both read an eight."),
        (["0"], "agree", "0", "It reads a zero."),
        (["2047"] * 5, "agree", "2047", "All five read 2047."),
        (["shirt"] * 3, "agree", "shirt", "All three read shirt."),
        (["٣", "x"], "split", "٣", "One reads ٣ and one reads x."),
        (["7", "", "", "7", "7"], "agree", "7", "Three of five read a seven."),
        (["", "1"], "agree", "1", "One of two reads a one."),
        (["7", "1", "7", "1", "7"], "majority", "7", "Three read 7 and two read 1."),
        (["7", "1", "9", "7", "1"], "split", "7", "Two read 7, two read 1 and one reads 9."),
    ],
)
def test_readings_come_to_a_sentence(readings, state, reading, sentence):
    said = verdict(readings)
    assert (said.state, said.reading, said.sentence) == (state, reading, sentence)
