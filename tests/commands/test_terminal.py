"""How bad input is answered: one clear line, status 2."""

import json

import pytest
import typer
from typer.testing import CliRunner

from core.commands.app import app
from core.commands.terminal import refusing


class Wrong(Exception):
    pass


def test_an_error_that_is_refused_ends_the_command_with_its_own_words(capsys):
    with pytest.raises(typer.Exit) as stopped, refusing(Wrong, flag="--where"):
        raise Wrong("no such [column]")
    assert stopped.value.exit_code == 2
    assert capsys.readouterr().err == "error: --where: no such [column]\n"


def test_another_error_goes_through(capsys):
    with pytest.raises(KeyError), refusing(Wrong):
        raise KeyError("a bug")
    assert capsys.readouterr().err == ""


def test_accuracies_are_written_in_the_terminal_as_on_the_pages(tmp_path):
    metrics = {"framework": "pytorch", "test_accuracy": 0.9902, "train_time_sec": 20.0}
    (tmp_path / "one_metrics.json").write_text(json.dumps(metrics))
    for command in ("runs", "compare"):
        answer = CliRunner().invoke(app, [command, "--artifacts", str(tmp_path)])
        assert answer.exit_code == 0
        assert "99.02 %" in answer.output
