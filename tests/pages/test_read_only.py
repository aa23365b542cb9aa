"""The app on folders that cannot be written: it shows everything and says why it cannot train."""

import shutil

import pytest

from core.places import PROJECT
from support.project_copy import (
    ProjectCopy,
    bound_by_permissions,
    with_write_permission,
    without_write_permission,
)

RUN = "reference-pytorch-small-cnn"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A checkout and a results folder without permission to write, and processes that are bound by it."""
    copy = ProjectCopy(tmp_path_factory.mktemp("read-only"))
    shutil.copytree(PROJECT / "artifacts" / RUN, copy.artifacts / RUN)
    shutil.copy(PROJECT / "artifacts" / f"{RUN}_metrics.json", copy.artifacts)
    without_write_permission(copy.folder, copy.artifacts)
    bound = bound_by_permissions(copy.folder)
    if bound is None:
        with_write_permission(copy.folder, copy.artifacts)
        pytest.skip("this user may write everywhere, and there is no setpriv to give that up")
    copy.prefix = list(bound)
    yield copy
    with_write_permission(copy.folder, copy.artifacts)


def test_every_page_shows_what_is_there(project):
    shown = project.open_pages(("start", {}), ("train", {"dataset": "digits"}), ("compare", {}), ("draw", {}))
    for page, content in shown.items():
        assert content["exceptions"] == content["errors"] == [], (page, content)
        assert "PyTorch" in content["text"], page


def test_train_says_why_no_race_can_start(project):
    [content] = project.open_pages(("train", {"dataset": "digits", "press": ""})).values()
    assert content["exceptions"] == []
    [error] = content["errors"]
    assert error.startswith(f"cannot write results to {project.artifacts}: Permission denied; choose another")


def test_race_in_the_address_that_nobody_launched_is_said_to_be_unknown(project):
    [content] = project.open_pages(("train", {"dataset": "digits", "race": "x"})).values()
    assert content["exceptions"] == []
    assert "There is no race x here" in content["text"]


def test_command_line_says_why_no_race_can_start(project):
    code = (
        "from typer.testing import CliRunner; from core.commands.app import app\n"
        "answer = CliRunner().invoke(app, ['race', '--dataset', 'digits', '--frameworks', 'pytorch'])\n"
        "print(answer.exit_code, ' '.join(answer.output.split()))"
    )
    said = project.python("-c", code)
    assert said.startswith("2 ")
    assert "cannot write results to" in said
    assert "Traceback" not in said


def test_runs_are_listed(project):
    assert RUN in project.python("-m", "core", "runs", "--json")
