"""Refusals of variants on disk: for the model file that they were told of, whole or not at all."""

import pytest

from core.runs.refused import FILE, Refusal, read_refused, write_refused
from core.runs.shrunk import SHRUNK

TOLD = {"c-int8": Refusal("it is too large", lasting=True), "c-int4": Refusal("no compiler", lasting=False)}


@pytest.fixture
def folder(artifacts):
    (folder := artifacts / SHRUNK / "run").mkdir(parents=True)
    return folder


def test_refusals_count_for_one_model_file_alone(artifacts, folder):
    assert read_refused(artifacts, "run", 5) == {}
    write_refused(artifacts, "run", 5, TOLD)
    assert read_refused(artifacts, "run", 5) == TOLD
    assert read_refused(artifacts, "run", 6) == {}
    assert read_refused(artifacts, "../run", 5) == {}


@pytest.mark.parametrize(
    ("part", "instead"),
    [('"lasting": true', '"lasting": "yes"'), ('"writing": 1', '"writing": 0'), ("{", "")],
)
def test_a_record_of_another_writer_or_a_broken_one_refuses_nothing(artifacts, folder, part, instead):
    write_refused(artifacts, "run", 5, TOLD)
    text = (folder / FILE).read_text()
    assert part in text
    (folder / FILE).write_text(text.replace(part, instead))
    assert read_refused(artifacts, "run", 5) == {}
