"""What a header says of itself once it was scored."""

import numpy as np
import pytest

from core.export.shrink.c_header import c_files
from core.export.shrink.c_measured import measured_files
from core.export.shrink.scoring import Scored
from core.prediction.c_model import CModel, compiler
from support.c_programs import write_files
from support.made_integers import images, reference, reference_integers

SCORED = Scored(np.zeros(10_000, np.uint8), correct=9898, changed=2, better=2, worse=0, p=0.5, drawn=())


def head_of(folder, by):
    files = c_files(reference_integers(4), reference(), "network")
    after = measured_files(files, folder, SCORED, 9896, by)
    assert list(after) == list(files)
    assert after["network.h"] == (folder / "network.h").read_bytes()
    assert after["network.h"].endswith(files["network.h"].partition(b"*/")[2])
    head = after["network.h"].decode().partition("*/")[0]
    return " ".join(head.split())


def test_accuracy_and_who_measured_it_stand_at_the_head(tmp_path, monkeypatch):
    folder = write_files(reference_integers(4), reference(), tmp_path / "c")
    monkeypatch.setenv("PATH", str(tmp_path))
    head = head_of(folder, "NumPy in whole numbers")
    assert "9,898 of 10,000 test images right, by NumPy in whole numbers; the float model: 9,896." in head
    assert "bytes of code" not in head


@pytest.mark.skipif(compiler() is None, reason="no C compiler found: install Debian's `gcc` and `libc6-dev`")
def test_bytes_of_code_data_and_stack_stand_at_the_head_and_the_header_still_compiles(tmp_path):
    folder = write_files(reference_integers(4), reference(), tmp_path / "c")
    head = head_of(folder, "the header, compiled by cc")
    assert " bytes of code, " in head
    assert " of constant data" in head
    pixels = images().x_test[:5]
    assert np.array_equal(CModel(folder).scores(pixels), reference_integers(4).scores(pixels))
