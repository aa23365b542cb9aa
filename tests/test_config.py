"""Configuration, architectures and the shared start."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.architectures import PRESETS, Conv, Pool, Relu, build_architecture, initial_weights
from core.config import RunConfig
from core.runs import records


@pytest.mark.parametrize(
    ("preset", "parameters"),
    [
        ("small-cnn", 206_922),
        ("sprint", 305_306),
        ("wide-cnn", 1_199_882),
        ("wide-cnn-dropout", 1_199_882),
        ("tiny-mlp", 7_960),
    ],
)
def test_preset_has_the_parameters_of_its_source(preset, parameters):
    architecture = build_architecture(preset)
    assert architecture.parameter_count() == parameters
    assert sum(weight.size for weight in initial_weights(architecture, 0)) == parameters


def test_every_preset_fills_in_a_valid_recipe():
    for preset, source in PRESETS.items():
        config = RunConfig.from_preset("pytorch", preset)
        assert {key: getattr(config, key) for key in source.recipe} == source.recipe


def test_a_change_wins_over_the_recipe():
    config = RunConfig.from_preset("pytorch", "tiny-mlp", epochs=3)
    assert (config.epochs, config.batch_size) == (3, 10)


def test_shared_start_depends_on_the_seed_alone():
    architecture = build_architecture("small-cnn")
    first, again, other = (initial_weights(architecture, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_changed_architecture_says_so_in_its_name():
    plain, changed = build_architecture("small-cnn"), build_architecture("small-cnn", filters=(8, 16, 32))
    assert (plain.name, changed.name) == ("small-cnn", "small-cnn-8x16x32-d128-p0")
    assert [type(layer) for layer in changed.layers].count(Conv) == 3


def test_kernels_and_paddings_of_a_preset_hold_for_any_depth():
    def convolutions(preset, filters=None):
        layers = build_architecture(preset, filters).layers
        return [(layer.kernel, layer.padding) for layer in layers if isinstance(layer, Conv)]

    assert convolutions("sprint") == [(5, "same"), (3, "valid")]
    assert convolutions("sprint", (4, 4, 4)) == [(5, "same"), (3, "valid"), (3, "valid")]
    assert convolutions("wide-cnn", (4, 4, 4)) == [(3, "valid")] * 3
    assert convolutions("tiny-mlp", (4,)) == [(3, "same")]


def test_pools_stand_where_the_preset_says():
    def kinds(preset, filters):
        layers = build_architecture(preset, filters).layers
        return "".join(type(layer).__name__[0] for layer in layers if isinstance(layer, Conv | Relu | Pool))

    assert kinds("small-cnn", (4, 4)) == "CRPCRPR"
    assert kinds("wide-cnn", (4, 4, 4)) == "CRCRCRPR"
    assert kinds("sprint", (4, 4)) == "CPRCPRR"


@pytest.mark.parametrize(
    ("dropout", "part"), [(0.25, "p25"), (0.251, "p25.1"), (0.254, "p25.4"), (0.29, "p29"), (0.5, "p50")]
)
def test_name_of_a_changed_architecture_says_its_dropout_exactly(dropout, part):
    assert build_architecture("small-cnn", dropout=dropout).name == f"small-cnn-16x32-d128-{part}"


@given(st.floats(0, 0.9), st.sampled_from(list(PRESETS)))
def test_name_of_any_network_can_be_part_of_a_runs_name(dropout, preset):
    config = RunConfig.from_preset("sklearn_scikeras", preset, dropout=dropout, seed=2**31 - 1)
    name = f"20261120-100000-{config.framework}-{config.network.name}-s{config.seed}"
    assert records.check_name(name) == name


def test_record_of_a_dataset_that_is_not_here_is_read(tmp_path):
    config = RunConfig(framework="pytorch", dataset="letters-2027")
    run = records.create_run(tmp_path, config, "race")
    assert records.read_config(tmp_path, run) == (config, "race")


def test_too_many_poolings_are_refused_with_a_reason():
    with pytest.raises(ValidationError, match="use fewer convolution blocks"):
        RunConfig(framework="pytorch", filters=(8,) * 5)
    assert [type(layer) for layer in build_architecture("small-cnn", (4,) * 4).layers].count(Pool) == 4


@pytest.mark.parametrize(
    "bad",
    [
        {"learning_rate": 0},
        {"learning_rate": float("nan")},
        {"epochs": 0},
        {"batch_size": -1},
        {"architecture": "huge"},
        {"dataset": "../up"},
        {"framework": "../etc"},
        {"surprise": 1},
    ],
)
def test_values_out_of_range_are_refused(bad):
    with pytest.raises(ValidationError):
        RunConfig(**{"framework": "pytorch", **bad})


def test_config_is_frozen_and_survives_json():
    config = RunConfig.from_preset("pytorch", "wide-cnn", filters=(8, 8))
    with pytest.raises(ValidationError):
        config.epochs = 3
    assert RunConfig.model_validate_json(config.model_dump_json()) == config


def test_exponential_schedule_falls_after_each_epoch():
    rates = RunConfig(
        framework="pytorch", schedule="exponential", decay=0.5, learning_rate=1, epochs=3
    ).learning_rates(2)
    np.testing.assert_allclose(rates, [1, 1, 0.5, 0.5, 0.25, 0.25])


def test_one_cycle_schedule_rises_then_falls_to_nearly_nothing():
    rates = RunConfig(framework="pytorch", schedule="one-cycle", learning_rate=0.1, epochs=10).learning_rates(
        10
    )
    peak = rates.argmax()
    assert len(rates) == 100
    assert rates[peak] == pytest.approx(0.1)
    assert rates[0] == pytest.approx(0.1 / 25)
    assert (np.diff(rates[:peak]) > 0).all()
    assert (np.diff(rates[peak + 1 :]) < 0).all()
    assert rates[-1] < 1e-6


def test_as_is_leaves_the_constants_to_the_framework():
    assert RunConfig(framework="pytorch", protocol="as-is").optimizer_constants() == {}
    assert RunConfig(framework="pytorch").optimizer_constants()["epsilon"] == 1e-7
