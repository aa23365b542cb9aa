"""Races that repeat runs: in turns, as they were, or mended."""

import json
import subprocess
import sys

import pytest

from core.config import RunConfig
from core.data.catalogue import DATASETS
from core.places import PROJECT
from core.races.again import again_arguments, repeatable, setup_again
from core.races.setup import Setup, from_texts
from core.runs import records

TINY = dict(dataset="digits", architecture="tiny-mlp", threads=1)  # not the preset's recipe: the test's own


def queued(artifacts, framework="numpy_scratch", **changes) -> str:
    config = RunConfig.from_preset(framework, **{"epochs": 1, "train_size": 64, **TINY, **changes})
    return records.create_run(artifacts, config, "a-race")


def test_the_set_up_of_runs_is_the_race_that_trains_them_again(tmp_path):
    runs = [
        queued(tmp_path, framework, seed=seed)
        for seed in (0, 3)
        for framework in ("pytorch", "numpy_scratch")
    ]
    setup = setup_again(tmp_path, [*runs, queued(tmp_path, epochs=2), "imported-from-elsewhere"])
    assert (setup.frameworks, setup.seeds) == (("pytorch", "numpy_scratch"), (0, 3))
    assert [config.model_dump() for config in setup.configs()] == [
        records.read_config(tmp_path, run)[0].model_dump() for run in runs
    ]
    assert from_texts(setup.changes(), DATASETS) == (setup, [])
    assert setup_again(tmp_path, ["imported-from-elsewhere"]) is None


def test_a_mended_set_up_differs_in_the_remedy_alone(tmp_path):
    setup = setup_again(tmp_path, [queued(tmp_path, learning_rate=10.0, optimizer="sgd")])
    mended = setup.mended({"learning_rate": 0.01, "framework": "keras_fit"})
    assert mended == Setup(setup.frameworks, setup.seeds, {**setup.values, "learning_rate": 0.01})


def test_one_run_of_each_kind_is_repeated_whatever_its_seed(tmp_path):
    first, other = queued(tmp_path, seed=1), queued(tmp_path, epochs=2)
    queued(tmp_path, seed=2)
    torch = queued(tmp_path, "pytorch")
    runs = [first, "gone", records.run_names(tmp_path)[0], other, torch]
    assert set(repeatable(tmp_path, runs)) == {first, other, torch}


@pytest.fixture
def race(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_LINE", str(tmp_path / "line"))

    def _race(*arguments):
        command = [
            sys.executable,
            "-m",
            "core",
            "race",
            *arguments,
            "--artifacts",
            str(tmp_path / "artifacts"),
        ]
        return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    return _race


def test_the_clock_is_raced_again_in_turns(race, tmp_path):
    artifacts = tmp_path / "artifacts"
    runs = [queued(artifacts, epochs=epochs) for epochs in (1, 2)]
    assert race(*again_arguments(runs, turns=2)).returncode == 0
    taken = sorted(artifacts.glob("*_metrics.json"), key=lambda path: path.stat().st_mtime)
    assert [json.loads(path.read_text(encoding="utf-8"))["epochs"] for path in taken] == [1, 2, 1, 2]


def test_repeats_of_a_set_up_take_turns_over_its_seeds(race, tmp_path):
    options = ["--frameworks", "numpy_scratch", "--architecture", "tiny-mlp", "--dataset", "digits"]
    assert (
        race(*options, "--epochs", "1", "--train-size", "64", "--seeds", "0,1", "--repeats", "2").returncode
        == 0
    )
    taken = sorted((tmp_path / "artifacts").glob("*_metrics.json"), key=lambda path: path.stat().st_mtime)
    assert [json.loads(path.read_text(encoding="utf-8"))["seed"] for path in taken] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (["--again", "nothing-here"], "--again"),
        (["--again", "nothing-here", "--epochs", "3"], "leave out --epochs 3"),
        (["--repeats", "0"], "--repeats"),
    ],
)
def test_what_cannot_be_repeated_is_refused_in_a_line(race, options, answer):
    done = race(*options)
    assert done.returncode == 2
    assert answer in " ".join(done.stderr.split())
