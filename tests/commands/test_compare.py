"""`python -m core compare` and `report`: the same runs, groups and tests as the page."""

import csv
import json
import re
from io import StringIO

import pytest
from typer.testing import CliRunner

from core.commands.app import app
from core.comparison.compare import compare_runs
from core.comparison.findings import findings
from core.comparison.groups import comparable_groups
from core.comparison.results import ResultsReader
from support.made_fits import make_study
from support.made_runs import make_mixed_folder
from support.outline import Outline


@pytest.fixture(scope="module")
def race_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("race")
    make_mixed_folder(folder)
    return folder


@pytest.fixture(scope="module")
def comparison(race_folder):
    frame = ResultsReader(race_folder).read().frame
    return compare_runs(race_folder, frame.loc[comparable_groups(frame, apart=True)[0].runs])


def core(*arguments: str):
    return CliRunner().invoke(app, arguments)


def test_compare_prints_the_pages_groups_rankings_and_tests_as_json(race_folder, comparison):
    done = core("compare", "--artifacts", str(race_folder), "--format", "json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["runs"]) == 16
    assert list(found["not_read"]) == ["broken_metrics.json"]
    assert list(found["not_ranked"]) == ["notebook"]
    (group,) = found["groups"]
    assert sorted(group["runs"]) == sorted(comparison.frame.run)
    assert [item["answer"] for item in group["findings"]] == [item.answer for item in findings(comparison)]
    assert [test["p"] for test in group["tests_over_seeds"]] == pytest.approx(
        [test.p for test in comparison.accuracy_tests]
    )
    assert [test["p"] for test in group["tests_between_runs"]] == pytest.approx(
        [test.p for test in comparison.run_tests()]
    )


def test_compare_prints_csv_for_other_programs(race_folder):
    done = core("compare", "--artifacts", str(race_folder), "--format", "csv", "--where", "seed=0,2")
    rows = list(csv.DictReader(StringIO(done.stdout)))
    assert len(rows) == 10
    assert {row["seed"] for row in rows} == {"0", "2"}
    assert "broken_metrics.json" in done.stderr


@pytest.mark.parametrize("format", ["table", "markdown"])
def test_compare_prints_tables_for_people(race_folder, format):
    done = core("compare", "--artifacts", str(race_folder), "--format", format)
    assert done.exit_code == 0, done.stderr
    for word in ("Most accurate", "no real difference", "paired t", "McNemar", "notebook is not ranked"):
        assert word in done.stdout
    if format == "markdown":
        lines = [line for line in done.stdout.splitlines() if line.startswith("|")]
        assert "\\|y" in done.stdout
        assert all(len(re.findall(r"(?<!\\)\|", line)) > 4 for line in lines)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["compare", "--where", "colour=red"], "colour is no column; choose from run, title"),
        (["compare", "--where", "seed"], "column=value"),
        (["compare", "--runs", "never-was"], "no result of never-was"),
        (["report", "x.html", "--where", "dataset=none"], "no such results"),
        (["report", "/proc/nowhere/x.html"], "cannot write"),
    ],
)
def test_bad_input_gets_one_clear_line(race_folder, arguments, reason):
    done = core(*arguments, "--artifacts", str(race_folder))
    assert done.exit_code == 2
    assert reason in done.stderr
    assert isinstance(done.exception, SystemExit)  # no traceback


def test_an_empty_folder_says_what_to_do(tmp_path):
    done = core("compare", "--artifacts", str(tmp_path))
    assert done.exit_code == 0
    assert "python -m core race" in done.stdout


def test_report_writes_the_chosen_runs(race_folder, tmp_path):
    target = tmp_path / "report.html"
    run = "20261120-100000-pytorch-small-cnn-s1"
    done = core("report", str(target), "--artifacts", str(race_folder), "--runs", run)
    assert done.exit_code == 0, done.stderr
    text = Outline(target.read_text()).text
    assert run in text
    assert "keras_fit" not in text


def test_where_takes_what_people_call_a_framework(race_folder):
    wanted = "framework=torch,Sklearn"
    done = core("compare", "--artifacts", str(race_folder), "--format", "csv", "--where", wanted)
    rows = list(csv.DictReader(StringIO(done.stdout)))
    assert {row["framework"] for row in rows} == {"pytorch", "sklearn_scikeras"}


# ── a study's fits ──────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def study_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    make_mixed_folder(folder)
    make_study(folder, trials=4, folds=2)
    return folder


def test_compare_prints_a_studys_candidates_by_validation_accuracy(study_folder):
    done = core("compare", "--study", "lr", "--artifacts", str(study_folder))
    assert done.exit_code == 0, done.stderr
    assert "Candidates of lr, by validation accuracy" in done.stdout
    assert "Scored on validation images: the test set was not read." in done.stdout
    assert "Not tested: Fits keep no predictions" in done.stdout
    assert "test accuracy" not in done.stdout


def test_compare_prints_a_studys_fits_as_json_and_csv(study_folder):
    asked = ("compare", "--study", "lr", "--artifacts", str(study_folder), "--format")
    found = json.loads(core(*asked, "json").stdout)
    assert (found["study"], found["scored_on"]) == ("lr", "validation")
    assert [one["trial"] for one in found["candidates"]] == [4, 3, 2, 1]
    assert len(found["fits"]) == 8
    assert {row["test_accuracy"] for row in found["fits"]} == {None}
    rows = list(csv.DictReader(StringIO(core(*asked, "csv", "--where", "fold=0").stdout)))
    assert [row["study"] for row in rows] == ["lr"] * 4


def test_compare_without_a_study_and_the_report_leave_fits_out(study_folder, tmp_path):
    found = json.loads(core("compare", "--artifacts", str(study_folder), "--format", "json").stdout)
    assert len(found["runs"]) == 16
    report = tmp_path / "report.html"
    assert core("report", str(report), "--artifacts", str(study_folder)).exit_code == 0
    assert "trial-lr" not in report.read_text()


def test_a_study_without_fits_is_refused_in_a_sentence(study_folder):
    done = core("compare", "--study", "nobody", "--artifacts", str(study_folder))
    assert done.exit_code != 0
    assert "there are no finished fits of a study nobody" in done.stderr
