"""Starting children of the project, and telling processes apart."""

import signal
import subprocess
import sys

import psutil
import pytest

from core.machine import devices, processes
from core.places import PROJECT
from core.prediction import worker
from core.training import parity


def test_child_finds_the_project_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = processes.run(devices.__name__, "numpy_scratch")
    assert (answer.returncode, answer.stdout) == (0, '["cpu"]\n')


def test_child_gets_further_variables_and_reads_nothing():
    code = "import os, sys; print(os.environ['MADE_UP'], 'PATH' in os.environ, repr(sys.stdin.read()))"
    answer = processes.run("timeit", "-n1", "-r1", "-s", code, "pass", variables={"MADE_UP": "yes"})
    assert answer.stdout.splitlines()[0] == "yes True ''"


def test_a_folder_named_from_here_is_the_same_one_to_a_child(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIGIT_DERBY_DATA", "data")
    monkeypatch.delenv("DIGIT_DERBY_ARTIFACTS", raising=False)
    code = "import os; print(os.environ['DIGIT_DERBY_DATA'], 'DIGIT_DERBY_ARTIFACTS' in os.environ)"
    answer = processes.run("timeit", "-n1", "-r1", "-s", code, "pass")
    assert answer.stdout.splitlines()[0] == f"{tmp_path / 'data'} False"


def test_streams_can_be_chosen():
    process = processes.start("base64", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.communicate(b"digit")[0] == b"ZGlnaXQ=\n"


def test_child_that_does_not_end_in_time_is_killed():
    with pytest.raises(subprocess.TimeoutExpired):
        processes.run("timeit", "-n1", "-r1", "-s", "import time", "time.sleep(60)", timeout=1)


WATCHES = """
import signal, sys
from core.machine.processes import end_with_parent
signal.signal(signal.SIGTERM, {handler})
end_with_parent(signal.SIGTERM, grace=0.1)
print("begun", flush=True)
while True:
    signal.pause()
"""


@pytest.mark.skipif(not hasattr(signal, "pause"), reason="nothing to wait in")
@pytest.mark.parametrize(
    ("handler", "code"), [("lambda *_: sys.exit(7)", 7), ("lambda *_: None", 128 + signal.SIGTERM)]
)
def test_a_child_ends_with_its_parent_even_if_it_does_not_listen(handler, code):
    child = subprocess.Popen(
        [sys.executable, "-c", WATCHES.format(handler=handler)],
        cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout.readline() == b"begun\n"
    assert child.poll() is None
    child.stdin.close()  # as the system does when its parent ends
    assert child.wait(30) == code


@pytest.mark.parametrize("module", [devices, parity, worker])
def test_modules_that_are_started_as_processes_do_something_then(module):
    with open(module.__file__, encoding="utf-8") as file:
        assert 'if __name__ == "__main__":' in file.read()


def test_the_command_line_is_found_under_its_name():
    answer = processes.run(processes.COMMAND_LINE, "runs", "--help")
    assert answer.returncode == 0, answer.stderr


def test_own_process_is_alive_and_another_with_its_number_is_not():
    own = processes.process_mark()
    assert processes.is_alive(own)
    assert not processes.is_alive(own | {"process_started": own["process_started"] + 100})


@pytest.mark.parametrize("seconds", [-1, 1])
def test_a_clock_that_moves_between_two_looks_at_a_process_ends_it_not(monkeypatch, seconds):
    own, boot = processes.process_mark(), psutil.boot_time()
    monkeypatch.setattr(psutil, "boot_time", lambda: boot + seconds)
    assert processes.is_alive(own)


@pytest.mark.parametrize(
    "mark",
    [
        {},
        {"pid": "many", "process_started": 1.0},
        {"pid": [], "process_started": 1.0},
        {"pid": float("inf"), "process_started": 1.0},
        {"pid": 1, "process_started": 10**400},
        {"pid": -1, "process_started": 1.0},
        {"pid": 10**30, "process_started": 1.0},
    ],
)
def test_mark_that_no_process_could_have_is_of_none(mark):
    assert not processes.is_alive(mark)
