"""Numbers in words: one way to write each, a dash where a number is missing."""

import math
import subprocess
import sys

import numpy as np
import pytest

from core import words
from core.places import PROJECT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (words.percent(0.9902), "99.02 %"),
        (words.percent(1), "100.00 %"),
        (words.percent(2 / 3, 0), "67 %"),
        (words.points(0.0012), "0.12"),
        (words.interval(0.988, 0.99194), "98.80 – 99.19"),
        (words.p_value(0.0412), "0.041"),
        (words.p_value(0.0004), "< 0.001"),
        (words.milliseconds(0.8449), "0.84 ms"),
        (words.milliseconds(12.34, 1), "12.3 ms"),
        (words.megabytes(1_662_152), "1.66 MB"),
        (words.whole(4680.6), "4,681"),
        (words.whole(812.4, "MB"), "812 MB"),
        (words.counted(1, "seed"), "1 seed"),
        (words.counted(0, "seed"), "0 seeds"),
        (words.counted(3, "earlier race"), "3 earlier races"),
        (words.listed(["A"]), "A"),
        (words.listed(["A", "B", "C"]), "A, B and C"),
    ],
)
def test_a_number_reads_like_this(text, expected):
    assert text == expected


@pytest.mark.parametrize(
    ("value", "compared", "on_a_clock"),
    [
        (8.44, "8.4 s", "8.4 s"),
        (42.4, "42.4 s", "42 s"),
        (185, "185 s", "3:05 min"),
        (3729.4, "3,729 s", "1:02:09 h"),
    ],
)
def test_seconds_are_written_to_be_compared_or_as_on_a_clock(value, compared, on_a_clock):
    assert (words.seconds(value), words.duration(value)) == (compared, on_a_clock)


def test_no_confidence_is_rounded_up_to_certainty():
    assert [words.confidence(share) for share in (0.5, 0.99949, 0.9995, 1.0)] == [
        "50.0 %", "99.9 %", "> 99.9 %", "> 99.9 %",
    ]  # fmt: skip


@pytest.mark.parametrize("nothing", [None, math.nan, np.float64("nan")])
@pytest.mark.parametrize(
    "write",
    [words.percent, words.points, words.seconds, words.duration, words.milliseconds, words.megabytes,
     words.whole, words.show, lambda low: words.interval(low, low)],
)  # fmt: skip
def test_what_is_missing_is_a_dash(write, nothing):
    assert write(nothing) == "–"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "yes"), (np.False_, "no"), (5.0, "5"), (np.float64(0.001), "0.001"), (np.int64(3), "3"),
        (1e7, "1e+07"), ("sgd", "sgd"), ((16, 32), "(16, 32)"),
    ],
)  # fmt: skip
def test_any_value_of_a_table_is_shown(value, expected):
    assert words.show(value) == expected


def test_words_take_nothing_but_the_standard_library():
    script = "import sys, core.words; sys.exit(any(name in sys.modules for name in ('numpy', 'pandas')))"
    assert subprocess.run([sys.executable, "-c", script], cwd=PROJECT).returncode == 0
