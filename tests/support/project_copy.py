"""A copy of the project that a test may change: another exhibit in it, or no permission to write."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from core.places import PROJECT

# Opens pages one after another and prints, as JSON, what each of them shows and the errors that it reports.
OPEN_PAGES = """
import json, sys
from streamlit.testing.v1 import AppTest
shown = {}
for page, query in json.loads(sys.argv[1]):
    app = AppTest.from_file(f"pages/{page}.py", default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    for button in [button for button in app.button if button.label == "Start race" and "press" in query]:
        button.click().run()
    shown[page] = {
        "text": "\\n".join(str(getattr(element, "proto", "")) for element in app.main),
        "errors": [error.value for error in app.error],
        "exceptions": [error.value for error in app.exception],
    }
print(json.dumps(shown))
"""


class ProjectCopy:
    """What the app consists of, in a folder of its own, with its own results, data and line of races."""

    def __init__(self, folder: Path):
        self.folder = folder / "project"
        self.artifacts = folder / "artifacts"
        self.artifacts.mkdir(parents=True)
        self.environment = {
            **os.environ,
            "DIGIT_DERBY_ARTIFACTS": str(self.artifacts),
            "DIGIT_DERBY_DATA": str(folder / "data"),
            "DIGIT_DERBY_LINE": str(folder / "line"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.prefix: list[str] = []  # what starts every process in it
        for name in ("core", "pages", ".streamlit"):
            left_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(PROJECT / name, self.folder / name, ignore=left_out)
        shutil.copy(PROJECT / "app.py", self.folder)

    def python(self, *arguments: str, timeout: float = 200) -> str:
        """What a Python in this folder prints; its end must be good."""
        command = [*self.prefix, sys.executable, *arguments]
        answer = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=timeout
        )
        assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]
        return answer.stdout

    def open_pages(self, *pages: tuple[str, dict[str, str]]) -> dict[str, dict]:
        """What pages show, by name; each is given with its query. A key `press` in it starts the race."""
        return json.loads(self.python("-c", OPEN_PAGES, json.dumps(pages)).splitlines()[-1])


def without_write_permission(*folders: Path) -> None:
    """Takes the permission to write from folders and all that lies in them."""
    for folder in folders:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))


def with_write_permission(*folders: Path) -> None:
    """Gives the owner's permission back, so that the folders can be deleted."""
    for folder in folders:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(path.stat().st_mode | stat.S_IWUSR)


def bound_by_permissions(folder: Path) -> Sequence[str] | None:
    """What to write before a command so that `folder`, which is not writable, is so even for root.

    None when this machine has no way to do that.
    """
    ways: list[list[str]] = [[]]
    if shutil.which("setpriv"):
        rights = "-dac_override,-dac_read_search,-fowner"
        ways.append(["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"])
    for way in ways:
        attempt = subprocess.run([*way, "touch", str(folder / "attempt")], capture_output=True)
        if attempt.returncode:
            tried = subprocess.run([*way, "ls", str(folder)], capture_output=True)
            if tried.returncode == 0:
                return way
        (folder / "attempt").unlink(missing_ok=True)
    return None
