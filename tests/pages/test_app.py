"""Every page without a browser: alone and through app.py, on empty, full and damaged folders."""

import ast
import logging
import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from core import frameworks
from core.places import PROJECT
from pages.components import warm_up
from support.app_test import assert_sound, open_page

PAGES = sorted(path.name for path in (PROJECT / "pages").glob("[!_]*.py"))
RUNTIMES = sorted(frameworks.packages().keys() - {"numpy", "sklearn"})  # these two serve the data as well


@pytest.fixture
def logged(monkeypatch) -> list[str]:
    """Everything that any logger says; Streamlit's own loggers do not pass it on."""
    messages = []
    monkeypatch.setattr(
        logging.Logger, "callHandlers", lambda self, record: messages.append(record.getMessage())
    )
    return messages


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
    kept_apart = {
        "core/frameworks": "one runtime a process",
        "core/data/fetching": "brings torchvision",
        "core/tuning/examples": "trains when it is imported",
    }
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
