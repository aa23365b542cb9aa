"""The line of races with real processes: twenty wait, they sleep, whoever is killed blocks nobody."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core.places import PROJECT
from core.races import launch, turns
from core.runs import records
from core.runs.status import request_stop, run_status
from support.small_disk import fill, small_disk

pytestmark = pytest.mark.frameworks  # exhibits train or answer in it

WAITER = """
import sys
from contextlib import suppress
from pathlib import Path
from core.races.turns import place_in_line
with place_in_line(sys.argv[1], Path(), lambda ahead: print('behind', ahead[-1], flush=True)):
    print('in', flush=True)
    sys.stdin.readline()
"""
RACE = ["--frameworks", "numpy_scratch", "--dataset", "digits", "--architecture", "tiny-mlp", "--epochs", "1"]


@pytest.fixture(autouse=True)
def _own_line(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_LINE", str(tmp_path / "line"))


@pytest.fixture
def start(tmp_path):
    """Starts a process that is killed after the test at the latest."""
    started = []

    def _start(*command: str) -> subprocess.Popen:
        started.append(
            subprocess.Popen(
                [sys.executable, *command],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    yield _start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def waiter(start):
    """Joins the line with a name; returns once the process is in or waits."""

    def _waiter(name: str) -> tuple[subprocess.Popen, str]:
        process = start("-c", WAITER, name)
        return process, process.stdout.readline().strip()

    return _waiter


def race(start, artifacts: Path, *options: str) -> subprocess.Popen:
    return start("-m", "core", "race", *RACE, *options, "--artifacts", str(artifacts))


def read_until(process: subprocess.Popen, word: str) -> list[str]:
    """The lines that it prints up to one with this word."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return lines
    pytest.fail(f"never said {word!r}: {''.join(lines)}")


def test_line_keeps_the_order_of_arrival_whoever_is_killed(waiter):
    processes = {}
    for name in "abcdef":
        processes[name], said = waiter(name)
        assert said == ("in" if name == "a" else f"behind {chr(ord(name) - 1)}")
    for name in "db":  # in the middle and next: those behind them move up
        processes[name].send_signal(signal.SIGKILL)
        processes[name].wait()
    assert processes["e"].stdout.readline() == "behind c\n"
    assert [ticket["race"] for ticket in turns.waiting()] == ["a", "c", "e", "f"]
    processes["a"].send_signal(signal.SIGKILL)  # not even its ticket is taken away
    read_until(processes["c"], "in")
    processes["c"].communicate("\n")
    read_until(processes["e"], "in")
    assert [ticket["race"] for ticket in turns.waiting()] == ["e", "f"]
    processes["e"].communicate("\n")
    read_until(processes["f"], "in")


def test_stopped_process_does_not_wake_those_who_wait(waiter):
    first, _ = waiter("first")
    second, _ = waiter("second")
    before = psutil.Process(second.pid).cpu_times()
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(timeout=3)
    after = psutil.Process(second.pid).cpu_times()
    assert after.user + after.system - before.user - before.system <= 0.03  # of 3 s
    first.communicate("\n")
    read_until(second, "in")


def test_twenty_races_wait_and_one_more_is_refused_without_a_trace(waiter, start, tmp_path):
    for number in range(1 + turns.MOST_WAITING):
        waiter(f"race-{number}")
    assert len(turns.waiting()) == 21
    artifacts = tmp_path / "artifacts"
    refused = race(start, artifacts)
    output, _ = refused.communicate(timeout=60)
    assert refused.returncode == 2
    assert "20 races wait in line already" in output
    assert "Traceback" not in output
    assert records.run_names(artifacts) == []
    with pytest.raises(turns.LineFull, match="20 races wait"):
        launch.launch(RACE, artifacts)
    assert records.run_names(artifacts) == []
    assert len(turns.waiting()) == 21


def test_many_who_come_at_once_are_never_more_than_may(start):
    processes = [start("-c", WAITER, f"race-{number}") for number in range(26)]
    said = [process.stdout.readline() for process in processes]
    assert sum(line == "in\n" for line in said) == 1
    assert sum(line.startswith("behind") for line in said) == turns.MOST_WAITING
    assert len(turns.waiting()) == 1 + turns.MOST_WAITING


def test_waiting_race_is_light_and_its_runs_are_recorded_as_queued(waiter, start, tmp_path):
    holder, _ = waiter("first")
    artifacts = tmp_path / "artifacts"
    process = race(start, artifacts, "--seeds", "3,4")
    read_until(process, "waiting for 1 earlier race")
    assert [run_status(artifacts, run).state for run in records.run_names(artifacts)] == ["queued"] * 2
    assert psutil.Process(process.pid).children() == []
    assert psutil.Process(process.pid).memory_info().rss < 30 * 2**20
    holder.communicate("\n")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    runs = records.run_names(artifacts)
    assert [run[-3:] for run in runs] == ["-s3", "-s4"]
    assert [run_status(artifacts, run).state for run in runs] == ["finished"] * 2


def test_waiting_race_refuses_bad_settings_at_once(waiter, start, tmp_path):
    waiter("first")
    process = race(start, tmp_path / "artifacts", "--learning-rate", "0")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--learning-rate: '0' cannot be used" in output
    assert [ticket["race"] for ticket in turns.waiting()] == ["first"]


def test_waiting_race_whose_runs_are_all_stopped_leaves_the_line(waiter, start, tmp_path):
    waiter("first")
    artifacts = tmp_path / "artifacts"
    process = race(start, artifacts)
    read_until(process, "waiting for")
    [run] = records.run_names(artifacts)
    request_stop(artifacts, run)
    process.communicate(timeout=30)
    assert run_status(artifacts, run).state == "stopped"
    assert [ticket["race"] for ticket in turns.waiting()] == ["first"]


def test_ctrl_c_while_waiting_leaves_out_every_run(waiter, start, tmp_path):
    waiter("first")
    artifacts = tmp_path / "artifacts"
    process = race(start, artifacts, "--seeds", "0,1")
    read_until(process, "waiting for")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert [run_status(artifacts, run).state for run in records.run_names(artifacts)] == ["stopped"] * 2


def test_place_that_was_left_is_not_taken_from_who_has_it_now(waiter, tmp_path):
    with turns.take_place("mine", tmp_path) as place:
        place.leave()
        waiter("other")
    assert [ticket["race"] for ticket in turns.waiting()] == ["other"]


# ── clicks ──────────────────────────────────────────────────────────────────────────


def test_twenty_five_quick_clicks_start_one_race(waiter, tmp_path):
    waiter("first")
    artifacts = tmp_path / "artifacts"
    last, names = None, set()
    for _ in range(25):
        last = launch.launch_once(RACE, artifacts, last)
        names.add(last.race)
    assert names == {last.race}
    end_of(artifacts, last.race)


def test_same_set_up_is_not_queued_twice_while_it_waits_however_late_the_click(waiter, tmp_path, monkeypatch):
    monkeypatch.setattr(launch, "BURST", 0.0)
    waiter("first")
    artifacts = tmp_path / "artifacts"
    first = launch.launch_once(RACE, artifacts, None)
    assert launch.launch_once(RACE, artifacts, first).race == first.race
    other = launch.launch_once([*RACE, "--seeds", "9"], artifacts, first)  # another set-up is another race
    assert other.race != first.race
    end_of(artifacts, first.race)
    again = launch.launch_once(RACE, artifacts, first)  # it is over
    assert again.race != first.race
    for name in (other.race, again.race):
        end_of(artifacts, name)


def end_of(artifacts: Path, name: str) -> None:
    """Kills a launched race."""
    mark = records.read_object(artifacts / ".races" / f"{name}.json")
    process = psutil.Process(mark["pid"])
    for child in [*process.children(recursive=True), process]:
        child.kill()
    psutil.wait_procs([process], timeout=20)


# ── a line that cannot be written ───────────────────────────────────────────────────


def test_full_folder_of_the_line_is_named_and_leaves_no_run_behind(start, tmp_path, monkeypatch):
    artifacts = tmp_path / "artifacts"
    with small_disk(tmp_path / "small", "64k") as folder:
        fill(folder)
        monkeypatch.setenv("DIGIT_DERBY_LINE", str(folder))
        process = race(start, artifacts)
        output, _ = process.communicate(timeout=60)
    said = " ".join(output.split())
    assert process.returncode == 2
    assert str(folder) in said
    assert "No space left on device" in said
    assert "DIGIT_DERBY_LINE" in said
    assert "None" not in said
    assert records.run_names(artifacts) == []


def test_tickets_are_plain_files_that_say_who_waits(waiter):
    waiter("first")
    [path] = turns.line_dir().glob("*.ticket")
    assert json.loads(path.read_text())["race"] == "first"
