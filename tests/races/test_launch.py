"""Looking for a launched race and for the line of races makes nothing on disk."""

import pytest

from core.races import launch, turns
from core.races.race_list import RaceList, places_in_line, start_failure
from core.runs.records import RecordError


def test_looking_for_an_unknown_race_makes_no_folder(tmp_path):
    artifacts = tmp_path / "not" / "there"
    with pytest.raises(RecordError):
        launch.launched(artifacts, "x")
    with pytest.raises(RecordError):
        start_failure(artifacts, "x")
    assert RaceList(artifacts).races() == []
    assert list(tmp_path.iterdir()) == []


def test_artifacts_that_are_no_folder_are_said_in_a_sentence(tmp_path):
    artifacts = tmp_path / "a-file"
    artifacts.write_text("")
    with pytest.raises(RecordError, match="cannot be read"):
        start_failure(artifacts, "x")
    with pytest.raises(RecordError, match="cannot write results"):
        launch.launch([], artifacts)


def test_races_folder_that_is_none_is_said_in_a_sentence(tmp_path):
    (tmp_path / ".races").write_text("")
    with pytest.raises(RecordError, match="cannot write results"):
        launch.launch([], tmp_path)


def test_race_without_its_output_is_said_in_a_sentence(tmp_path):
    (tmp_path / ".races").mkdir()
    (tmp_path / ".races" / "x.json").write_text("{}")
    with pytest.raises(RecordError, match=r"x\.log cannot be read"):
        launch.launched(tmp_path, "x")


def test_looking_at_the_line_makes_no_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_LINE", str(tmp_path / "line"))
    assert turns.waiting() == []
    assert places_in_line(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    with turns.place_in_line("mine", tmp_path):  # who takes a place makes it
        assert [ticket["race"] for ticket in turns.waiting()] == ["mine"]
