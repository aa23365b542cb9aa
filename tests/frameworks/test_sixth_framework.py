"""A sixth framework is one file: it trains, is compared, predicts, passes parity and is on every page."""

import json

import pytest

from core import frameworks
from core.charts.colours import NEXT_SILK, paint
from core.words import number_word
from support.project_copy import ProjectCopy

pytestmark = pytest.mark.frameworks

NAME, TITLE = "sixth_scratch", "Sixth"
COUNTED = f"{number_word(len({*frameworks.names(), NAME}))} frameworks"
RACE = [
    *("--frameworks", f"numpy_scratch,{NAME}", "--dataset", "digits", "--architecture", "tiny-mlp"),
    *("--epochs", "1", "--seeds", "0,1,2", "--threads", "1"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> ProjectCopy:
    """The project with one file more, and a race in which the new framework ran."""
    copy = ProjectCopy(tmp_path_factory.mktemp("sixth"))
    source = frameworks.source("numpy_scratch")
    text = source.replace('"""NumPy:', f'"""{TITLE}:', 1)
    assert text != source
    (copy.folder / "core" / "frameworks" / f"{NAME}.py").write_text(text, encoding="utf-8")
    copy.python("-m", "core", "race", *RACE)
    return copy


def runs_of(project: ProjectCopy, framework: str) -> list[str]:
    return sorted(path.name for path in project.artifacts.glob(f"*-{framework}-*") if path.is_dir())


def test_it_trains_and_its_result_is_recorded(project):
    runs = json.loads(project.python("-m", "core", "runs", "--json"))
    assert [run["status"] for run in runs] == ["finished"] * 6
    [first, *_] = runs_of(project, NAME)
    result = json.loads((project.artifacts / f"{first}_metrics.json").read_text())
    assert result["framework"] == NAME
    assert result["effective_loc"] == frameworks.effective_loc("numpy_scratch")
    assert set(result["environment"]["versions"]) >= {"numpy"}


def test_it_is_compared_with_the_others(project):
    compared = json.loads(project.python("-m", "core", "compare", "--format", "json"))
    [group] = compared["groups"]
    assert {run.split("-")[2] for run in group["runs"]} == {"numpy_scratch", NAME}
    assert len(group["runs"]) == 6
    assert f"{TITLE} " in project.python("-m", "core", "compare", "--format", "markdown")


def test_it_predicts(project, tmp_path):
    from PIL import Image, ImageDraw

    picture = Image.new("L", (200, 200))
    ImageDraw.Draw(picture).line([(100, 40), (100, 160)], fill=255, width=14)
    picture.save(tmp_path / "one.png")
    [entry] = json.loads(project.python("-m", "core", "predict", "--json", str(tmp_path / "one.png")))
    answers = {answer["framework"]: answer["probabilities"] for answer in entry["predictions"]}
    assert set(answers) == {"numpy_scratch", NAME}
    assert sum(answers[NAME]) == pytest.approx(1, abs=1e-4)


def test_it_passes_parity_and_is_asked_for_its_devices(project):
    code = (
        "from core.machine.devices import ask; from core.training.parity import measure_parity, passed\n"
        f"measured = measure_parity(steps=5, names=[{NAME!r}], threads=1)\n"
        f"print(ask({NAME!r}), passed(measured), *measured['frameworks'])"
    )
    assert project.python("-c", code).split() == ["['cpu']", "True", "pytorch", NAME]


def test_every_page_shows_it_in_a_colour_of_its_own(project):
    race = json.loads(next(project.artifacts.glob(f"*-{NAME}-*/config.json")).read_text())["race"]
    shown = project.open_pages(
        ("start", {}), ("train", {"race": race, "dataset": "digits"}), ("compare", {}), ("draw", {})
    )
    for page, content in shown.items():
        assert not content["exceptions"], (page, content["exceptions"])
        assert TITLE in content["text"], page
        worn = (NEXT_SILK.light.lower(), paint(NAME))
        assert any(colour in content["text"].lower() for colour in worn), page
    assert COUNTED.capitalize() in shown["start"]["text"]


def test_the_commands_count_it(project):
    assert COUNTED in " ".join(project.python("-m", "core", "--help").split())
