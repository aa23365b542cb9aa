"""A fresh copy of the project, started for the first time: what it says, writes and serves."""

import urllib.request
from pathlib import Path

import pytest

from pages.components.plotly_script import ADDRESS, SCRIPT
from support.browser import AppServer
from support.project_copy import ProjectCopy


@pytest.fixture
def project(tmp_path) -> ProjectCopy:
    """What the app consists of, as in a fresh clone."""
    return ProjectCopy(tmp_path)


@pytest.fixture
def server(project):
    started = AppServer(project.artifacts, project=project.folder)
    yield started
    started.close()


def files_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "__pycache__" not in path.parts}


def test_first_start_says_its_address_and_nothing_else(server):
    said = [line.strip() for line in server.log().splitlines() if line.strip()]
    assert said == ["You can now view your Streamlit app in your browser.", f"URL: {server.url}"]


def test_starting_and_reading_every_page_writes_nothing_into_the_project(project, server):
    before = files_in(project.folder)
    script = """
from pathlib import Path
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=120).run()
for page in sorted(Path("pages").glob("[!_]*.py")):
    app.switch_page(f"pages/{page.name}").run()
    assert app.title and not app.exception, (page, app.exception)
"""
    project.python("-c", script)
    assert_serves_plotly(server.url)
    assert files_in(project.folder) == before


def assert_serves_plotly(url: str) -> None:
    with urllib.request.urlopen(f"{url}/{ADDRESS.removeprefix('./')}") as answer:
        assert answer.status == 200
        assert answer.headers.get_content_type() == "text/javascript"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.read() == SCRIPT.read_bytes()


def test_plotly_comes_from_the_installed_package_and_browsers_keep_it(server):
    assert_serves_plotly(server.url)


class ServerUnderAPath(AppServer):
    def start(self) -> None:
        self.url += "/derby"
        self.env["STREAMLIT_SERVER_BASE_URL_PATH"] = "derby"
        super().start()


def test_plotly_is_found_under_a_base_path(tmp_path):
    server = ServerUnderAPath(tmp_path / "artifacts")
    try:
        assert_serves_plotly(server.url)
    finally:
        server.close()
