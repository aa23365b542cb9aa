"""Which races there are, newest first, and which of them wait."""

import os

import pytest

from core.races.race_list import RaceList, places_in_line, start_failure
from core.runs import records
from support.made_events import begin_run, queue_run


def test_races_are_found_newest_first_with_their_runs_in_order(artifacts):
    first = [queue_run(artifacts, name, race="20260101-000000-aaaa") for name in ("pytorch", "keras_fit")]
    second = [queue_run(artifacts, race="20260101-000001-bbbb")]
    for position, run in enumerate(first):  # the order of making counts, not that of the names
        os.utime(records.run_dir(artifacts, run) / "config.json", (position, position))
    races = RaceList(artifacts).races()
    assert [(race.name[-4:], list(race.runs)) for race in races] == [("bbbb", second), ("aaaa", first)]
    assert races[0].title.startswith("1 Jan ")


def test_new_and_deleted_races_are_noticed(artifacts):
    race_list = RaceList(artifacts)
    assert race_list.races() == []
    run = queue_run(artifacts)
    os.utime(artifacts, (1, 1))  # long ago, so that the list is remembered …
    assert [race.runs for race in race_list.races()] == [(run,)]
    other = queue_run(artifacts, race="20260102-030406-bbbb")  # … until the folder changes
    assert [race.runs for race in race_list.races()] == [(other,), (run,)]
    records.delete_run(artifacts, run)
    assert [race.runs for race in race_list.races()] == [(other,)]


def test_race_is_active_until_its_last_process_is_gone(artifacts):
    run, race_list = queue_run(artifacts), RaceList(artifacts)
    begin_run(artifacts, run)
    assert race_list.races()[0].active
    records.append_event(artifacts, run, "ended", status="stopped", reason="", time=1002.0)
    assert not race_list.races()[0].active


def test_foreign_files_do_not_hide_the_races(artifacts):
    run = queue_run(artifacts)
    (artifacts / "other_metrics.json").write_text("[]")
    (artifacts / "broken").mkdir()
    (artifacts / "broken" / "config.json").write_text("not json")
    assert [race.runs for race in RaceList(artifacts).races()] == [(run,)]


def test_line_says_which_races_are_from_here(artifacts, tmp_path):
    from core.races.turns import place_in_line

    with place_in_line("mine", artifacts):
        assert places_in_line(artifacts) == [{"race": "mine", "here": True, "ready": True}]
        assert places_in_line(tmp_path) == [{"race": "mine", "here": False, "ready": True}]
    assert places_in_line(artifacts) == []


def test_race_that_did_not_start_says_why(artifacts):
    from core.races.launch import launch

    name = launch(["--frameworks", "no_such_framework"], artifacts)
    mark = records.read_object(artifacts / ".races" / f"{name}.json")
    import psutil

    psutil.wait_procs([psutil.Process(mark["pid"])], timeout=60)
    assert "no_such_framework" in start_failure(artifacts, name)


def test_unknown_race_is_an_error(artifacts):
    with pytest.raises(records.RecordError):
        start_failure(artifacts, "20260101-000000-none")
    with pytest.raises(records.RecordError):
        start_failure(artifacts, "../../etc")
