"""What shrinking did to a model, in sentences."""

from dataclasses import replace

import pytest

from core.comparison.published import PUBLISHED, at_least
from core.comparison.shrunk import changes, form, four_bits, gate, on_drawn, size_and_speed
from core.runs.shrunk import VARIANTS, Drawn, Shrunk
from support.made_runs import make_finished_run
from support.made_shrunk import made_shrunk


@pytest.fixture
def made(artifacts):
    make_finished_run(artifacts, "one", predictions=False)

    def make(variant: str = "onnx-int8", **values) -> Shrunk:
        return made_shrunk(artifacts, "one", variant, **values)

    return make


def test_changed_answers_are_told_with_what_luck_makes_of_them(made):
    one = made(changed=7, better=3, worse=4, p=1.0)
    assert changes(one) == "7 of 10,000 answers change: 3 better, 4 worse; no real difference"
    many = made("onnx", changed=90, better=5, worse=80, p=1e-9)
    assert changes(many) == (
        "90 of 10,000 answers change: 5 better, 80 worse, 5 wrong either way; a real difference (p < 0.001)"
    )
    assert changes(made("tflite", changed=0)) == "None of 10,000 answers changes"


def test_drawn_digits_are_told_before_and_after():
    assert on_drawn(Drawn("pen", 200, 3, 190, 189)) == "3 of 200 change, 95.0 % → 94.5 % right"
    assert on_drawn(Drawn("pen", 200, 0, 190, 190)) == "none of 200 changes, 95.0 % right"


def test_whether_it_is_faster_is_what_was_measured(made):
    full = made("onnx", bytes_on_disk=830_000, latency_one_ms=0.032, latency_thousand_ms=100.0)
    slow = made("onnx-int8", bytes_on_disk=212_000, latency_one_ms=0.043, latency_thousand_ms=180.0)
    assert size_and_speed([full, slow]) == [
        (
            "In 8 bits, the file for ONNX Runtime is four times smaller; on this processor it is not faster "
            "but slower.",
            "One image takes 0.043 ms instead of 0.032 ms, a thousand take 180 ms instead of 100 ms.",
        )
    ]
    tflite = made("tflite", bytes_on_disk=560_000, latency_one_ms=1.0, latency_thousand_ms=90.0)
    fast = made("tflite-int8", bytes_on_disk=214_000, latency_one_ms=0.98, latency_thousand_ms=30.0)
    ((finding, _),) = size_and_speed([tflite, fast])
    assert finding.endswith(
        "is 2.6 times smaller; on this processor it is not faster for one image, three times as fast for a "
        "thousand."
    )
    assert size_and_speed([slow]) == []


def test_the_gate_names_what_avoids_the_loss(made):
    lost = made(correct=9880, better=0, worse=22)
    kept = made("c-int8", correct=9901, bytes_on_disk=900_000)
    assert gate(lost, [lost, kept]) == (
        "ONNX, 8 bits loses 0.22 points of accuracy (98.80 % instead of 99.02 %): more than 0.1 is too much "
        "for a smaller file. Take C, 8 bits (99.01 %, 900 kB)."
    )
    assert "None of the other variants avoids that." in gate(lost, [lost])


def test_four_bits_are_held_against_the_smallest_published_network_that_reads_as_well(made):
    four = made("c-int4", bytes_of_weights=103_000, correct=9947)
    said = four_bits([four])
    assert "BitNetMCU CNN, 64 wide, 2 bits, reads 99.55 % with 11.3 kB, nine times smaller" in said
    assert "not reached" in said
    assert four_bits([]) == ""
    assert at_least(0.999) is None
    assert "None of the published networks" in four_bits([replace(four, correct=9990)])


def test_every_variant_has_a_form_and_every_published_point_a_source():
    assert [form(key) for key in VARIANTS] == ["float", "8 bits", "float", "8 bits", "8 bits", "4 bits"]
    assert all("BitNetMCU" in one.source and 5e3 < one.size < 14e3 for one in PUBLISHED)
