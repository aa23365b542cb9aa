"""`python -m core predict` says what is unlike any digit."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from made_models import PROJECT, make_models


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    make_models(folder, ("numpy_scratch",))
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for name, character in (("letter.png", "A"), ("digit.png", "2")):
        paper = np.full((400, 400), 255, np.uint8)
        cv2.putText(paper, character, (110, 310), 0, 9, 0, 22)
        cv2.imwrite(str(folder / name), paper)
    cv2.imwrite(str(folder / "white.png"), np.full((60, 60), 255, np.uint8))
    return folder


def predict(*arguments) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "core", "predict", *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=200)


def test_each_picture_carries_unlike_and_its_likeness_beside_the_answers(artifacts, pictures):
    files = [pictures / name for name in ("digit.png", "letter.png")]
    result = predict("--json", "--artifacts", artifacts, *files)
    assert result.returncode == 0, result.stderr
    digit, letter = json.loads(result.stdout)
    assert (digit["unlike"], letter["unlike"]) == (False, True)
    assert 0 <= letter["likeness"] < digit["likeness"] <= 1
    assert len(letter["predictions"]) == 1  # the answers stay


def test_table_says_what_is_unlike(artifacts, pictures):
    result = predict("--artifacts", artifacts, pictures / "letter.png")
    assert "unlike any digit" in " ".join(result.stdout.split()), result.stdout


def test_models_of_other_classes_are_not_judged(tmp_path, pictures):
    make_models(tmp_path, ("numpy_scratch",), dataset="fashion-mnist")
    files = [pictures / "letter.png"]
    result = predict("--json", "--artifacts", tmp_path, "--runs", "made-numpy_scratch", *files)
    (entry,) = json.loads(result.stdout) if result.returncode == 0 else pytest.fail(result.stderr)
    assert (entry["unlike"], entry["likeness"]) == (None, None)
    assert len(entry["predictions"]) == 1
