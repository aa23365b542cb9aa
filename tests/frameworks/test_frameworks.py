"""What is known of an exhibit without importing it: title, constants, lines."""

import os

import pytest

from core import frameworks
from core.frameworks._lines import count_effective_lines

EXHIBIT = '''"""Made up: it does nothing."""

import os

os.environ["DIGIT_DERBY_MADE_UP"] = "set by an import"
first = second = os.cpu_count()
RUNTIME: str = "numpy"
MODEL_FILE = "model.npz"
WIDTH = HEIGHT = 28
UNSET: int
PACKAGES = {
    "numpy": "numpy",
}
THREAD_VARIABLES = ("MADE_UP_THREADS",)
STRANGE = {[]: 1}


def devices():
    return ["cpu"]
'''


@pytest.fixture
def made_up(tmp_path, monkeypatch):
    """The folder of the exhibits holds a made-up one alone; what was remembered is forgotten."""
    (tmp_path / "made_up.py").write_text(EXHIBIT)
    (tmp_path / "_helper.py").write_text("no exhibit")
    monkeypatch.setattr(frameworks, "FOLDER", tmp_path)
    remembered = (frameworks.constants, frameworks._titles, frameworks.effective_loc)
    for function in remembered:
        function.cache_clear()
    yield "made_up"
    for function in remembered:
        function.cache_clear()


def test_constants_are_read_whatever_else_the_exhibit_does_at_its_top(made_up):
    assert frameworks.names() == [made_up]
    assert frameworks.constants(made_up) == {
        "title": "Made up: it does nothing.",
        "RUNTIME": "numpy",
        "MODEL_FILE": "model.npz",
        "WIDTH": 28,
        "HEIGHT": 28,
        "PACKAGES": {"numpy": "numpy"},
        "THREAD_VARIABLES": ("MADE_UP_THREADS",),
    }
    assert "DIGIT_DERBY_MADE_UP" not in os.environ
    assert frameworks.runtime(made_up) == "numpy"
    assert frameworks.title(made_up) == "Made up"


def test_what_an_exhibit_declares_about_its_process_is_no_line_of_code(made_up):
    declared = 4  # PACKAGES over three lines, THREAD_VARIABLES
    assert count_effective_lines(EXHIBIT) == 14
    assert frameworks.effective_loc(made_up) == 14 - declared


def test_exhibit_without_a_docstring_is_called_by_its_name(made_up):
    (frameworks.FOLDER / "plain.py").write_text("RUNTIME = 'numpy'\n")
    assert frameworks.title("plain") == "plain"


def test_every_name_has_a_title():
    assert frameworks.title("pytorch") == "PyTorch"
    assert frameworks.title("somebody else's") == "somebody else's"
    assert [frameworks.title(name) for name in (None, float("nan"), ["pytorch"])] == ["unknown"] * 3


def test_runtime_is_called_after_the_framework_of_its_name():
    titles = {frameworks.runtime(name): frameworks.title(name) for name in ("pytorch", "tensorflow_tape")}
    assert {runtime: frameworks.runtime_title(runtime) for runtime in titles} == titles
    assert frameworks.runtime_title("nobody's") == ""


def test_recorded_line_counts_of_the_reference_runs_are_still_those_of_the_exhibits():
    from core.places import PROJECT
    from core.runs import records

    artifacts = PROJECT / "artifacts"
    for run in filter(records.is_reference, records.run_names(artifacts)):
        result = records.read_object(records.metrics_path(artifacts, run))
        assert result["effective_loc"] == frameworks.effective_loc(result["framework"]), run


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("pytorch", "PyTorch", "torch"), "pytorch"),
        (("tensorflow_tape", "TensorFlow", "tensorflow", "tf"), "tensorflow_tape"),
        (("keras_fit", "Keras"), "keras_fit"),
        (("sklearn_scikeras", "sklearn", "scikit-learn", "scikeras"), "sklearn_scikeras"),
        (("numpy_scratch", "NumPy"), "numpy_scratch"),
    ],
)
def test_every_framework_is_found_by_what_people_call_it(words, name):
    assert {frameworks.aliases()[word.lower()] for word in words} == {name}


def test_exhibit_that_is_added_brings_its_own_words(made_up):
    assert frameworks.aliases() == dict.fromkeys(("made_up", "made up", "made", "numpy", "np"), "made_up")


def test_word_that_fits_several_frameworks_means_none_of_them(made_up):
    (frameworks.FOLDER / "other.py").write_text(EXHIBIT.replace("Made up", "Made elsewhere"))
    assert set(frameworks.aliases()) == {"made_up", "made up", "other", "made elsewhere"}
