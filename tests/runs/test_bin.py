"""The bin: what is deleted can come back whole, nobody sees it meanwhile, and it does not grow for ever."""

import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from core.comparison.results import ResultsReader
from core.machine.processes import process_mark
from core.places import PROJECT
from core.races.race_list import RaceList
from core.runs import bin, records
from core.runs.records import RecordError
from support.made_runs import NOTEBOOK, make_finished_race, make_finished_run, read_results, write_metrics


def content(folder) -> dict[str, bytes]:
    """Every file of an artifacts folder but those in its bin."""
    files = [path for path in folder.rglob("*") if path.is_file() and records.BIN not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def aged(folder, deletion, days: float) -> str:
    """Makes the deletion look so many days older; returns its new key."""
    key = f"{datetime.now() - timedelta(days=days):%Y%m%d-%H%M%S}{deletion.key[15:]}"
    deletion.folder.rename(folder / records.BIN / key)
    return key


def test_deleted_runs_come_back_whole(tmp_path):
    runs = make_finished_race(tmp_path)
    write_metrics(tmp_path, "notebook", NOTEBOOK)
    records.write_notes(tmp_path, runs[0], "Mine")
    before = content(tmp_path)
    deletion = bin.delete(tmp_path, [*runs[:2], "notebook"])
    assert deletion.runs == tuple(sorted([*runs[:2], "notebook"]))
    assert not any(name.startswith((runs[0], runs[1], "notebook")) for name in content(tmp_path))
    assert bin.put_back(tmp_path, deletion.key) == list(deletion.runs)
    assert content(tmp_path) == before
    assert bin.deletions(tmp_path) == []


def test_no_reader_sees_a_run_in_the_bin(tmp_path):
    runs = make_finished_race(tmp_path)
    reader, races = ResultsReader(tmp_path), RaceList(tmp_path)
    assert len(reader.read().frame) == len(runs)
    assert len(races.races()) == 1
    bin.delete(tmp_path, runs)
    assert reader.read().frame.empty
    assert reader.read().unfinished == []
    assert races.races() == []
    assert records.run_names(tmp_path) == []
    with pytest.raises(RecordError, match="no run name"):
        records.run_dir(tmp_path, f"{records.BIN}/x")


def test_what_must_stay_is_refused_and_then_nothing_moves(tmp_path):
    make_finished_run(tmp_path, "mine")
    make_finished_run(tmp_path, "reference-pytorch-small-cnn")
    make_finished_run(tmp_path, "training")
    records.metrics_path(tmp_path, "training").unlink()
    records.append_event(tmp_path, "training", "launched", **process_mark())
    before = content(tmp_path)
    for other, reason in (
        ("reference-pytorch-small-cnn", "reference run"), ("training", "still in a race"), ("gone", "no run"),
        ("../x", "no run name"),
    ):  # fmt: skip
        with pytest.raises(RecordError, match=reason):
            bin.delete(tmp_path, ["mine", other])
    assert content(tmp_path) == before


DIES = """
import os, sys
from pathlib import Path
from core.runs import bin
rename, left = os.rename, int(sys.argv[2])
def renaming(source, target):
    global left
    if not left:
        os._exit(9)  # as a killed process: nothing is cleaned up
    left -= 1
    rename(source, target)
os.rename = renaming
folder = Path(sys.argv[1])
if sys.argv[3:]:
    bin.put_back(folder, sys.argv[3])
else:
    bin.delete(folder, ["one", "two"])
"""


def die_after(folder, moves: int, *key: str) -> None:
    command = [sys.executable, "-c", DIES, str(folder), str(moves), *key]
    assert subprocess.run(command, cwd=PROJECT).returncode == 9


@pytest.mark.parametrize("moves", range(5))
def test_a_deletion_that_was_killed_in_between_is_undone(tmp_path, moves):
    for run in ("one", "two"):
        make_finished_run(tmp_path, run, predictions=False)
    before = content(tmp_path)
    die_after(tmp_path, moves)
    assert bin.deletions(tmp_path) == []
    assert content(tmp_path) == before
    assert sorted(read_results(tmp_path).frame.run) == ["one", "two"]


@pytest.mark.parametrize("moves", range(1, 5))
def test_putting_back_that_was_killed_in_between_is_finished(tmp_path, moves):
    for run in ("one", "two"):
        make_finished_run(tmp_path, run, predictions=False)
    before = content(tmp_path)
    deletion = bin.delete(tmp_path, ["one", "two"])
    die_after(tmp_path, moves, deletion.key)
    assert bin.deletions(tmp_path) == []
    assert content(tmp_path) == before


def test_a_name_that_is_taken_by_now_keeps_its_run_in_the_bin(tmp_path):
    for run in ("one", "two"):
        make_finished_run(tmp_path, run)
    deletion = bin.delete(tmp_path, ["one", "two"])
    write_metrics(tmp_path, "one", NOTEBOOK)
    assert bin.put_back(tmp_path, deletion.key) == ["two"]
    (left,) = bin.deletions(tmp_path)
    assert left.runs == ("one",)
    with pytest.raises(RecordError, match="another one by now"):
        bin.put_back(tmp_path, left.key)
    assert not (tmp_path / "one").exists()  # no folder of one run beside the file of another
    records.delete_run(tmp_path, "one")
    assert bin.put_back(tmp_path, left.key) == ["one"]
    assert read_results(tmp_path).frame.origin.to_dict() == {"one": "own", "two": "own"}


def test_the_bin_keeps_a_week_some_deletions_and_some_megabytes(tmp_path, monkeypatch):
    for number in range(4):
        make_finished_run(tmp_path, f"run-{number}", predictions=False)
    old = aged(tmp_path, bin.delete(tmp_path, ["run-0"]), days=8)
    assert bin.deletions(tmp_path) == []
    with pytest.raises(RecordError, match="no longer in the bin"):
        bin.put_back(tmp_path, old)
    kept = aged(tmp_path, bin.delete(tmp_path, ["run-1"]), days=6)
    assert [found.key for found in bin.deletions(tmp_path)] == [kept]
    monkeypatch.setattr(bin, "MOST_BYTES", 1)
    newest = bin.delete(tmp_path, ["run-2"])  # itself larger than the bin
    assert bin.deletions(tmp_path) == [newest]
    monkeypatch.undo()
    monkeypatch.setattr(bin, "MOST_DELETIONS", 1)
    assert bin.deletions(tmp_path) == [newest]
    newest = bin.delete(tmp_path, ["run-3"])
    assert bin.deletions(tmp_path) == [newest]
    bin.empty(tmp_path)
    assert bin.deletions(tmp_path) == []


def test_throwing_away_that_was_cut_short_is_finished(tmp_path):
    make_finished_run(tmp_path, "one")
    deletion = bin.delete(tmp_path, ["one"])
    (deletion.folder / "one_metrics.json").unlink()
    deletion.folder.rename(f"{deletion.folder}.emptied")
    assert bin.deletions(tmp_path) == []
    assert os.listdir(tmp_path / records.BIN) == ["lock"]


def test_deleted_runs_give_way_when_the_disk_is_nearly_full(tmp_path, monkeypatch):
    make_finished_run(tmp_path, "one")
    bin.delete(tmp_path, ["one"])
    records.check_writable(tmp_path)
    assert len(bin.deletions(tmp_path)) == 1
    monkeypatch.setattr(records, "NEEDED_BYTES", 2**80)
    with pytest.raises(RecordError, match="MB are free"):
        records.check_writable(tmp_path)
    assert bin.deletions(tmp_path) == []
