"""The line: one race trains at a time."""

import subprocess
import sys
import threading

import pytest

from core.places import PROJECT
from core.races import turns
from core.runs import records


def test_places_are_given_in_the_order_of_arrival(artifacts):
    """A process that holds the first place; this one waits behind it until it is killed."""
    code = (
        "import sys; from pathlib import Path; from core.races.turns import place_in_line\n"
        "with place_in_line('first', Path()): print('in', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "in\n"
    seen = []

    def see(ahead: list[str]) -> None:
        seen.append(ahead)
        holder.kill()
        threading.Thread(target=holder.wait).start()

    with turns.place_in_line("second", artifacts, see):
        assert seen == [["first"]]
        assert [ticket["race"] for ticket in turns.waiting()] == ["second"]
    assert turns.waiting() == []
    holder.communicate()


def test_whoever_lets_races_pass_goes_on_when_nobody_trains_or_is_about_to(artifacts):
    turns.let_pass(lambda: pytest.fail("there is nobody"))
    with turns.take_place("first", artifacts) as first, turns.take_place("second", artifacts) as second:
        places = [first, second]
        turns.let_pass(lambda: places.pop(0).leave())
        assert turns.front() is None
    with turns.take_place("third", artifacts) as third:
        third.step_aside()
        turns.let_pass(lambda: pytest.fail("it does not train"))


def test_broken_and_orphaned_tickets_do_not_stop_the_line(artifacts):
    folder = turns.line_dir()
    folder.mkdir()
    (folder / "00000007.ticket").write_text("")
    (folder / "00000008.ticket").write_text('{"pid": 1, "process_started": -5, "race": "gone"}')
    with turns.place_in_line("mine", artifacts):
        assert [ticket["race"] for ticket in turns.waiting()] == ["mine"]
    assert list(folder.glob("*.ticket")) == []


def test_line_that_cannot_be_written_is_named(artifacts, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(turns, "write_file", full)
    with (
        pytest.raises(records.RecordError, match=r"No space left.*DIGIT_DERBY_LINE"),
        turns.place_in_line("mine", artifacts),
    ):
        pass
