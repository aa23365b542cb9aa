"""`python -m core predict` on numbers of several digits, on folders and on files that are not there."""

import json
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from core.places import PROJECT

pytestmark = pytest.mark.frameworks  # exhibits train or answer in it

RUN = "reference-numpy_scratch-small-cnn-augmented"


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("artifacts")
    shutil.copytree(PROJECT / "artifacts" / RUN, folder / RUN)
    shutil.copy2(PROJECT / "artifacts" / f"{RUN}_metrics.json", folder)
    return folder


def predict(artifacts, *arguments) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "core", "predict", "--artifacts", artifacts, *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=200)


def two() -> np.ndarray:
    grey = np.full((400, 400), 255, np.uint8)
    return cv2.putText(grey, "2", (110, 310), 0, 9, 0, 22)


def test_number_of_two_digits_is_read_as_such_and_tells_where_they_are(artifacts, tmp_path):
    Image.fromarray(np.hstack([two(), two()])).save(tmp_path / "22.png")
    result = predict(artifacts, "--json", tmp_path / "22.png")
    assert result.returncode == 0, result.stderr
    [said] = json.loads(result.stdout)[0]["predictions"]
    assert said["number"] == "22"
    assert said["digit"] is None
    assert said["probabilities"] is None
    assert [digit["digit"] for digit in said["digits"]] == [2, 2]
    ink = cv2.boundingRect(255 - two())
    for place, digit in enumerate(said["digits"]):
        assert len(digit["probabilities"]) == 10
        np.testing.assert_allclose(digit["box"], np.add(ink, (400 * place, 0, 0, 0)), atol=4)


def test_boxes_are_in_pixels_of_a_large_upright_picture(artifacts, tmp_path):
    large = cv2.resize(np.hstack([two(), two()]), None, fx=6, fy=6)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(large).copy()).save(tmp_path / "22.jpg", exif=exif)
    [said] = json.loads(predict(artifacts, "--json", tmp_path / "22.jpg").stdout)[0]["predictions"]
    assert said["number"] == "22"
    ink = np.multiply(cv2.boundingRect(255 - two()), 6)
    np.testing.assert_allclose(said["digits"][0]["box"], ink, atol=24)
    np.testing.assert_allclose(said["digits"][1]["box"], np.add(ink, (2400, 0, 0, 0)), atol=24)


def test_one_digit_keeps_its_keys(artifacts, tmp_path):
    Image.fromarray(two()).save(tmp_path / "2.png")
    [said] = json.loads(predict(artifacts, "--json", tmp_path / "2.png").stdout)[0]["predictions"]
    assert (said["number"], said["digit"]) == ("2", 2)
    assert len(said["probabilities"]) == 10
    assert "digits" not in said


def test_table_shows_the_number(artifacts, tmp_path):
    Image.fromarray(np.hstack([two(), two()])).save(tmp_path / "n.png")
    assert "22  " in predict(artifacts, tmp_path / "n.png").stdout


def test_missing_file_among_good_ones_is_named_once_and_ends_with_status_one(artifacts, tmp_path):
    Image.fromarray(two()).save(tmp_path / "good.png")
    result = predict(artifacts, "--json", tmp_path / "good.png", tmp_path / "gone.png")
    assert result.returncode == 1
    assert (result.stdout + result.stderr).count("gone.png") == 1
    good, gone = json.loads(result.stdout)
    assert good["predictions"][0]["number"] == "2"
    assert "cannot be read" in gone["error"]


def test_files_of_a_folder_that_are_skipped_are_counted(artifacts, tmp_path):
    Image.fromarray(two()).save(tmp_path / "good.png")
    for name in ("notes.txt", "photo.heic", "scan.pdf"):
        (tmp_path / name).write_bytes(b"?")
    result = predict(artifacts, "--json", tmp_path)
    assert result.returncode == 0, result.stderr
    assert "3 files skipped" in result.stderr
    assert len(json.loads(result.stdout)) == 1
