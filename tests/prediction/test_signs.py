"""A picture is read as the asked models' dataset was made: a number, one sign, the whole picture."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from core.commands.app import app
from core.data.catalogue import DIGIT_NAMES, find_dataset
from core.data.importing.parts import Source
from core.data.importing.preparing import plainly_resized
from core.data.own_datasets import import_dataset
from core.drawing.ink import EmptyDrawing
from core.drawing.preprocessing import prepare_digit
from core.prediction.signs import read
from support.made_models import make_saved_models, make_untrained_run, save_models
from support.own_files import packed, pictures

PAIR = np.full((80, 120), 255, np.uint8)  # two bars side by side: a sign of two pieces, or the number 11
PAIR[20:60, 30:36] = PAIR[20:60, 70:76] = 0


def test_only_numbers_are_taken_apart():
    assert len(read(PAIR, "number").digits) == 2
    sign = read(PAIR, "sign")
    assert [digit.box for digit in sign.digits] == [(30, 20, 46, 40)]
    np.testing.assert_array_equal(sign.images[0], prepare_digit(PAIR))


@pytest.mark.parametrize("picture", [PAIR, 255 - PAIR, Image.fromarray(PAIR).convert("RGB")])
def test_a_whole_picture_is_resized_and_light_on_dark(picture):
    found = read(picture, "picture")
    np.testing.assert_allclose(found.images[0], 255.0 - plainly_resized(PAIR), atol=1)
    assert found.digits[0].box == (0, 0, 120, 80)


def test_nothing_drawn_is_refused_but_as_a_whole_picture():
    blank = np.full((50, 50), 255, np.uint8)
    for way in ("number", "sign"):
        with pytest.raises(EmptyDrawing):
            read(blank, way)
    assert read(blank, "picture").images.max() == 0


def test_the_dataset_says_how_pictures_are_read(tmp_path):
    archive = packed(tmp_path / "letters.zip", pictures())
    digits = packed(tmp_path / "digits.zip", pictures(DIGIT_NAMES))
    own = {
        "inked": import_dataset("inked", Source(archive), data_dir=tmp_path).info,
        "whole": import_dataset("whole", Source(archive, prepare="resize"), data_dir=tmp_path).info,
        "kaggle": import_dataset("kaggle", Source(digits), data_dir=tmp_path).info,
    }
    assert {name: info.way for name, info in own.items()} == {
        "inked": "sign",
        "whole": "picture",
        "kaggle": "number",
    }
    assert [find_dataset(name).way for name in ("mnist", "fashion-mnist")] == ["number", "sign"]


@pytest.mark.frameworks
def test_predict_asks_each_model_in_its_own_way(artifacts, tmp_path):
    info = import_dataset("letters", Source(packed(tmp_path / "letters.zip", pictures()))).info
    own = {"dataset": "letters", "classes": 2, "dataset_content": info.content}
    save_models(artifacts, [make_untrained_run(artifacts, "own", "numpy_scratch", **own)])
    make_saved_models(artifacts, ("numpy_scratch",), dataset="digits")
    Image.fromarray(PAIR).save(tmp_path / "pair.png")
    options = ("--runs", "own,made-numpy_scratch", "--json", "--artifacts", str(artifacts))
    said = CliRunner().invoke(app, ["predict", str(tmp_path / "pair.png"), *options])
    assert said.exit_code == 0, said.output
    [picture] = json.loads(said.stdout)
    letters, digits = picture["predictions"]
    assert letters["run"] == "own"
    assert letters["number"] == info.class_names[letters["digit"]]
    assert len(letters["probabilities"]) == 2
    assert len(digits["digits"]) == 2
