"""The environment of a training process: from the exhibits, and known before anything is imported."""

import subprocess
import sys

import pytest

from core import frameworks
from core.machine import environment
from core.places import PROJECT

RUNTIMES = sorted({frameworks.runtime(name) for name in frameworks.names()})


def test_exhibits_of_one_runtime_do_not_contradict_each_other():
    for runtime in RUNTIMES:
        wanted: dict[str, set[str]] = {}
        for name in frameworks.held_by(runtime):
            for variable, value in frameworks.constants(name).get("ENVIRONMENT", {}).items():
                wanted.setdefault(variable, set()).add(value)
        assert all(len(values) == 1 for values in wanted.values()), (runtime, wanted)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_process_gets_what_its_own_exhibits_need_and_nothing_of_the_others(runtime):
    variables = environment.thread_environment(3, runtime=runtime)
    own, others = set(), set()
    for name in frameworks.names():
        constants = frameworks.constants(name)
        needed = {*constants.get("THREAD_VARIABLES", ()), *constants.get("ENVIRONMENT", {})}
        (own if frameworks.runtime(name) == runtime else others).update(needed)
    assert own <= set(variables)
    assert not variables.keys() & (others - own)
    assert variables["OMP_NUM_THREADS"] == "3"
    assert set(variables) <= set(environment.thread_environment(3))


def test_tensorflow_is_told_threads_and_keras_its_backend():
    variables = environment.thread_environment(2, "cpu", "tensorflow")
    assert variables["TF_NUM_INTRAOP_THREADS"] == variables["TF_NUM_INTEROP_THREADS"] == "2"
    assert variables["KERAS_BACKEND"] == "tensorflow"
    assert variables["CUDA_VISIBLE_DEVICES"] == "-1"
    assert "CUDA_VISIBLE_DEVICES" not in environment.thread_environment(2)


def test_versions_are_recorded_of_what_the_process_imported_and_of_nothing_else():
    code = (
        "import sklearn; from core.machine.environment import describe\n"
        "print(*describe(1)['versions'].items(), sep='\\n')"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    from importlib.metadata import version

    expected = {("numpy", version("numpy")), ("scikit-learn", version("scikit-learn"))}
    assert set(answer.stdout.splitlines()) == {str(pair) for pair in expected}, answer.stderr


def test_package_that_lies_only_on_the_path_is_recorded_too(tmp_path, monkeypatch):
    (tmp_path / "made_up_package.py").write_text("__version__ = '7'")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(frameworks, "packages", lambda: {"made_up_package": "made-up-package"})
    assert environment.describe(1)["versions"] == {}
    import made_up_package  # noqa: F401

    assert environment.describe(1)["versions"] == {"made-up-package": "7"}
