"""Variants of saved models on disk: read as they were written, or not at all."""

import json
import os
from dataclasses import replace

import pytest

from core.runs import records
from core.runs.shrunk import all_shrunk, instead_of, read_shrunk, shrunk_dir
from support.made_runs import make_finished_run
from support.made_shrunk import made_shrunk


@pytest.fixture
def artifacts(tmp_path):
    make_finished_run(tmp_path, "one")
    return tmp_path


def test_variants_are_read_as_they_were_written_in_the_order_of_the_table(artifacts):
    make_finished_run(artifacts, "another")
    made = [made_shrunk(artifacts, "one", key) for key in ("c-int4", "onnx")]
    other = made_shrunk(artifacts, "another")
    assert read_shrunk(artifacts, "one") == [made[1], made[0]]
    assert all_shrunk(artifacts) == [other, made[1], made[0]]
    assert records.run_names(artifacts) == ["another", "one"]


def test_where_nothing_was_shrunk_nothing_is_found(artifacts):
    assert all_shrunk(artifacts) == []
    assert read_shrunk(artifacts, "one") == read_shrunk(artifacts, "../one") == []


def test_the_gate_shuts_above_a_tenth_of_a_point(artifacts):
    kept = made_shrunk(artifacts, "one", "onnx-int8", correct=9892, worse=11)  # 9902 by the float model
    assert (round(kept.lost, 6), kept.loses) == (0.1, False)
    lost = replace(kept, correct=9891, worse=12)
    assert lost.loses
    c = replace(kept, variant="c-int8", bytes_on_disk=10)
    large = replace(kept, variant="onnx", bytes_on_disk=8000)
    assert instead_of(lost, [lost, c, large]) == large  # the same runtime comes first
    assert instead_of(lost, [lost, c]) == c
    assert instead_of(lost, [lost, replace(c, run="another")]) is None


def test_a_newer_model_file_makes_its_variants_stale(artifacts):
    shrunk = made_shrunk(artifacts, "one")
    model = records.run_dir(artifacts, "one") / shrunk.original.file
    os.utime(model, ns=(0, shrunk.original.modified_ns + 1))
    assert read_shrunk(artifacts, "one") == []
    os.utime(model, ns=(0, shrunk.original.modified_ns))
    assert read_shrunk(artifacts, "one") == [shrunk]
    model.unlink()
    assert read_shrunk(artifacts, "one") == []


def _altered(record, **values):
    return json.dumps({**record, **values}).encode()


BROKEN = {
    "half of it": lambda record: json.dumps(record).encode()[:200],
    "not JSON": lambda record: b"\xff\xfe\x00{",
    "a list": lambda record: b"[1]",
    "nothing in it": lambda record: b"{}",
    "an older writer": lambda record: _altered(record, writing=0),
    "another run": lambda record: _altered(record, run="another"),
    "a word for a number": lambda record: _altered(record, correct="9900"),
    "yes for a number": lambda record: _altered(record, threads=True),
    "no number": lambda record: json.dumps({**record, "p": float("nan")}).encode(),
    "a number without end": lambda record: _altered(record, latency_one_ms=10**400),
    "more right than images": lambda record: _altered(record, images=5),
    "no image": lambda record: _altered(record, images=0),
    "figures that do not fit": lambda record: _altered(record, better=2),
    "no file": lambda record: _altered(record, files=[]),
    "a file elsewhere": lambda record: _altered(record, files=["../../../one_metrics.json"]),
    "a file that is gone": lambda record: _altered(record, files=["one.onnx", "example.c"]),
    "a file of another size": lambda record: _altered(record, bytes_on_disk=1999),
    "deep": lambda record: b"[" * 100_000,
    "drawn on by half": lambda record: _altered(record, drawn=[{"dataset": "pen"}]),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_or_foreign_record_is_left_out(artifacts, how):
    made_shrunk(artifacts, "one", "onnx-int8")
    kept = made_shrunk(artifacts, "one", "tflite")
    path = shrunk_dir(artifacts, "one", "onnx-int8") / "shrunk.json"
    path.write_bytes(BROKEN[how](json.loads(path.read_bytes())))
    assert read_shrunk(artifacts, "one") == [kept]


@pytest.mark.parametrize("name", ["one.onnx", "answers.npy"])
def test_a_file_that_was_changed_since_it_was_scored_is_not_offered(artifacts, name):
    shrunk = made_shrunk(artifacts, "one")
    assert read_shrunk(artifacts, "one") == [shrunk]
    path = shrunk_dir(artifacts, "one", shrunk.variant) / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1  # the size stays
    path.write_bytes(content)
    assert read_shrunk(artifacts, "one") == []
    content[-1] ^= 1
    path.write_bytes(content)
    assert read_shrunk(artifacts, "one") == [shrunk]
    path.unlink()
    assert read_shrunk(artifacts, "one") == []


def test_an_unmeasured_latency_is_none(artifacts):
    made = made_shrunk(artifacts, "one", "c-int8", latency_one_ms=None, latency_thousand_ms=None)
    assert read_shrunk(artifacts, "one") == [made]
