"""`python -m core tune`: what it refuses, and what it lists."""

import json

import pytest
from typer.testing import CliRunner

from core.commands.app import app
from core.tuning import studies
from support.real_studies import tiny_spec

runner = CliRunner()


def tune(*arguments, artifacts):
    return runner.invoke(app, ["tune", *arguments, "--artifacts", str(artifacts)])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "--search: nothing is searched"),
        (["--search", "learning_rate"], "--search: 'learning_rate' cannot be used (it is field=values)"),
        (["--search", "learning_rate=log:0..1"], "a log scale has no zero"),
        (["--search", "learning_rate=log:1..0.1"], "it is reversed"),
        (["--search", "colour=red,blue"], "--search colour: cannot be searched"),
        (["--search", "filters=300;16"], "outside its limits"),
        (["--search", "dropout="], "it is empty"),
        (["--search", "epochs=1,2", "--epochs", "3"], "cannot be searched and fixed at once"),
        (
            ["--strategy", "grid", "--search", "epochs=lin:1..9", "--search", "batch_size=" + ",".join(
                map(str, range(1, 2002))
            )],
            "are too many (at most 10,000",
        ),
        (["--search", "epochs=1,2", "--strategy", "luck"], "--strategy: 'luck' cannot be used"),
        (["--search", "epochs=1,2", "--trials", "0"], "--trials: '0' cannot be used"),
        (["--search", "epochs=1,2", "--minutes", "soon"], "--minutes: 'soon' cannot be used"),
        (["--search", "epochs=1,2", "--folds", "1"], "--folds: '1' cannot be used"),
        (["--search", "epochs=1,2", "--final-seeds", "2"], "--final-seeds: '2' cannot be used"),
        (["--search", "epochs=1,2", "--dataset", "cifar"], "--dataset: 'cifar' cannot be used"),
        (["--search", "epochs=1,2", "--cluster", "here"], "the address of a scheduler is such as"),
        (["--resume", "missing"], "there is no study missing"),
        (["--resume", "missing", "--epochs", "3"], "leave out --epochs"),
        (["--resume", "missing", "--search", "epochs=1,2"], "leave out --search"),
        (["--resume", "../up"], "no run name"),
        (["--delete", "missing"], "there is no study missing"),
        (["--rename", "missing", "Title"], "there is no study missing"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence_and_leaves_nothing_behind(arguments, expected, artifacts):
    result = tune(*arguments, artifacts=artifacts)
    assert result.exit_code == 2
    assert expected in result.output.replace("\n", " ")
    assert "Traceback" not in result.output
    assert list(artifacts.iterdir()) == []


def test_cluster_that_is_not_there_is_a_sentence_and_no_study(artifacts):
    address = "tcp://127.0.0.1:9"  # the discard port, where nobody listens
    fields = ["--dataset", "digits", "--frameworks", "numpy_scratch", "--search", "epochs=1,2"]
    result = tune(*fields, "--cluster", address, artifacts=artifacts)
    assert result.exit_code == 2
    assert f"no Dask scheduler answers at {address}" in result.output.replace("\n", " ")
    assert studies.names(artifacts) == []


def test_data_that_does_not_come_is_a_sentence_and_no_study(artifacts):
    fields = ["--frameworks", "numpy_scratch", "--search", "epochs=1,2", "--name", "offline"]
    result = tune(*fields, artifacts=artifacts)  # of MNIST, which is not there; no server can be reached
    assert result.exit_code == 2
    assert "MNIST could not be fetched: no server can be reached" in result.output.replace("\n", " ")
    assert studies.names(artifacts) == []


def test_studies_are_listed_renamed_and_deleted(artifacts):
    assert "no studies yet" in tune("--list", artifacts=artifacts).output
    for name in ("first", "second"):
        studies.create(artifacts, tiny_spec(name))
    (artifacts / ".studies" / "second" / "study.json").write_text("{")
    assert tune("--rename", "first", "The first one", artifacts=artifacts).exit_code == 0
    rows = {row["study"]: row for row in json.loads(tune("--list", "--json", artifacts=artifacts).output)}
    assert (rows["first"]["title"], rows["first"]["status"]) == ("The first one", "interrupted")
    assert rows["second"]["status"] == "unreadable"
    assert "The first one" in tune("--list", artifacts=artifacts).output
    assert tune("--rename", "first", "[/b] First", artifacts=artifacts).exit_code == 0
    assert "[/b] First" in tune("--list", artifacts=artifacts).output
    for name in ("[/b] First", "second"):
        assert tune("--delete", name, artifacts=artifacts).exit_code == 0
    assert studies.names(artifacts) == []


def test_a_study_is_known_by_what_it_was_called_too(artifacts):
    studies.create(artifacts, tiny_spec("my-study").model_copy(update={"title": "My study"}))
    assert studies.called(artifacts, "My study") == "my-study"
    assert studies.called(artifacts, "my-study") == "my-study"
    studies.create(artifacts, tiny_spec("other").model_copy(update={"title": "My study"}))
    result = tune("--resume", "My study", artifacts=artifacts)
    assert result.exit_code == 2
    assert "my-study and other are both called My study" in result.output.replace("\n", " ")
