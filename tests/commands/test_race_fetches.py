"""`core race` without its data: it fetches first, from a real server, and trains; or says why not."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.places import PROJECT
from core.races import turns
from core.races.first_phase import Fetching, NotFetched, first_phase
from core.runs import records
from core.runs.status import request_stop, run_status
from support.browser import wait_for
from support.file_server import FileServer, cut, stuck, whole
from support.small_mnist import NAMES, archives, small_files, taken_for_mnist

pytestmark = pytest.mark.frameworks

FILES = small_files()
ARCHIVES = archives(FILES)
FIRST = f"{NAMES[0]}.gz"
RACE = ["--frameworks", "numpy_scratch", "--architecture", "tiny-mlp", "--epochs", "1", "--threads", "1"]
STUCK = stuck(ARCHIVES[FIRST], 100_000)


@pytest.fixture
def server(artifacts, monkeypatch) -> Iterator[FileServer]:
    """A mirror with small files, which every process of the test takes for MNIST's."""
    server = FileServer()
    server.put(ARCHIVES)
    monkeypatch.setenv("DIGIT_DERBY_MIRROR", server.url())
    for name, value in taken_for_mnist(FILES).items():
        monkeypatch.setenv(name, value)
    yield server
    server.close()


@pytest.fixture
def start(artifacts):
    """Starts a race of this name, which ends with the test at the latest."""
    started = []

    def _start(name: str, *options: str) -> subprocess.Popen:
        command = ["race", *RACE, "--race", name, *options]
        process = subprocess.Popen(
            [sys.executable, "-m", "core", *command],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield _start
    for process in started:
        process.kill()
        process.communicate()


def raw(artifacts: Path) -> set[str]:
    """What lies in the folder of MNIST's files."""
    folder = artifacts.parent / "data" / "MNIST" / "raw"
    return {path.name for path in folder.iterdir()} - {".download.lock"}


def end_of(process: subprocess.Popen) -> tuple[int, str]:
    said = process.communicate(timeout=120)[0]
    assert "Traceback" not in said, said
    return process.returncode, " ".join(said.split())


def states(artifacts: Path) -> list[str]:
    return [run_status(artifacts, run).state for run in records.run_names(artifacts)]


def test_race_fetches_first_and_two_at_once_fetch_once(server, start, artifacts):
    processes = [start(name) for name in ("one", "two")]
    for process in processes:
        code, said = end_of(process)
        assert code == 0, said
        assert "fetching MNIST" in said
    assert states(artifacts) == ["finished", "finished"]
    assert raw(artifacts) == set(NAMES)
    assert sorted(server.requests) == sorted(2 * [f"/{name}.gz" for name in NAMES])  # where, then the file
    assert first_phase(artifacts, "one") is None
    assert turns.waiting() == []


def test_race_that_fetches_is_seen_holds_nobody_up_and_goes_on(server, start, artifacts):
    server.answers[f"/{FIRST}"] = STUCK
    fetches = start("fetches", "--seeds", "1")
    phase = wait_for(lambda: (told := first_phase(artifacts, "fetches")) and told.share and told)
    assert isinstance(phase, Fetching)
    assert phase.words.startswith("file 1 of 4 · ")
    assert states(artifacts) == ["queued"]
    code, said = end_of(start("passes", "--dataset", "digits"))
    assert code == 0, said
    assert sorted(states(artifacts)) == ["finished", "queued"]
    assert [ticket["race"] for ticket in turns.waiting()] == ["fetches"]
    server.answers[f"/{FIRST}"] = whole(ARCHIVES[FIRST])
    server.closing.set()  # the download is cut, and there is no other mirror
    assert end_of(fetches)[0] == 2
    assert states(artifacts) == ["finished"]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, "404"),
        (cut(ARCHIVES[FIRST], 50_000), "ended after 50,000 of"),
        (whole(ARCHIVES[f"{NAMES[1]}.gz"]), "holds 208 bytes instead of"),
    ],
    ids=["missing", "cut", "wrong"],
)
def test_race_whose_data_does_not_come_leaves_nothing_but_the_reason(
    server, start, artifacts, answer, problem
):
    server.answers.pop(f"/{FIRST}")
    if answer:
        server.answers[f"/{FIRST}"] = answer
    code, said = end_of(start("none"))
    assert code == 2
    assert f"MNIST could not be fetched: {server.url()}" in said
    assert problem in said
    assert "--dataset digits" in said
    assert raw(artifacts) == set()
    assert records.run_names(artifacts) == []
    assert turns.waiting() == []


def test_without_a_network_it_ends_with_status_two_and_names_the_digits(server, start, artifacts):
    server.close()
    code, said = end_of(start("none", "--seeds", "3,4", "--epochs", "2", "--name", "Offline"))
    assert code == 2
    assert "error: MNIST could not be fetched: no server can be reached from here" in said
    assert "--dataset digits, which needs no download" in said
    failure = first_phase(artifacts, "none")
    assert isinstance(failure, NotFetched)
    again = [*failure.instead, "--artifacts", str(artifacts)]
    command = [sys.executable, "-m", "core", "race", *again]
    assert subprocess.run(command, cwd=PROJECT, capture_output=True, check=False).returncode == 0
    runs = records.run_names(artifacts)
    configs = [records.read_config(artifacts, run)[0] for run in runs]
    assert [(one.dataset, one.seed, one.epochs) for one in configs] == [("digits", 3, 2), ("digits", 4, 2)]
    assert {records.read_notes(artifacts, run)["title"] for run in runs} == {"Offline"}


def children(process: subprocess.Popen) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("how", ["stopped on the page", "Ctrl-C"])
def test_fetch_that_nobody_wants_any_longer_ends_and_leaves_nothing_half_written(
    server, start, artifacts, how
):
    server.answers[f"/{FIRST}"] = STUCK
    process = start("stopped")
    wait_for(lambda: (told := first_phase(artifacts, "stopped")) and told.share)
    downloads = children(process)
    assert downloads
    if how == "Ctrl-C":
        process.send_signal(signal.SIGINT)
    else:
        [run] = records.run_names(artifacts)
        request_stop(artifacts, run)
    assert end_of(process)[0] == 0
    assert states(artifacts) == ["stopped"]
    assert raw(artifacts) == set()
    assert not psutil.wait_procs(downloads, timeout=10)[1]
    assert first_phase(artifacts, "stopped") is None
    assert turns.waiting() == []


def test_race_that_is_killed_while_it_fetches_takes_its_download_along(server, start, artifacts):
    server.answers[f"/{FIRST}"] = STUCK
    process = start("killed")
    wait_for(lambda: (told := first_phase(artifacts, "killed")) and told.share)
    downloads = children(process)
    process.kill()
    process.wait()
    assert not psutil.wait_procs(downloads, timeout=10)[1]
    assert raw(artifacts) == set()
    assert states(artifacts) == ["interrupted"]
    assert first_phase(artifacts, "killed") is None
