"""Shrink, the tab of Compare: nothing yet, what was made, what loses too much."""

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.shrunk import shrunk_dir
from support.app_test import open_page, words
from support.made_runs import copy_reference_runs
from support.made_shrunk import made_shrunk

RUN = "reference-pytorch-small-cnn"
GOOD = {"correct": 9902, "better": 3, "worse": 3}


@pytest.fixture
def references(artifacts):
    shutil.rmtree(artifacts)
    return copy_reference_runs(artifacts)


def show_shrink(run: str = RUN) -> AppTest:
    page = open_page("compare.py", tab="Shrink", runs=run)
    assert not page.exception, page.exception
    return page


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_a_run_that_was_never_shrunk_leads_on_and_stands_in_the_chart(references):
    page = show_shrink()
    assert "is not shrunk yet" in words(page)
    assert "Shrink it" in labels(page)
    assert "Grey crosses are what others published" in words(page)
    assert "documentation" in words(page)
    assert "dotted line" not in words(page)  # there is none through a single mark


def test_variants_stand_in_a_row_with_what_they_cost(references):
    same = {"correct": 9902, "changed": 0, "better": 0, "worse": 0, "p": 1.0}
    made_shrunk(references, RUN, "onnx", latency_thousand_ms=80.0, **same)
    made_shrunk(references, RUN, "onnx-int8", **GOOD)
    untimed = {"latency_one_ms": None, "latency_thousand_ms": None}
    made_shrunk(references, RUN, "c-int4", bytes_of_weights=103_671, **untimed, **GOOD)
    page = show_shrink()
    said = words(page)
    assert "Make the rest" in labels(page)
    for part in (
        "None of 10,000 answers changes",
        "6 of 10,000 answers change: 3 better, 3 worse; no real difference",
        "a thousand take 150 ms instead of 80 ms",
        "Yours: 1 of 12 changes, 91.7\N{NO-BREAK SPACE}% → 83.3\N{NO-BREAK SPACE}% right",
        "With 4 bits a weight, the network takes 104 kB and reads 99.02 %",
        "BitNetMCU CNN, 16 wide",
    ):
        assert part in said.replace("\\", ""), part
    assert not page.error
    saved = [button.label for button in page.get("download_button")]
    assert saved == ["ONNX (2.0 kB)", "ONNX, 8 bits (2.0 kB)", "C, 4 bits (2.0 kB)"]
    page.session_state["as-command"] = True  # as a click does
    page.run()
    assert [line.partition(" --as ")[2] for line in page.code[0].value.splitlines()] == [
        f"onnx --out {RUN}-onnx", f"int8 --out {RUN}-int8", f"c --bits 4 --out {RUN}-c-int4",
    ]  # fmt: skip


def test_a_variant_that_loses_too_much_says_so_and_names_the_one_that_does_not(references):
    made_shrunk(references, RUN, "onnx", **GOOD)
    made_shrunk(references, RUN, "onnx-int8", correct=9838, better=5, worse=69, changed=80, p=1e-9)
    page = show_shrink()
    (error,) = page.error
    said = error.value.replace("\\", "")
    assert "ONNX, 8 bits loses 0.64 points of accuracy (98.38 % instead of 99.02 %)" in said
    assert "Take ONNX (99.02 %, 2.0 kB)." in said
    assert "loses 0.64 points</strong>" in words(page)
    assert "a real difference (p &lt; 0.001)" in words(page)


def test_a_run_without_a_model_is_refused_in_a_sentence_and_broken_variants_are_not_shown(references):
    (references / "notebook_metrics.json").write_text('{"framework": "Keras", "test_accuracy": 0.9}')
    made_shrunk(references, RUN)
    (shrunk_dir(references, RUN, "onnx-int8") / "shrunk.json").write_text("{")
    assert "is not shrunk yet" in words(show_shrink())
    page = show_shrink("notebook")
    assert "It cannot be shrunk: notebook has no record of its configuration" in words(page)
    assert "is not shrunk yet" not in words(page)
    assert "Shrink it" not in labels(page)
