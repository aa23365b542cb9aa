"""A real server and a real Chromium for the browser tests."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from core.places import PROJECT

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """The installed Chromium (Playwright's own is not used)."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition: Callable, timeout: float = 90):
    """Awaits something on disk or in the process table, and returns it; `timeout` in seconds."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.1)
    return result


AT_REST = """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')
    && !document.getAnimations().some(one => one.effect.target?.tagName === 'DETAILS')  // unfolds
"""


def click(locator) -> None:
    """Clicks what is there once the page stands still.

    While a page is made anew, old and new stand together; what moves between press and release gets no click.
    """
    wait_in(locator.page, AT_REST)
    locator.click()


def fill(locator, text: str) -> None:
    """Types a text into a field of a page that stands still, and Enter: what is made anew would empty it."""
    wait_in(locator.page, AT_REST)
    locator.fill(text)
    locator.press("Enter")


def wait_in(page, condition: str, arg=None) -> None:
    """Awaits a JavaScript condition, asked for ten times a second (once a frame takes a tenth of a core)."""
    page.wait_for_function(condition, arg=arg, polling=100)


class AppServer:
    """`streamlit run app.py` of a project folder, on a free port with an artifacts folder of its own.

    `url` is its address, `artifacts` its folder; `restart()` ends the server (not its races) and starts
    it again on the same port; `clear()` ends its races and empties the folder; `close()` ends it together
    with every process that it left behind.
    """

    def __init__(self, artifacts: Path, data_dir: Path | None = None, project: Path = PROJECT):
        self.project = project
        self.artifacts = artifacts.absolute()
        self.artifacts.mkdir(parents=True, exist_ok=True)
        self.env = {
            **os.environ,
            "DIGIT_DERBY_ARTIFACTS": str(self.artifacts),
            "DIGIT_DERBY_LINE": str(self.artifacts.parent / "line"),  # does not wait for anybody's race
        }
        if data_dir:
            self.env["DIGIT_DERBY_DATA"] = str(data_dir)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = self.artifacts.parent / f"server-{self.port}.log"
        self.start()

    def start(self) -> None:
        """Starts the server and returns when it answers."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={self.port}"]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.project, env=self.env, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + 60
        while not self.healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"the server did not come up:\n{self.log()}")
            time.sleep(0.1)

    def healthy(self) -> bool:
        """Whether the server answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def log(self) -> str:
        """What the server has printed."""
        return self.log_path.read_text("utf-8", "replace")

    def stop(self) -> None:
        """Ends the server alone, as Ctrl-C or a crash would."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def restart(self) -> None:
        """Ends the server and starts it again on its port."""
        self.stop()
        self.start()

    def processes(self) -> list[psutil.Process]:
        """Every process that works on this server's artifacts folder (races outlive the server)."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("DIGIT_DERBY_ARTIFACTS") == str(self.artifacts):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return [process for process in found if process.pid != os.getpid()]

    def clear(self) -> None:
        """Ends every race at once and deletes what it left, for a test that starts with nothing."""
        _kill([process for process in self.processes() if _is_race(process)])
        shutil.rmtree(self.artifacts)
        self.artifacts.mkdir()

    def close(self) -> None:
        """Kills the server and the races and workers that it started."""
        _kill(self.processes())
        self.process.wait()


def _is_race(process: psutil.Process) -> bool:
    """Whether this is `python -m core race` or a run that one of them trains, and alive."""
    try:
        return process.cmdline()[1:3] == ["-m", "core"]
    except psutil.NoSuchProcess:  # it ended since it was listed (a zombie has no command either)
        return False


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # it may end by itself just now
            process.kill()
    psutil.wait_procs(processes, timeout=20)
