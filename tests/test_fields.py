"""Every field of a run stands in every place that shows, reads or compares it."""

import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest
from typer.main import get_command
from typer.testing import CliRunner

from core.architectures import PRESETS
from core.commands.app import app
from core.comparison.groups import NEEDED, SETTINGS
from core.comparison.results import COLUMNS
from core.config import RunConfig
from core.data.catalogue import DATASETS
from core.fields import FIELDS
from core.places import PROJECT
from core.races import setup

NAMES = list(RunConfig.model_fields)
TOGETHER = {"folds": {"fold": 0}, "fold": {"folds": 20}}  # what a field is not there without


def field(name: str):
    """The field's line; a field of `RunConfig` without one fails here."""
    assert name in FIELDS, f"{name} is missing in core/fields.py"
    return FIELDS[name]


def test_the_table_holds_the_fields_of_a_run_and_no_other():
    assert sorted(FIELDS) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_command_has_an_option_for_the_field(name):
    options = get_command(app).commands["race"].params
    offered = f"--{field(name).key}" in [text for option in options for text in option.opts]
    assert offered == (field(name).place != "follows")


@pytest.mark.parametrize("name", NAMES)
def test_a_set_up_carries_the_field(name):
    assert (field(name).key in setup.KEYS) == (field(name).place != "follows")
    assert (field(name).key in setup.ADDRESS_KEYS) == field(name).in_form
    assert field(name).several or name in setup.Setup.default().values


@pytest.fixture(scope="module")
def widgets(tmp_path_factory):
    """The keys of the Train page's widgets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGIT_DERBY_ARTIFACTS", str(tmp_path_factory.mktemp("artifacts")))
        page = AppTest.from_file(str(PROJECT / "pages" / "train.py"), default_timeout=60)
        page.query_params["dataset"] = "digits"
        page.run()
    assert not page.exception
    return {getattr(element, "key", None) for element in page.main}


@pytest.mark.parametrize("name", NAMES)
def test_the_form_has_a_widget_for_the_field(name, widgets):
    plural = "s" if field(name).several else ""
    assert (f"setup-{name}{plural}" in widgets) == field(name).in_form


@pytest.mark.parametrize("name", NAMES)
def test_runs_that_differ_in_the_field_are_told_apart(name):
    assert (name in SETTINGS) == (name not in ("framework", "seed", "classes", "fold"))
    assert (name in NEEDED) == (field(name).compared == "always" or name == "framework")


@pytest.mark.parametrize("name", NAMES)
def test_the_table_of_results_has_a_column_for_the_field(name):
    assert name in COLUMNS
    assert field(name).word


def test_limits_and_choices_are_those_that_a_run_is_held_to():
    for name in NAMES:
        needed = {"framework": "x", **TOGETHER.get(name, {})}
        if field(name).kind == "number":
            for value in field(name).limits:
                assert getattr(RunConfig(**{**needed, name: value}), name) == value
            for value in (field(name).limits[0] - 1, field(name).limits[1] + 1):
                with pytest.raises(ValueError, match="should be"):
                    RunConfig(**{**needed, name: value})
        for value in field(name).choices:
            assert getattr(RunConfig(**{**needed, name: value}), name) == value


def test_defaults_in_the_commands_help_are_those_of_a_run():
    for name in NAMES:
        if field(name).default is not None and name != "framework":
            assert field(name).default == str(RunConfig(framework="x").model_dump()[name])


def test_help_names_every_dataset_and_every_architecture():
    assert all(name in FIELDS["dataset"].option for name in DATASETS)
    assert all(name in FIELDS["architecture"].option for name in PRESETS)
    answer = CliRunner().invoke(app, ["race", "--help"], env={"COLUMNS": "160"})  # no help is wrapped
    assert answer.exit_code == 0
    assert "sgd, adam, rmsprop or adadelta" in answer.output


def test_what_a_preset_brings_is_marked():
    brought = {name for preset in PRESETS.values() for name in preset.recipe}
    assert brought <= {name for name in NAMES if field(name).of_preset}


def test_a_table_of_results_does_not_wait_for_pydantic():
    code = "import sys, core.comparison.compare, core.comparison.tables; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT).returncode == 0
