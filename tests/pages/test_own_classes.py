"""Models of a visitor's own classes on the Draw page: their names on the cards, never mixed with digits."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import frameworks
from core.comparison.groups import comparable_groups
from core.data.catalogue import DIGIT_NAMES, DatasetInfo, find_dataset, names_of_classes
from core.data.datasets import load_images
from core.data.importing.parts import Source
from core.data.own_datasets import delete_dataset, import_dataset, runs_with
from core.places import PROJECT
from core.prediction.models import default_runs, model_file, model_files
from core.runs import records
from pages.components.canvas.saved import DIGITS
from pages.components.draw.cards import Card, cards_html, verdict_html
from pages.components.draw.families import family_title
from support.made_models import make_saved_models, make_untrained_run, save_models
from support.made_runs import make_finished_run, read_results
from support.own_files import packed, pictures

LETTERS = ("o", "long & <wide>")


def captions(page) -> list[str]:
    return [element.value.replace("\\", "") for element in page.caption]


def html_of(page) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def verdict_of(page) -> str:
    [said] = [e.proto.body for e in page.get("html") if 'data-testid="verdict"' in e.proto.body]
    return said


def card(run: str, names: tuple[str, ...], probabilities: list[float] | None) -> Card:
    said = None if probabilities is None else np.array([probabilities], np.float32)
    return Card("pytorch", run, run, "", said, class_names=names)


def test_cards_and_verdict_say_the_names_of_the_classes():
    cards = [Card("keras_fit", "waiting", "", "", class_names=LETTERS), card("a", LETTERS, [0.1, 0.9])]
    html = cards_html(cards) + verdict_html(cards)
    assert "long &amp; &lt;wide&gt;" in html
    assert "<wide>" not in html
    assert "Average of all: long &" in html.replace("&amp;", "&")
    assert html.count("<u style") == 4  # two bars on the model's card and on that of all together


def test_of_many_classes_the_likeliest_have_bars():
    names = tuple("abcdefghijklmnopqrstuvwxyz")
    html = cards_html([card("a", names, [0.5, *[0.02] * 25])])
    assert html.count("<u style") == 10
    assert ">a</span>" in html


def test_a_choice_names_the_first_classes():
    assert family_title(DIGIT_NAMES) == "Digits"
    assert family_title(tuple("abc")) == "a, b, c"
    assert family_title(tuple("abcdefg")) == "a, b, c, d, e and 2 more"


@pytest.mark.frameworks
def test_own_classes_are_asked_apart_from_digits(artifacts, tmp_path):
    info = import_dataset("letters", Source(packed(tmp_path / "letters.zip", pictures()))).info
    make_saved_models(artifacts, ("numpy_scratch",), dataset="digits")
    own = {"dataset": "letters", "classes": 2, "dataset_content": info.content}
    save_models(artifacts, [make_untrained_run(artifacts, "own", "numpy_scratch", **own)])
    files = model_files(artifacts)
    assert {run: file.class_names for run, file in files.items()} == {
        "made-numpy_scratch": DIGIT_NAMES,
        "own": ("o", "x"),
    }
    assert default_runs(files) == ["made-numpy_scratch"]
    assert records.read_config(artifacts, "own")[0].network.parameter_count() == 205_890
    page = AppTest.from_file(str(PROJECT / "pages" / "draw.py"), default_timeout=60)
    page.query_params["runs"] = "own"
    page.run()
    assert not page.exception
    assert page.selectbox(key="draw-family").value == (("o", "x"), "sign")
    assert "Draw one of o, x: which models read it, and how sure are they?" in captions(page)
    assert "Draw one of o, x" in verdict_of(page)
    assert page.multiselect(key="draw-runs").value == ["own"]
    assert "header" not in {element.type for element in page.main}, "own digits are of no use to letters"
    page.button_group(key="draw-way").set_value("test").run()
    assert not page.exception
    assert re.search("Test image [0-9] of letters: it is [ox]<", html_of(page))
    assert re.search("It is [ox]: (one|no) of one right", verdict_of(page))
    page.button_group(key="draw-way").set_value("upload").run()
    assert [field.label for field in page.get("file_uploader")] == ["A picture of one of o\\, x"]
    page.selectbox(key="draw-family").set_value(DIGITS).run()
    assert not page.exception
    assert "Write a digit: which models read it, and how sure are they?" in captions(page)
    assert page.multiselect(key="draw-runs").value == ["made-numpy_scratch"]
    page.button_group(key="draw-way").set_value("test").run()
    assert "somebody wrote a" in html_of(page)
    page.selectbox(key="draw-family").set_value((("o", "x"), "sign")).run()
    assert not page.exception
    assert page.multiselect(key="draw-runs").value == ["own"]
    assert "of letters: it is" in html_of(page)


@pytest.mark.frameworks
def test_models_of_whole_pictures_are_a_family_of_their_own(artifacts, tmp_path):
    archive = packed(tmp_path / "letters.zip", pictures())
    for name, how in (("inked", None), ("whole", "resize")):
        info = import_dataset(name, Source(archive, prepare=how)).info
        own = {"dataset": name, "classes": 2, "dataset_content": info.content}
        save_models(artifacts, [make_untrained_run(artifacts, f"run-{name}", "numpy_scratch", **own)])
    page = AppTest.from_file(str(PROJECT / "pages" / "draw.py"), default_timeout=60)
    page.query_params["runs"] = "run-whole"
    page.run()
    assert not page.exception
    assert page.selectbox(key="draw-family").options == ["o, x (whole pictures)", "o, x"]
    assert page.multiselect(key="draw-runs").options == ["NumPy · run-whole"]


# ── compared and asked after their dataset went ─────────────────────────────────────


def test_names_of_classes_are_those_of_the_runs_own_dataset(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_DATA", str(tmp_path))
    archive = packed(tmp_path / "letters.zip", pictures())
    info = import_dataset("letters", Source(archive)).info
    assert names_of_classes("letters", info.content, 2) == ["o", "x"]
    assert names_of_classes("letters", "0" * 16, 2) == ["0", "1"]
    for nobody_says in (None, float("nan")):  # as a table's empty cells are read
        assert names_of_classes("fashion-mnist", nobody_says, 10)[1] == "Trouser"
    delete_dataset("letters", tmp_path / "artifacts")
    assert names_of_classes("letters", info.content, 2) == ["0", "1"]


def test_another_dataset_of_the_same_name_leaves_older_runs_to_themselves(artifacts, tmp_path):
    archive = packed(tmp_path / "letters.zip", pictures(each=40))
    old = made_race(artifacts, "old", import_dataset("letters", Source(archive)).info)
    assert runs_with(artifacts, "letters", find_dataset("letters").content) == old
    delete_dataset("letters", artifacts)
    assert "The images themselves are not on this machine" in mistakes_of(old)
    with pytest.raises(records.RecordError, match="was trained on letters, which is not here"):
        model_file(artifacts, old[0])
    info = import_dataset("letters", Source(archive, prepare="resize")).info
    assert runs_with(artifacts, "letters", info.content) == []
    assert "These runs were tested on other images than the letters" in mistakes_of(old)
    with pytest.raises(records.RecordError, match="another dataset that was called letters"):
        model_file(artifacts, old[0])
    new = made_race(artifacts, "new", info)
    groups = comparable_groups(read_results(artifacts).frame)
    assert sorted(sorted(group.runs) for group in groups) == [new, old]


def made_race(artifacts, name: str, info: DatasetInfo) -> list[str]:
    """Two finished runs that disagree here and there, and have models."""
    own = {"dataset": info.name, "classes": len(info.class_names), "dataset_content": info.content}
    runs = []
    for framework in ("numpy_scratch", "pytorch"):
        run = f"{name}-{framework}"
        labels = load_images(info).y_test
        make_finished_run(artifacts, run, framework, 0.5, labels, **own)
        (artifacts / run / frameworks.constants(framework)["MODEL_FILE"]).write_bytes(b"")
        runs.append(run)
    return runs


def mistakes_of(runs: list[str]) -> str:
    """What Compare says where it would show images."""
    page = AppTest.from_function(gallery, args=(runs,), default_timeout=60).run()
    assert not page.exception
    return " ".join(element.value for kind in ("info", "warning") for element in page.get(kind))


def gallery(runs: list[str]) -> None:
    from core.comparison.compare import compare_runs
    from core.places import artifacts_dir
    from pages.components.compare.gallery import show_gallery
    from pages.components.shared import results_reader

    frame = results_reader().read().frame
    show_gallery(compare_runs(artifacts_dir(), frame.loc[runs]))
