"""`python -m core predict`: files in, JSON or a table out."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.drawing.preprocessing import prepare_digit
from core.places import PROJECT
from core.prediction.predictor import Predictor
from support.made_models import make_saved_models, make_untrained_run

pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    make_saved_models(folder, ("numpy_scratch", "pytorch"))
    return folder


def a_seven(shift: int = 0) -> Image.Image:
    picture = Image.new("L", (200, 200))
    ImageDraw.Draw(picture).line([(40, 40), (150, 45), (90 + shift, 170)], fill=255, width=14)
    return picture


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "more").mkdir()
    a_seven(0).save(folder / "b.png")
    a_seven(10).save(folder / "more" / "a.JPG")
    a_seven(20).save(folder / "c.webp", lossless=True)
    (folder / "notes.txt").write_text("no picture, and nobody asked for it")
    return folder


def predict(*arguments) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "core", "predict", *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=200)


def test_folder_is_read_as_json_with_ten_probabilities_a_model(model_folder, pictures):
    result = predict("--json", "--artifacts", model_folder, pictures)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert [entry["picture"] for entry in found] == [
        str(pictures / name) for name in ("b.png", "c.webp", "more/a.JPG")
    ]
    for entry in found:
        assert set(entry) == {"picture", "unlike", "likeness", "predictions"}
        assert [answer["framework"] for answer in entry["predictions"]] == ["numpy_scratch", "pytorch"]
        for answer in entry["predictions"]:
            assert set(answer) == {"run", "framework", "number", "digit", "probabilities", "milliseconds"}
            assert answer["number"] == str(answer["digit"])
            assert len(answer["probabilities"]) == 10
            assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-4)
            assert answer["digit"] == int(np.argmax(answer["probabilities"]))
            assert answer["milliseconds"] > 0


def test_file_takes_the_same_road_as_a_drawing_on_the_page(model_folder, pictures):
    run = "made-numpy_scratch"
    result = predict("--json", "--artifacts", model_folder, "--runs", run, pictures / "b.png")
    [said] = json.loads(result.stdout)[0]["predictions"]
    predictor = Predictor(model_folder)
    expected = predictor.predict([run], prepare_digit(a_seven())[None])
    predictor.close()
    np.testing.assert_allclose(said["probabilities"], expected[run].probabilities[0], atol=1e-5)


def test_unreadable_and_empty_pictures_have_an_error_instead(model_folder, pictures, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n?")
    Image.new("L", (50, 50), 255).save(tmp_path / "empty.png")
    result = predict(
        "--json",
        *("--artifacts", model_folder, "--runs", "made-numpy_scratch"),
        *(
            tmp_path / "broken.png",
            tmp_path / "missing.png",
            tmp_path / "empty.png",
            pictures / "b.png",
        ),
    )
    assert result.returncode == 1
    assert result.stdout.count("missing.png") + result.stderr.count("missing.png") == 1
    broken, missing, empty, good = json.loads(result.stdout)
    assert set(broken) == set(missing) == set(empty) == {"picture", "unlike", "likeness", "error"}
    assert "cannot be read" in missing["error"]
    assert "Draw a digit first" in empty["error"]
    assert [answer["run"] for answer in good["predictions"]] == ["made-numpy_scratch"]


def test_nothing_readable_ends_with_status_one(model_folder, tmp_path):
    result = predict(
        "--json", "--artifacts", model_folder, "--runs", "made-numpy_scratch", tmp_path / "x.png"
    )
    assert result.returncode == 1
    assert "error" in json.loads(result.stdout)[0]


def test_table_shows_digit_and_confidence(model_folder, pictures):
    result = predict("--artifacts", model_folder, "--runs", "made-numpy_scratch", pictures / "b.png")
    assert result.returncode == 0, result.stderr
    assert "%" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--runs", "no-such-run", "b.png"], "made-pytorch"),
        (["--runs", "../../etc", "b.png"], "no run name"),
        (["--runs", ",", "b.png"], "names nothing"),
        (["more/../more-nothing-here"], ""),
    ],
)
def test_bad_input_gets_one_line_that_says_what_is_allowed(model_folder, pictures, arguments, said):
    *flags, picture = arguments
    result = predict("--artifacts", model_folder, *flags, pictures / picture)
    assert result.returncode in (1, 2)
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_folder_without_models_says_how_to_get_one(tmp_path, pictures):
    make_untrained_run(tmp_path, "untrained", "pytorch")
    result = predict("--artifacts", tmp_path, pictures)
    assert result.returncode == 2
    assert "core race" in result.stderr


def test_model_that_does_not_load_is_named_and_the_others_answer(model_folder, pictures, tmp_path):
    make_untrained_run(tmp_path, "damaged", "pytorch")
    (tmp_path / "damaged" / "model.pt").write_bytes(b"no model")
    (tmp_path / "made-numpy_scratch").symlink_to(model_folder / "made-numpy_scratch")
    result = predict("--json", "--artifacts", tmp_path, pictures / "b.png")
    assert result.returncode == 1
    assert "damaged" in result.stderr
    (entry,) = json.loads(result.stdout)
    assert [answer["run"] for answer in entry["predictions"]] == ["made-numpy_scratch"]


def test_table_has_straight_columns_under_the_frameworks_names(model_folder, pictures, tmp_path):
    made = {framework: f"made-{framework}" for framework in ("numpy_scratch", "pytorch")}
    result = predict("--artifacts", model_folder, pictures)
    assert result.returncode == 0, result.stderr
    title, *lines = [line for line in result.stdout.splitlines() if line.strip()]
    assert "%" in title
    [head] = [line for line in lines if "picture" in line]
    assert head.split() == ["picture", "NumPy", "PyTorch", "like", "a", "digit?"]
    assert not any(run in result.stdout for run in made.values())
    rows = [line for line in lines if line.split()[0] in ("b.png", "c.webp", "more/a.JPG")]
    assert len(rows) == 3
    ends = {name: head.index(name) + len(name) for name in ("NumPy", "PyTorch")}
    for row in rows:
        assert all(row[end - 1].isdecimal() and row[end] == " " for end in ends.values()), result.stdout


def test_runs_of_one_framework_are_told_apart_in_the_table(model_folder, pictures, tmp_path):
    for name in ("made-pytorch", "again-pytorch-long-name-of-a-run"):
        (tmp_path / name).symlink_to(model_folder / "made-pytorch")
    result = predict("--artifacts", tmp_path, "--runs", "all", pictures / "b.png")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("PyTorch") == 2
    assert "again-long-name-of-a-run" in result.stdout
