"""A race's own name: given at its start, carried by its runs, shown where they are shown."""

import pytest
from typer.testing import CliRunner

from core import frameworks
from core.commands.app import app
from core.config import RunConfig
from core.races.race import enter_runs
from core.races.race_list import RaceList
from core.races.setup import Setup
from core.races.turns import waiting
from core.runs import records
from core.runs.names import own_name
from pages.components.canvas.saved import saved_runs
from pages.components.names import race_heading, race_name
from support.app_test import open_page
from support.made_events import make_ended_race
from support.made_models import make_untrained_run

NAME = "With *dropout*"


def test_every_run_has_the_races_name_before_any_trains(artifacts):
    configs = [RunConfig(framework=name, dataset="digits") for name in ("pytorch", "numpy_scratch")]
    runs = enter_runs(configs, artifacts, "20260102-030405-abcd", NAME)
    assert {records.read_notes(artifacts, run)["title"] for run in runs} == {NAME}
    (race,) = RaceList(artifacts).races()
    assert race_name(race) == f"{NAME}, {race.title}"
    assert race_heading(race) == f"Race “{NAME}”"

    records.write_notes(artifacts, runs[0], "Mine alone")  # one run is renamed: the race is not
    assert own_name(artifacts, runs) == ""
    assert race_heading(race).startswith("Race of 2 Jan")


def test_the_command_names_the_runs_that_it_trains(artifacts):
    options = "--dataset digits --architecture tiny-mlp --frameworks numpy --epochs 1 --threads 1"
    answer = CliRunner().invoke(
        app, ["race", *options.split(), "--name", NAME, "--artifacts", str(artifacts)]
    )
    assert answer.exit_code == 0, answer.output
    (run,) = records.run_names(artifacts)
    assert records.read_notes(artifacts, run)["title"] == NAME


def test_runs_that_train_again_can_have_a_name(artifacts):
    run = make_untrained_run(
        artifacts, "20260102-030405-numpy_scratch-tiny-mlp-s0", "numpy_scratch", dataset="digits",
        architecture="tiny-mlp", epochs=1, threads=1,
    )  # fmt: skip
    answer = CliRunner().invoke(
        app, ["race", "--again", run, "--name", "Once more", "--artifacts", str(artifacts)]
    )
    assert answer.exit_code == 0, answer.output
    (again,) = set(records.run_names(artifacts)) - {run}
    assert records.read_notes(artifacts, again)["title"] == "Once more"


def test_a_name_that_is_too_long_is_refused(artifacts):
    answer = CliRunner().invoke(app, ["race", "--name", 121 * "x", "--artifacts", str(artifacts)])
    assert answer.exit_code == 2
    assert "at most 120 characters" in answer.output
    assert waiting() == []


def test_the_form_writes_the_name_into_address_and_command(artifacts):
    page = open_page("train.py", dataset="digits", epochs="7")
    page.session_state["as-command"] = True  # as a click does
    page.text_input(key="setup-name").set_value(f" {NAME} ").run()
    assert page.query_params["name"] == NAME
    assert f"--name '{NAME}'" in page.code[0].value
    again = open_page("train.py", **{key: page.query_params[key] for key in page.query_params})
    assert again.text_input(key="setup-name").value == NAME
    assert again.number_input(key="setup-epochs").value == 7


def test_train_shows_a_race_by_its_name(artifacts):
    race = make_ended_race(artifacts, "finished", "failed")
    for run in records.run_names(artifacts):
        records.write_notes(artifacts, run, NAME)
    page = open_page("train.py", dataset="digits", race=race)
    assert not page.exception
    assert any(text.value.startswith(r"**Race “With \*dropout\*”**") for text in page.markdown)


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_draw_tells_the_runs_of_a_named_race_apart(artifacts, seeds):
    for config in Setup(("pytorch", "keras_fit"), seeds, Setup.default("tiny-mlp").values).configs():
        run = records.create_run(artifacts, config, "20260102-030405-abcd")
        records.write_notes(artifacts, run, NAME)
        (records.run_dir(artifacts, run) / frameworks.constants(config.framework)["MODEL_FILE"]).touch()
    known = saved_runs().known
    labels = [saved.label for saved in known.values()]
    assert len(labels) == len(set(labels))
    assert all(NAME in label for label in labels)
