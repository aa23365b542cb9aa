"""One contract for all exhibits. Each runtime lives in a process of its own; this one imports none."""

import ast
import pickle
import sys
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from core import frameworks
from core.architectures import PRESETS
from core.charts.colours import SILKS
from core.config import RunConfig
from core.training.parity import centred_logits
from support import exhibit_probe as probe

pytestmark = pytest.mark.frameworks

NAMES = frameworks.names()
REFERENCE = "pytorch"
CONTRACT = ["devices", "build", "train", "predict", "get_weights", "save", "load"]
OPTIMIZERS = {"sgd": 0.05, "adam": 1e-3, "rmsprop": 1e-3, "adadelta": 1.0}  # with a learning rate

# How far the losses of seven steps may lie apart. SGD and Adadelta are the same arithmetic
# everywhere; Adam and RMSprop add epsilon in places of their own (see core/training/parity.py).
TOLERANCES = {"sgd": 1e-5, "adam": 5e-3, "rmsprop": 2e-2, "adadelta": 1e-5}

# A schedule sets the learning rate before each step, whatever the optimizer: four pairs show most of it.
SHORT = {("sgd", "exponential"), ("adam", "one-cycle"), ("rmsprop", "one-cycle"), ("adadelta", "one-cycle")}
PAIRS = [
    pytest.param(*pair, marks=() if pair in SHORT else pytest.mark.long)
    for pair in product(OPTIMIZERS, ("constant", "exponential", "one-cycle"))
]

each_framework = pytest.mark.parametrize("name", NAMES)


def _ask():
    processes = {}

    def call(function, name, *arguments):
        runtime = frameworks.runtime(name)
        if runtime not in processes:
            processes[runtime] = probe.start_process()
        return processes[runtime].submit(function, name, *arguments).result(timeout=280)

    yield call
    for process in processes.values():
        process.shutdown(wait=False)  # TensorFlow takes seconds to leave


@pytest.fixture(scope="module")
def ask():
    """Calls a function of `exhibit_probe` in the process of the framework's runtime."""
    yield from _ask()


@pytest.fixture(scope="module")
def ask_elsewhere():
    """The same in other processes."""
    yield from _ask()


def small_run(name, **changes) -> RunConfig:
    """A network that trains in a moment, with batches of 16."""
    settings = {"filters": (4,), "dense_units": 16, "batch_size": 16, "epochs": 2, "device": "cpu"}
    return RunConfig(framework=name, threads=probe.THREADS, **settings | changes)


def same(one, other) -> bool:
    """Whether two lists of arrays are equal, bit for bit."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


# ── the files ───────────────────────────────────────────────────────────────────────


def test_every_framework_with_a_colour_of_its_own_is_found():
    assert set(SILKS) <= set(NAMES)


@each_framework
def test_exhibit_has_the_same_functions_in_the_same_order(name):
    functions = {
        node.name: [argument.arg for argument in node.args.args]
        for node in ast.parse(frameworks.source(name)).body
        if isinstance(node, ast.FunctionDef) and node.name in CONTRACT
    }
    assert list(functions) == CONTRACT
    assert functions["build"] == ["architecture", "weights", "seed"]
    assert functions["train"][1:] == ["data", "config", "callback"]
    assert functions["predict"][1:] == ["images"]
    assert functions["save"][1:] == ["path"]


@each_framework
def test_exhibit_imports_of_core_nothing_but_types(name):
    imported = {
        node.module
        for node in ast.walk(ast.parse(frameworks.source(name)))
        if isinstance(node, ast.ImportFrom) and node.module.startswith("core")
    }
    assert imported <= {"core.architectures", "core.contract"}


@each_framework
def test_exhibit_states_what_is_its_own(name):
    constants = frameworks.constants(name)
    assert len(frameworks.title(name)) > 2
    assert constants["RUNTIME"].isidentifier()
    assert constants["MODEL_FILE"].startswith("model.")
    assert all(version(package) for package in constants["PACKAGES"].values())
    assert all(isinstance(value, str) for value in constants.get("ENVIRONMENT", {}).values())
    assert isinstance(constants.get("THREAD_VARIABLES", ()), tuple)


@each_framework
def test_exhibit_names_the_packages_that_it_imports(name):
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name).partition(".")[0]
        for node in ast.walk(ast.parse(frameworks.source(name)))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    common = {"core", "numpy", "scipy", *sys.stdlib_module_names}  # numpy_scratch names NumPy
    assert imported - common == set(frameworks.constants(name)["PACKAGES"]) - common


def test_asking_brings_no_framework_into_this_process(ask):
    runtimes = frameworks.packages().keys() - {"numpy", "sklearn"}  # these two serve the data as well
    before = runtimes & set(sys.modules)  # other tests may have imported one
    for name in NAMES:
        ask(probe.devices, name)
    assert runtimes & set(sys.modules) == before


# ── a model that was not trained ────────────────────────────────────────────────────


@each_framework
def test_devices_end_with_the_cpu(name, ask):
    assert ask(probe.devices, name)[-1] == "cpu"


@each_framework
def test_probabilities_of_any_number_of_images_sum_to_one(name, ask):
    counts = [1, 3, 1000, 1003]
    results = ask(probe.predict, name, small_run(name), counts)
    for count, probabilities in zip(counts, results, strict=True):
        assert probabilities.shape == (count, 10)
        assert probabilities.dtype == np.float32
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(probabilities, results[-1][:count], atol=1e-6)


@each_framework
@pytest.mark.parametrize("preset", PRESETS)
def test_preset_builds_with_shared_weights_and_logits(name, preset, ask):
    built = ask(probe.build, name, RunConfig.from_preset(name, preset))
    network = RunConfig.from_preset(name, preset).network
    assert [weight.shape for weight in built["weights"]] == network.weight_shapes()
    assert sum(weight.size for weight in built["weights"]) == network.parameter_count()
    assert {weight.dtype for weight in built["weights"]} == {np.dtype(np.float32)}

    expected = ask(probe.build, REFERENCE, RunConfig.from_preset(REFERENCE, preset))
    assert same(built["weights"], expected["weights"])
    logits = centred_logits(built["probabilities"])
    np.testing.assert_allclose(logits, centred_logits(expected["probabilities"]), atol=1e-5)
    assert logits.std() > 0.01  # equal because the weights are, not because they are all zero


@each_framework
def test_weights_survive_the_way_through_another_model(name, ask):
    built = ask(probe.build, name, small_run(name))
    assert same(built["weights"], built["weights_again"])
    assert np.array_equal(built["probabilities"], built["probabilities_again"])


@each_framework
def test_own_start_depends_on_the_seed_alone(name, ask):
    config = small_run(name, protocol="as-is")
    first, again, other = (ask(probe.build, name, config, True, seed)["weights"] for seed in (3, 3, 4))
    assert same(first, again)
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True) if a.ndim > 1)
    assert [weight.shape for weight in first] == config.network.weight_shapes()


# ── training ────────────────────────────────────────────────────────────────────────


@each_framework
def test_callback_hears_every_step_and_every_epoch(name, ask):
    told = ask(probe.train, name, small_run(name, epochs=3), 40)  # batches of 16, 16 and 8
    assert [step for step, _, _ in told["batches"]] == list(range(1, 10))
    assert [epoch for epoch, _, _ in told["epochs"]] == [0, 1, 2]
    assert np.isfinite([values[1:] for values in told["batches"] + told["epochs"]]).all()
    for (_, loss, accuracy), (_, last_loss, last_accuracy) in zip(
        told["epochs"], told["batches"][2::3], strict=True
    ):
        assert loss == pytest.approx(last_loss)  # both are the mean of the whole epoch
        assert accuracy == pytest.approx(last_accuracy)
        assert accuracy * 40 == pytest.approx(round(accuracy * 40), abs=1e-4)
    assert told["epochs"][2][1] < told["epochs"][0][1]
    assert [p.shape for p in told["epoch_probabilities"]] == [(3, 10)] * 3


@each_framework
def test_raising_callback_stops_training_and_the_model_keeps_what_it_learned(name, ask):
    stopped = ask(probe.train, name, small_run(name), 64, 3)
    assert stopped["raised"] == "stopped at step 3"
    assert [step for step, _, _ in stopped["batches"]] == [1, 2, 3]
    assert stopped["epochs"] == []
    assert not any(np.array_equal(a, b) for a, b in zip(stopped["before"], stopped["after"], strict=True))
    assert np.isfinite(stopped["probabilities"]).all()


@each_framework
@pytest.mark.parametrize("preset", PRESETS)
def test_preset_trains_with_its_own_recipe(name, preset, ask):
    config = RunConfig.from_preset(name, preset, epochs=1, device="cpu", batch_size=10)
    told = ask(probe.train, name, config, 20)
    assert len(told["batches"]) == 2
    assert np.isfinite(told["batches"]).all()
    assert not any(np.array_equal(a, b) for a, b in zip(told["before"], told["after"], strict=True))


@each_framework
@pytest.mark.parametrize(("optimizer", "schedule"), PAIRS)
def test_optimizer_and_schedule_mean_the_same_as_in_pytorch(name, optimizer, schedule, ask):
    settings = {
        "optimizer": optimizer,
        "schedule": schedule,
        "learning_rate": OPTIMIZERS[optimizer],
        "decay": 0.3,
        "filters": (),
        "epochs": 4,
        "batch_size": 20,
    }
    told, expected = (ask(probe.train, each, small_run(each, **settings), 40) for each in (name, REFERENCE))
    assert not any(np.array_equal(a, b) for a, b in zip(told["before"], told["after"], strict=True))
    np.testing.assert_allclose(told["batches"], expected["batches"], rtol=0, atol=TOLERANCES[optimizer])


@each_framework
def test_dropout_works_in_every_epoch_of_training(name, ask):
    # The weights hardly move, so without dropout both epochs have the same loss.
    settings = {"optimizer": "sgd", "learning_rate": 1e-9, "filters": (), "dense_units": 64}
    without = ask(probe.train, REFERENCE, small_run(REFERENCE, **settings), 16)["epochs"]
    assert without[0][1] == pytest.approx(without[1][1], abs=1e-5)
    told = ask(probe.train, name, small_run(name, dropout=0.5, **settings), 16)
    for _, loss, _ in told["epochs"]:
        assert abs(loss - without[0][1]) > 1e-3
    assert told["epochs"][0][1] != told["epochs"][1][1]


def test_schedules_change_what_is_learned(ask):
    settings = {"optimizer": "sgd", "learning_rate": 0.05, "decay": 0.3, "filters": (), "batch_size": 20}
    constant, exponential, one_cycle = (
        ask(probe.train, REFERENCE, small_run(REFERENCE, schedule=schedule, **settings), 40)["batches"][-1][1]
        for schedule in ("constant", "exponential", "one-cycle")
    )
    assert min(abs(constant - exponential), abs(constant - one_cycle), abs(exponential - one_cycle)) > 1e-3


@each_framework
@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "adadelta"])  # sgd shares no constants
def test_as_is_trains_with_the_frameworks_own_defaults(name, optimizer, ask):
    told = ask(probe.train, name, small_run(name, protocol="as-is", optimizer=optimizer, filters=()), 32)
    assert len(told["batches"]) == 4
    assert np.isfinite(told["batches"]).all()
    assert not any(np.array_equal(a, b) for a, b in zip(told["before"], told["after"], strict=True))


@each_framework
def test_same_seed_gives_the_same_predictions_in_another_process(name, ask, ask_elsewhere):
    config = small_run(name, filters=(16, 32), dropout=0.3, seed=5)
    first = ask(probe.train, name, config, 200)
    again = ask_elsewhere(probe.train, name, config, 200)
    assert np.array_equal(first["probabilities"], again["probabilities"])
    assert first["batches"] == again["batches"]


# ── files ───────────────────────────────────────────────────────────────────────────


@each_framework
def test_saved_model_predicts_and_trains_on_like_the_original(name, ask, tmp_path):
    config = small_run(name, filters=(16,), dense_units=64, epochs=1)
    found = ask(probe.train_save_load, name, config, str(tmp_path))
    assert found["files"] == [frameworks.constants(name)["MODEL_FILE"]]
    assert np.array_equal(found["saved"], found["loaded"])
    assert same(found["saved_weights"], found["loaded_weights"])
    assert np.array_equal(found["saved_later"], found["loaded_later"])
    assert not np.array_equal(found["saved"], found["saved_later"])

    # The file holds no optimizer state: Adam would add twice the weights again.
    weights = 4 * config.network.parameter_count()
    assert weights < found["bytes"] < 1.25 * weights


class Touch:
    """Creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@each_framework
def test_loading_never_runs_code_from_the_file(name, ask, tmp_path):
    marker, model = tmp_path / "ran", tmp_path / frameworks.constants(name)["MODEL_FILE"]
    payload = pickle.dumps(Touch(marker))
    pickle.loads(payload)  # the trap works
    marker.unlink()

    model.write_bytes(payload)
    assert ask(probe.load_failure, name, str(model))
    assert not marker.exists()


@pytest.mark.parametrize(
    "name", [name for name in NAMES if frameworks.constants(name)["MODEL_FILE"].endswith(".keras")]
)
def test_keras_file_with_a_python_function_is_refused(name, ask, tmp_path):
    model = tmp_path / "model.keras"
    ask(probe.save_keras_file_with_code, name, str(model))
    assert "Lambda" in ask(probe.load_failure, name, str(model))


# ── scikit-learn ────────────────────────────────────────────────────────────────────


def test_scikit_learn_can_clone_fit_and_score_the_estimator(ask):
    used = ask(probe.use_as_scikit_learn_estimator, "sklearn_scikeras")
    assert used["is_classifier"]
    assert used["stratified"]
    assert used["classes"] == list(range(10))
    assert used["score"] > 0.9
    np.testing.assert_allclose(used["probabilities"].sum(axis=1), 1, atol=1e-5)
    assert np.array_equal(used["probabilities"].argmax(axis=1), used["predictions"])
