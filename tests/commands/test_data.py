"""`python -m core data`: as it was with names and flags, and with words of its own."""

import json

import pytest
from typer.testing import CliRunner

from core.commands.app import app
from core.config import RunConfig
from core.data.catalogue import DATASETS
from core.runs import records
from support.own_files import HEADER, lines_of, packed, pictures, shapes, table

runner = CliRunner()
IMAGES, LABELS = shapes(20)


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty data folder, which is the default one."""
    monkeypatch.setenv("DIGIT_DERBY_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def bars(tmp_path):
    return str(table(tmp_path / "bars.csv", [HEADER, *lines_of(IMAGES, LABELS.tolist())]))


def ask(*arguments: str, code: int = 0, answer: str | None = None) -> str:
    result = runner.invoke(app, ["data", *arguments], input=answer)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


def test_names_and_flags_work_without_a_word(data):
    assert [row["dataset"] for row in json.loads(ask("--json"))] == list(DATASETS)
    assert [row["dataset"] for row in json.loads(ask("digits", "--json"))] == ["digits"]
    assert ask().startswith("mnist ")
    assert "digits" in ask("digits", "--fetch")
    assert "choose from mnist" in ask("cifar", code=2)
    assert "import" in ask("--help")


def test_import_then_show_then_delete(data, bars, tmp_path):
    said = ask("import", bars, "--name", "bars")
    assert "imported bars: 18 training and 2 test images, 2 classes (0, 1)" in said.replace("\n", " ")
    assert "python -m core race --dataset bars" in said
    [row] = json.loads(ask("bars", "--json"))
    assert row["ok"]
    assert row["folder"] == str(data / "own" / "bars")
    artifacts = tmp_path / "artifacts"
    artifacts.mkdir()
    run = records.create_run(artifacts, RunConfig(framework="pytorch", dataset="bars", classes=2), "race")
    options = ("bars", "--artifacts", str(artifacts))
    asked = ask("delete", *options, answer="n\n", code=1)
    assert run in asked.replace("\n", "")
    assert (data / "own" / "bars").is_dir()
    ask("delete", *options, answer="y\n")
    assert not (data / "own" / "bars").exists()


def test_pictures_are_prepared_as_asked(data, tmp_path):
    path = str(packed(tmp_path / "letters.zip", pictures()))
    ask("import", path, "--name", "like-mnist")
    said = ask("import", path, "--name", "plain", "--prepare", "resize")
    assert "Turned to light on dark" in said.replace("\n", " ")
    for option, text in (("--prepare", "blur"), ("--size", "9")):
        said = ask("import", path, "--name", "x", option, text, code=2)
        assert f"{option}: '{text}' cannot be used" in said


@pytest.mark.parametrize("name", ["Bars", "mnist", "import", "delete"])
def test_names_that_are_taken_or_none_are_refused(data, bars, name):
    assert "error:" in ask("import", bars, "--name", name, code=2)
    assert not data.exists()


def test_a_refusal_names_the_line_and_leaves_nothing(data, tmp_path):
    lines = [HEADER, *lines_of(IMAGES, LABELS.tolist())]
    path = str(table(tmp_path / "bars.csv", [*lines[:9], lines[9] + ",7", *lines[10:]]))
    assert "error: bars.csv, line 10: 786 columns" in ask("import", path, "--name", "bars", code=2)
    assert not data.exists()
