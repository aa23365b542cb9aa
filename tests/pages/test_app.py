"""Every page without a browser: alone and through app.py, on empty, full and damaged folders."""

import ast
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.config import RunConfig
from core.places import PROJECT
from core.runs import records
from core.runs.status import process_mark
from pages.components import warm_up
from support.made_runs import make_finished_run

PAGES = sorted(path.name for path in (PROJECT / "pages").glob("[!_]*.py"))
MNIST = os.environ.get("DIGIT_DERBY_DATA")
RUNTIMES = ("torch", "tensorflow", "keras", "scikeras")


@pytest.fixture
def logged(monkeypatch) -> list[str]:
    """Everything that any logger says; Streamlit's own loggers do not pass it on."""
    messages = []
    monkeypatch.setattr(
        logging.Logger, "callHandlers", lambda self, record: messages.append(record.getMessage())
    )
    return messages


def open_page(name: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(PROJECT / "pages" / name), default_timeout=60)
    for key, value in query.items():
        app.query_params[key.replace("_", "-")] = value
    return app.run()


def assert_sound(app: AppTest, logged: list[str]) -> None:
    assert not app.exception, [error.value for error in app.exception]
    assert app.title
    warnings = [message for message in logged if "deprecat" in message.lower()]
    assert not warnings, warnings


# ── all pages ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", PAGES)
def test_page_renders_alone_on_first_launch(page, artifacts, logged):
    assert_sound(open_page(page), logged)


@pytest.mark.parametrize("page", PAGES)
def test_page_renders_through_the_app(page, artifacts, logged, monkeypatch):
    monkeypatch.setattr(warm_up, "_get_ready", lambda: None)  # due after the test, in another folder
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).run()
    assert_sound(app, logged)
    app.switch_page(f"pages/{page}").run()
    assert_sound(app, logged)


@pytest.mark.parametrize("page", PAGES)
def test_page_survives_damaged_files(page, artifacts, logged):
    for name, text in {
        "a_metrics.json": "{",
        "b_metrics.json": "[]",
        "c_metrics.json": '{"framework": 7, "test_accuracy": "good", "train_time_sec": NaN}',
        "d_metrics.json": '{"framework": "pytorch", "test_accuracy": NaN, "train_time_sec": 1, "race": "x"}',
    }.items():
        (artifacts / name).write_text(text)
    for name, text in {"e": "", "f": '{"config": {}}', "g": '{"race": [], "config": 3}'}.items():
        (artifacts / name).mkdir()
        (artifacts / name / "config.json").write_text(text)
        (artifacts / name / "events.jsonl").write_bytes(b"\xff\x00\n{}\n")
    assert_sound(open_page(page), logged)


def test_app_process_never_loads_a_framework():
    """All pages in a process of their own, whose modules are then looked at."""
    script = f"""
import sys, tempfile, os
folder = tempfile.mkdtemp()
os.environ |= {{"DIGIT_DERBY_ARTIFACTS": folder, "DIGIT_DERBY_DATA": folder, "DIGIT_DERBY_LINE": folder}}
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=120).run()
for page in {PAGES!r}:
    app.switch_page("pages/" + page).run()
    assert not app.exception, (page, app.exception)
print(",".join(name for name in {RUNTIMES!r} if name in sys.modules))
"""
    answer = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert answer.stdout.strip().splitlines()[-1:] in ([], [""]), answer.stdout


def test_core_works_without_streamlit():
    files = [path.relative_to(PROJECT).with_suffix("") for path in sorted((PROJECT / "core").rglob("*.py"))]
    kept_apart = {"core/frameworks": "one runtime a process", "core/data/fetching": "brings torchvision"}
    modules = [
        ".".join(file.parts)
        for file in files
        if file.name not in ("__init__", "__main__") and not kept_apart.keys() & {str(file), str(file.parent)}
    ]
    assert len(modules) > 40
    script = f"import sys, {', '.join(modules)}; assert 'streamlit' not in sys.modules"
    answer = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr[-2000:]
    for path in (PROJECT / "core").rglob("*.py"):
        imported = [
            name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for name in _imported(node)
        ]
        assert not any(name.partition(".")[0] in ("streamlit", "pages", "app") for name in imported), path


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


# ── Train ───────────────────────────────────────────────────────────────────────────


def number(app: AppTest, field: str):
    return app.number_input(key=f"setup-{field}")


def test_choosing_a_preset_fills_in_its_recipe_and_the_address(artifacts):
    app = open_page("train.py", dataset="digits")
    app.selectbox(key="setup-architecture").select("wide-cnn-dropout").run()
    assert app.selectbox(key="setup-optimizer").value == "adadelta"
    assert app.selectbox(key="setup-schedule").value == "exponential"
    assert number(app, "learning_rate").value == 1.0
    assert number(app, "epochs").value == 10
    assert number(app, "dropout").value == 0.5
    assert app.selectbox(key="setup-dataset").value == "digits"  # not part of a recipe
    assert app.query_params["architecture"] == "wide-cnn-dropout"
    assert "optimizer" not in app.query_params  # the preset says it already


def test_link_reproduces_the_setup(artifacts):
    app = open_page("train.py", dataset="digits", epochs="7", frameworks="pytorch,keras_fit", seeds="3,4")
    assert number(app, "epochs").value == 7
    assert app.text_input(key="setup-seeds").value == "3, 4"
    assert app.button_group(key="setup-frameworks").value == ["keras_fit", "pytorch"]
    app.session_state["as-command"] = True  # as a click does
    number(app, "epochs").set_value(9).run()
    assert app.query_params["epochs"] == "9"
    assert "--epochs 9" in app.code[0].value
    number(app, "epochs").set_value(5).run()
    assert "epochs" not in app.query_params  # the default needs no word


def test_bad_values_in_the_address_are_named(artifacts):
    app = open_page("train.py", dataset="digits", epochs="soon", learning_rate="-1", frameworks="caffe")
    assert not app.exception
    text = " ".join(warning.value for warning in app.warning)
    assert all(key in text for key in ("epochs", "learning-rate", "frameworks"))
    assert number(app, "epochs").value == 5


def start_button(app: AppTest):
    return next(button for button in app.button if button.label in ("Start race", "Queue race"))


def test_start_waits_for_a_framework(artifacts):
    app = open_page("train.py", dataset="digits")
    assert not start_button(app).disabled
    app.button_group(key="setup-frameworks").set_value([]).run()
    assert start_button(app).disabled
    assert "at least one framework" in app.error[0].value


def test_network_that_cannot_be_built_is_refused_in_words(artifacts):
    app = open_page("train.py", dataset="digits", architecture="small-cnn")
    app.text_input(key="setup-filters").set_value("8, eight").run()
    assert start_button(app).disabled
    assert "whole numbers" in app.error[0].value


def test_missing_dataset_offers_download_or_the_built_in_digits(artifacts):
    app = open_page("train.py")
    assert start_button(app).disabled
    assert any(button.label == "Download MNIST" for button in app.button)
    next(button for button in app.button if "digits" in button.label).click().run()
    assert app.selectbox(key="setup-dataset").value == "digits"
    assert not start_button(app).disabled
    assert app.query_params["dataset"] == "digits"


def test_augmentation_shows_what_it_does_to_the_images(artifacts):
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    app = open_page("train.py", dataset="digits")
    before = len(app.get("image"))
    app.toggle(key="setup-augment").set_value(True).run()
    assert not app.exception
    assert len(app.get("image")) == before + 1


def make_ended_race(artifacts: Path, *ends: str) -> str:
    """Runs of one race that ended in these ways."""
    race = "20260102-030405-abcd"
    for framework, end in zip(("numpy_scratch", "pytorch", "keras_fit"), ends, strict=False):
        config = RunConfig(framework=framework, dataset="digits")
        run = records.create_run(artifacts, config, race)
        records.append_event(artifacts, run, "queued", time=0, **process_mark())
        if end == "finished":
            metrics = {"run": run, "race": race, "framework": framework, "test_accuracy": 0.97}
            metrics |= {"train_time_sec": 3.5, "status": "finished", "dataset": "digits", "epochs": 5}
            records.write_json(records.metrics_path(artifacts, run), metrics)
            records.append_event(artifacts, run, "ended", status="finished", reason="", time=1)
        elif end == "failed":
            records.append_event(artifacts, run, "ended", status="failed", reason="<b>no data</b>", time=1)
        else:
            records.append_event(artifacts, run, "launched", pid=2**22 + 1, process_started=0, time=1)
            records.append_event(artifacts, run, "exited", code=-9, time=2)
            (records.run_dir(artifacts, run) / "log.txt").write_text("last words\n")
    return race


def test_race_in_the_address_is_shown_with_its_result_and_its_failures(artifacts):
    app = open_page(
        "train.py", dataset="digits", race=make_ended_race(artifacts, "finished", "failed", "killed")
    )
    assert not app.exception
    cards = " ".join(element.proto.body for element in app.get("html"))
    assert 'data-framework="numpy_scratch" data-state="finished"' in cards
    assert 'data-framework="keras_fit" data-state="interrupted"' in cards
    assert "last words" in cards
    assert "&lt;b&gt;no data" in cards  # files cannot put markup on the page
    assert "<b>no data" not in cards
    table = app.dataframe[0].value
    assert table["Test accuracy"].tolist() == ["97.00%", "–", "–"]
    assert table["Status"].tolist() == ["finished", "failed", "interrupted"]


@pytest.mark.parametrize("name", ["20200101-000000-gone", "../../etc/passwd", "<script>"])
def test_unknown_race_in_the_address_is_said_to_be_unknown(artifacts, name):
    app = open_page("train.py", dataset="digits", race=name)
    assert not app.exception
    assert "no race" in app.warning[0].value


def test_folder_that_cannot_be_written_is_reported_on_start(artifacts, monkeypatch):
    target = artifacts.parent / "a-file"
    target.write_text("")
    monkeypatch.setenv("DIGIT_DERBY_ARTIFACTS", str(target))
    app = open_page("train.py", dataset="digits")
    start_button(app).click().run()
    assert not app.exception
    assert "cannot write results" in app.error[0].value


# ── Start ───────────────────────────────────────────────────────────────────────────


def test_start_page_leads_on_when_there_is_nothing_yet(artifacts):
    app = open_page("start.py")
    assert "No race has finished yet" in app.info[0].value
    assert any("Digits" in header.value for header in app.subheader)  # MNIST is not there


def test_start_page_shows_the_last_race(artifacts):
    make_ended_race(artifacts, "finished", "finished")
    app = open_page("start.py")
    assert not app.exception
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert {trace["y"][0] for trace in chart["data"]} == {"NumPy", "PyTorch"}
    assert app.dataframe[0].value["Test accuracy"].tolist() == ["97.00%", "97.00%"]


def test_start_page_shows_the_reference_runs_before_the_first_race(artifacts):
    for framework in ("pytorch", "keras_fit"):
        make_finished_run(artifacts, f"reference-{framework}-small-cnn", framework)
        make_finished_run(artifacts, f"reference-{framework}-small-cnn-augmented", framework, augment=True)
    app = open_page("start.py")
    assert not app.exception
    assert any("Reference runs" in caption.value for caption in app.caption)
    assert sorted(app.dataframe[0].value["Framework"]) == ["Keras", "PyTorch"]


def test_start_page_shows_mnist_when_it_is_there(artifacts, monkeypatch):
    if not MNIST:
        pytest.skip("DIGIT_DERBY_DATA is not set: no MNIST to show")
    monkeypatch.setenv("DIGIT_DERBY_DATA", MNIST)
    app = open_page("start.py")
    assert any("MNIST" in header.value for header in app.subheader)
    assert any("60,000 training" in caption.value for caption in app.caption)
