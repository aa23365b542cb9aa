"""The set-up of a race as fields, address and command line."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core import frameworks
from core.architectures import PRESETS
from core.charts.colours import order
from core.config import RunConfig
from core.data.catalogue import DATASETS
from core.fields import as_text
from core.races import setup
from core.races.setup import Setup


def test_default_setup_needs_no_address_and_no_flags():
    default = Setup.default()
    assert default.changes() == {}
    assert default.command() == "python -m core race"
    assert [config.framework for config in default.configs()] == order(frameworks.names())


@pytest.mark.parametrize("preset", list(PRESETS))
def test_preset_brings_its_recipe_and_names_only_itself(preset):
    chosen, problems = setup.from_texts({"architecture": preset}, DATASETS)
    assert not problems
    assert chosen.changes() == ({} if preset == "small-cnn" else {"architecture": preset})
    recipe = RunConfig.from_preset("pytorch", preset)
    assert chosen.values["learning_rate"] == recipe.learning_rate
    assert chosen.values["epochs"] == recipe.epochs


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "architecture": st.sampled_from(list(PRESETS)),
        "dataset": st.sampled_from(["mnist", "digits", "fashion-mnist"]),
        "protocol": st.sampled_from(["controlled", "as-is"]),
        "epochs": st.integers(1, 200).map(str),
        "batch-size": st.integers(1, 4096).map(str),
        "learning-rate": st.floats(1e-7, 10).map(str),
        "optimizer": st.sampled_from(["sgd", "adam", "rmsprop", "adadelta"]),
        "filters": st.sampled_from(["8", "8,16", "none"]),
        "dropout": st.floats(0, 0.9).map(str),
        "augment": st.sampled_from(["true", "false"]),
        "train-size": st.integers(1, 60_000).map(str),
        "threads": st.integers(1, 64).map(str),
        "seeds": st.lists(st.integers(0, 99), min_size=1, max_size=5, unique=True).map(
            lambda seeds: ",".join(map(str, seeds))
        ),
        "frameworks": st.sampled_from(["all", "pytorch", "keras_fit,numpy_scratch"]),
        "name": st.text(max_size=120),
    },
)


@given(CHANGES)
def test_any_setup_survives_the_way_through_the_address(texts):
    chosen, problems = setup.from_texts(texts, DATASETS)
    assert not problems
    again, problems = setup.from_texts(chosen.changes(), DATASETS)
    assert not problems
    assert again == chosen
    assert shlex.split(chosen.command())[4:] == chosen.arguments()


@given(st.dictionaries(st.sampled_from(setup.KEYS), st.text(max_size=60), max_size=4))
def test_no_address_can_break_the_page(texts):
    chosen, _ = setup.from_texts(texts, DATASETS)
    assert chosen.configs()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("epochs", "0"),
        ("epochs", "many"),
        ("learning-rate", "nan"),
        ("optimizer", "magic"),
        ("architecture", "resnet"),
        ("frameworks", "jax"),
        ("seeds", "-1"),
        ("seeds", ""),
        ("filters", "8,x"),
        ("filters", "8,8,8,8,8"),
        ("threads", "0"),
        ("dataset", "<script>"),
        ("name", 121 * "x"),
    ],
)
def test_bad_value_is_named_and_replaced_by_the_default(key, text):
    chosen, problems = setup.from_texts({key: text}, DATASETS)
    assert len(problems) == 1
    assert problems[0].startswith(f"{key}: ")
    assert chosen == Setup.default()


def test_command_line_understands_the_flags(tmp_path):
    """The flags go through the real command line, which makes the same configurations."""
    from typer.testing import CliRunner

    from core.commands import app
    from core.races import race

    texts = {
        "frameworks": "pytorch,keras_fit", "seeds": "3,4", "dataset": "digits", "architecture": "tiny-mlp",
        "filters": "8", "dense-units": "20", "dropout": "0.25", "optimizer": "sgd", "learning-rate": "0.05",
        "momentum": "0.5", "schedule": "exponential", "decay": "0.9", "batch-size": "50", "epochs": "2",
        "protocol": "as-is", "scaling": "standardize", "augment": "true", "device": "cpu", "threads": "1",
        "validation-size": "100", "train-size": "300",
    }  # fmt: skip
    chosen, problems = setup.from_texts(texts, DATASETS)
    assert not problems
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(race, "enter_runs", lambda configs, *_: seen.extend(configs) or [])
        patch.setattr(race, "train_in_turn", lambda *_: None)
        answer = CliRunner().invoke(app.app, ["race", *chosen.arguments(), "--artifacts", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    assert seen == chosen.configs()


def test_values_that_do_not_go_together_are_refused():
    values = Setup.default("wide-cnn").values | {"filters": (8, 8, 8, 8), "epochs": -1}
    with pytest.raises(ValidationError):
        Setup(("pytorch",), (0,), values).configs()


def test_form_address_and_command_refuse_in_the_same_words(tmp_path):
    from typer.testing import CliRunner

    from core.commands.app import app

    for key, text in (
        ("epochs", "0"), ("seeds", "1,x"), ("frameworks", "caffe"), ("dataset", "cifar"), ("filters", "8,x"),
    ):  # fmt: skip
        _, (problem,) = setup.from_texts({key: text}, DATASETS)
        answer = CliRunner().invoke(app, ["race", f"--{key}", text, "--artifacts", str(tmp_path)])
        assert answer.exit_code == 2
        assert answer.output.split() == f"error: --{problem}".split()


def test_lists_are_read_as_they_are_typed():
    chosen, problems = setup.from_texts(
        {"frameworks": "pytorch, keras_fit,pytorch", "seeds": "3, 1", "filters": "none"}, DATASETS
    )
    assert not problems
    assert (chosen.frameworks, chosen.seeds) == (("pytorch", "keras_fit"), (3, 1))
    assert chosen.values["filters"] == ()


def test_frameworks_answer_to_what_people_call_them():
    chosen, problems = setup.from_texts({"frameworks": "torch,TF, sklearn,numpy,keras,pytorch"}, DATASETS)
    assert not problems
    assert chosen.frameworks == (
        "pytorch", "tensorflow_tape", "sklearn_scikeras", "numpy_scratch", "keras_fit",
    )  # fmt: skip
    assert chosen.arguments()[1] == as_text(chosen.frameworks)  # the names are what is kept


def test_all_frameworks_race_in_the_one_order():
    chosen, _ = setup.from_texts({"frameworks": "all"}, DATASETS)
    assert list(chosen.frameworks) == order(frameworks.names())
    assert chosen.arguments() == []


def test_stating_what_the_preset_has_anyway_changes_nothing():
    texts = {"filters": "16,32", "dense-units": "128", "dropout": "0"}
    assert setup.from_texts(texts, DATASETS) == (Setup.default(), [])


def test_further_training_goes_on_from_the_run_with_its_settings():
    config = RunConfig.from_preset("keras_fit", "wide-cnn", filters=(8, 16), seed=3, learning_rate=2e-3)
    arguments = Setup.further_training("some-run", config, epochs=2).arguments()
    text = " ".join(arguments)
    for part in (
        "--frameworks keras_fit",
        "--architecture wide-cnn",
        "--filters 8,16",
        "--seeds 3",
        "--epochs 2",
        "--schedule one-cycle",  # as it was measured, whatever the run had
        "--start-from some-run",
        "--own-digits",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  With\tdropout\n", "With dropout"),
        ("--again", "--again"),
        ("naïve 🏇🏽 \x00\x1b[31m", "naïve 🏇🏽 [31m"),
        ("torn \udcff bytes", "torn bytes"),
        (" ", ""),
    ],
)
def test_a_races_own_name_is_one_line_that_can_be_shown(text, name):
    chosen, problems = setup.from_texts({"name": text}, DATASETS)
    assert not problems
    assert chosen.name == name
    assert chosen.arguments() == (["--name", name] if name else [])


def test_a_name_decides_nothing_of_a_race():
    chosen, _ = setup.from_texts({"name": "Mine"}, DATASETS)
    assert chosen.configs() == Setup.default().configs()
