"""`python -m core predict` says what is unlike any digit."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from core.places import PROJECT
from support.made_models import make_saved_models, make_untrained_run, save_models

pytestmark = pytest.mark.frameworks  # exhibits train or answer in it


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    make_saved_models(folder, ("numpy_scratch",))
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


def test_only_models_that_learned_the_ten_digits_say_what_is_unlike(tmp_path, pictures):
    make_untrained_run(tmp_path, "cloth", "numpy_scratch", dataset="fashion-mnist")
    make_untrained_run(tmp_path, "digit", "numpy_scratch")
    save_models(tmp_path, ["cloth", "digit"])
    for runs, unlike in (("cloth", None), ("cloth,digit", True)):
        result = predict("--json", "--artifacts", tmp_path, "--runs", runs, pictures / "letter.png")
        assert result.returncode == 0, result.stderr
        (entry,) = json.loads(result.stdout)
        assert entry["unlike"] is unlike
        assert (entry["likeness"] is None) == (unlike is None)
        assert [said["run"] for said in entry["predictions"]] == runs.split(",")


def test_table_leaves_it_open_for_models_of_other_classes(tmp_path, pictures):
    make_untrained_run(tmp_path, "cloth", "numpy_scratch", dataset="fashion-mnist")
    make_untrained_run(tmp_path, "digit", "numpy_scratch")
    save_models(tmp_path, ["cloth", "digit"])
    result = predict("--artifacts", tmp_path, "--runs", "cloth", pictures / "letter.png")
    assert "like a digit?" in result.stdout
    assert "unlike any digit" not in result.stdout
