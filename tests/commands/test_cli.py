"""The command line: bad input gets one clear line, never a traceback."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from core.commands.app import app
from core.config import RunConfig
from core.places import PROJECT
from core.runs import records
from support.own_files import HEADER, lines_of, shapes, table

runner = CliRunner()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["race", "--frameworks", "caffe"], "choose all or"),
        (["race", "--frameworks", ""], "choose all or"),
        (
            ["race", "--dataset", "cifar"],
            "--dataset: 'cifar' cannot be used (choose from mnist, fashion-mnist",
        ),
        (["race", "--architecture", "huge"], "choose from small-cnn"),
        (
            ["race", "--learning-rate", "0"],
            "--learning-rate: '0' cannot be used (input should be greater than or equal to 0.000000001)",
        ),
        (
            ["race", "--epochs", "0"],
            "--epochs: '0' cannot be used (input should be greater than",
        ),
        (
            ["race", "--optimizer", "lion"],
            "--optimizer: 'lion' cannot be used (input should be 'sgd', 'adam', 'rmsprop' or 'adadelta')",
        ),
        (["race", "--seeds", "a,b"], "--seeds: 'a,b' cannot be used (whole numbers with commas"),
        (["race", "--seeds", "-1"], "--seeds: '-1' cannot be used (1 to 20 whole numbers from 0 on"),
        (["race", "--seeds", ",".join(map(str, range(21)))], "1 to 20 whole numbers"),
        (["race", "--filters", "8,x"], "--filters: '8,x' cannot be used (whole numbers with commas"),
        (["race", "--filters", "8,8,8,8,8"], "use fewer convolution blocks"),
        (["race", "--epochs", "many"], "--epochs: 'many' cannot be used (input should be a valid integer"),
        (["race", "--epochs", "0", "--dropout", "2"], "--dropout: '2' cannot be used"),
        (["parity", "--optimizer", "lion"], "--optimizer: 'lion' cannot be used (input should be 'sgd',"),
        (
            ["parity", "--architecture", "huge"],
            "--architecture: 'huge' cannot be used (choose from",
        ),
        (["delete", "../up"], "no run name"),
        (["delete", "missing"], "there is no run missing"),
        (["delete", "reference-pytorch-small-cnn"], "reference run"),
        (["train", "missing.json"], "not the config.json of a run"),
    ],
)
def test_bad_input_is_refused_with_what_is_allowed(arguments, expected, tmp_path):
    needs_folder = arguments[0] not in ("train", "parity")
    result = runner.invoke(app, [*arguments, *(["--artifacts", str(tmp_path)] if needs_folder else [])])
    assert result.exit_code == 2
    assert expected in result.output.replace("\n", " ")
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_own_dataset_that_is_damaged_is_refused_and_not_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_DATA", str(tmp_path / "data"))
    path = table(tmp_path / "bars.csv", [HEADER, *lines_of(*shapes(20))])
    assert runner.invoke(app, ["data", "import", str(path), "--name", "bars"]).exit_code == 0
    next((tmp_path / "data" / "own" / "bars").glob("*images*")).unlink()
    result = runner.invoke(app, ["race", "--dataset", "bars", "--artifacts", str(tmp_path / "artifacts")])
    assert result.exit_code == 2
    assert "is missing" in result.output
    assert "core data delete bars" in result.output.replace("\n", " ")
    assert records.run_names(tmp_path / "artifacts") == []


def test_runs_lists_every_run_and_names_broken_files(tmp_path):
    run = records.create_run(tmp_path, RunConfig(framework="pytorch"), "race")
    (tmp_path / "broken_metrics.json").write_text("{")
    rows = json.loads(runner.invoke(app, ["runs", "--json", "--artifacts", str(tmp_path)]).output)
    assert {row["run"]: row["status"] for row in rows} == {run: "interrupted", "broken": "unreadable"}
    table = runner.invoke(app, ["runs", "--artifacts", str(tmp_path)])
    assert table.exit_code == 0
    assert "unreadable" in table.output


def test_no_runs_lead_on_to_the_first_race(tmp_path):
    assert "python -m core race" in runner.invoke(app, ["runs", "--artifacts", str(tmp_path)]).output


def test_delete_removes_a_run(tmp_path):
    run = records.create_run(tmp_path, RunConfig(framework="pytorch"), "race")
    assert runner.invoke(app, ["delete", run, "--artifacts", str(tmp_path)]).exit_code == 0
    assert records.run_names(tmp_path) == []


def test_thread_counts_can_still_be_set_when_the_commands_are_loaded():
    code = "import sys, core.commands.app; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT).returncode == 0
