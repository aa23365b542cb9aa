"""A run taken home: one file that trains it again in an empty folder and reaches what was recorded."""

import ast
import re
import subprocess
import sys

import numpy as np
import pytest

from core import frameworks
from core.architectures import PRESETS
from core.export.recorded import read_recorded
from core.export.takehome import export_run, requirements
from core.runs import records
from support import taken_home

pytestmark = pytest.mark.frameworks

LAST_LINE = re.compile(r"recorded (\d+\.\d\d) %, this file (\d+\.\d\d) %")
FEW = {("pytorch", "small-cnn"), ("numpy_scratch", "tiny-mlp"), ("keras_fit", "sprint")}
CELLS = [
    pytest.param(framework, preset, marks=[] if (framework, preset) in FEW else pytest.mark.long)
    for framework in frameworks.names()
    for preset in PRESETS
]


@pytest.mark.parametrize(("framework", "preset"), CELLS)
def test_a_script_repeats_its_run_to_the_last_digit(framework, preset, artifacts, tmp_path):
    run = taken_home.train(artifacts, taken_home.small_config(framework, preset))
    script, *_ = export_run(artifacts, run, "script", tmp_path / "home")
    losses, last = taken_home.losses_of_file(script)
    recorded, reached = LAST_LINE.fullmatch(last).groups()
    assert recorded == reached == f"{100 * read_recorded(artifacts, run).accuracy:.2f}"
    expected = taken_home.losses_of_run(artifacts, run)
    assert len(losses) == len(expected)
    assert np.allclose(losses[:50], expected[:50], rtol=0, atol=1e-5)


def imported(text):
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names


NEEDED = {
    "pytorch": {"torch", "numpy"},
    "numpy_scratch": {"numpy"},
    "keras_fit": {"keras", "tensorflow", "numpy"},
    "tensorflow_tape": {"keras", "tensorflow", "numpy"},
    "sklearn_scikeras": {"keras", "tensorflow", "numpy", "scikeras", "scipy", "sklearn"},
}


@pytest.mark.parametrize("framework", sorted(NEEDED))
def test_a_script_imports_its_framework_and_numpy_alone_and_passes_the_linter(framework, tmp_path):
    from core.places import PROJECT

    run = f"reference-{framework}-small-cnn"
    paths = export_run(PROJECT / "artifacts", run, "script", tmp_path / "home")
    script, listed, card = paths
    assert imported(script.read_text()) == NEEDED[framework]
    lint = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length=110", "--select=E,F,I,W,B,UP"]
    done = subprocess.run([*lint, str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    recorded = read_recorded(PROJECT / "artifacts", run)
    assert listed.read_text() == requirements(recorded)
    for name, version in recorded.versions.items():
        assert f"{name}=={version}" in listed.read_text()
    assert card.name == "model-card.md"
    names = {node.id for node in ast.walk(ast.parse(script.read_text())) if isinstance(node, ast.Name)}
    assert not names & {"config", "architecture", "Conv", "rmsprop", "he_normal", "devices", "save", "load"}


def test_variants_of_a_recipe_are_written_out(artifacts, tmp_path):
    """Schedule, momentum, own defaults, dropout and a whole training set change what a file holds."""
    variants = {
        "sgd": dict(optimizer="sgd", schedule="exponential", protocol="as-is", validation_size=0),
        "rmsprop": dict(optimizer="rmsprop", schedule="one-cycle", scaling="unit", train_size=None),
    }
    for name, changes in variants.items():
        config = taken_home.small_config("numpy_scratch", epochs=1, dropout=0.3, **changes)
        run = taken_home.train(artifacts, config)
        script, *_ = export_run(artifacts, run, "script", tmp_path / name)
        recorded, reached = LAST_LINE.fullmatch(taken_home.run_file(script)[-1]).groups()
        assert recorded == reached
        assert f"def {name}(" in script.read_text()
        assert "def adam(" not in script.read_text()
        assert ("initial_weights" in script.read_text()) == (name == "rmsprop")


def test_nothing_is_left_in_the_folder_above(artifacts, tmp_path):
    run = taken_home.train(artifacts, taken_home.small_config("numpy_scratch", "tiny-mlp", epochs=1))
    (tmp_path / "above").mkdir()
    export_run(artifacts, run, "card", tmp_path / "above" / "home")
    assert [path.name for path in (tmp_path / "above").rglob("*")] == ["home", "model-card.md"]
    assert records.run_names(artifacts) == [run]
