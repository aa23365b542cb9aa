"""What a race tells of its first phase, and the line that it leaves to others meanwhile."""

import psutil
import pytest

from core.machine import processes
from core.races import turns
from core.races.first_phase import Fetching, NotFetched, first_phase, forget, tell
from core.races.race_list import places_in_line
from core.runs import records

RACE = "20260102-030405-abcd"


def test_newest_word_is_read_until_it_is_forgotten(artifacts):
    assert first_phase(artifacts, RACE) is None
    for share in (0.1, 0.4):
        tell(artifacts, RACE, Fetching("MNIST", share, "file 1 of 4"))
    assert first_phase(artifacts, RACE) == Fetching("MNIST", 0.4, "file 1 of 4")
    forget(artifacts, RACE)
    forget(artifacts, RACE)
    assert first_phase(artifacts, RACE) is None


def test_failure_outlives_its_process_and_progress_does_not(artifacts, monkeypatch):
    failure = NotFetched("MNIST", "no network", ("--dataset", "digits"))
    with monkeypatch.context() as patch:
        patch.setattr(processes, "process_mark", lambda: {"pid": 1, "process_started": -5})
        tell(artifacts, RACE, Fetching("MNIST", 0.5, ""))
        assert first_phase(artifacts, RACE) is None
        tell(artifacts, RACE, failure)
    assert first_phase(artifacts, RACE) == failure


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"title": "MNIST", "share": "much", "words": ""}'])
def test_file_that_says_something_else_is_named(artifacts, content):
    tell(artifacts, RACE, Fetching("MNIST", 0.5, ""))
    [path] = (artifacts / ".races").iterdir()
    path.write_text(content)
    with pytest.raises(records.RecordError, match=path.name):
        first_phase(artifacts, RACE)


def test_who_stands_aside_counts_holds_nobody_up_and_comes_back_last(artifacts):
    with turns.take_place("fetches", artifacts) as fetches, turns.take_place("trains", artifacts) as trains:
        assert trains.ahead()
        fetches.step_aside()
        assert trains.ahead() == []
        assert turns.front()["race"] == "trains"
        assert [(place["race"], place["ready"]) for place in places_in_line(artifacts)] == [
            ("trains", True),
            ("fetches", False),
        ]
        with turns.take_place("waits", artifacts) as waits:
            fetches.come_back()
            assert [ticket["race"] for ticket in waits.ahead()] == ["trains"]
            assert [ticket["race"] for ticket in fetches.ahead()] == ["trains", "waits"]
            fetches.step_aside()
    assert turns.waiting() == []
    assert [path.suffix for path in turns.line_dir().iterdir()] == [".lock"]


def test_nobody_is_at_the_front_while_all_stand_aside_who_fill_the_line(artifacts, monkeypatch):
    monkeypatch.setattr(turns, "MOST_WAITING", 0)
    with turns.take_place("fetches", artifacts) as place:
        place.step_aside()
        assert turns.front() is None
        with pytest.raises(turns.LineFull):
            turns.check_room()


def test_place_of_a_process_that_was_killed_aside_is_cleared(artifacts):
    with turns.take_place("fetches", artifacts) as place:
        place.step_aside()
        [path] = turns.line_dir().glob("*.aside")
        mark = '{"pid": %d, "process_started": -5, "race": "gone"}' % psutil.Process().pid  # noqa: UP031
        path.with_name("00000099.aside").write_text(mark)
        with turns.take_place("next", artifacts):
            assert [ticket["race"] for ticket in turns.waiting()] == ["next", "fetches"]
            assert len(list(turns.line_dir().glob("*.aside"))) == 1
