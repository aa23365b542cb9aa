"""The HTML report and the command line: the same runs, groups and tests as the page."""

import csv
import json
import re
import shutil
from html.parser import HTMLParser
from io import StringIO

import pytest
from click.testing import Result
from typer.testing import CliRunner

from core.commands.app import app
from core.comparison.compare import compare_runs
from core.comparison.findings import findings, pair_table
from core.comparison.groups import comparable_groups
from core.comparison.results import ResultsReader
from core.comparison.significance import PairTest
from core.export.report import build_report
from core.runs import records
from support.made_runs import FRAMEWORKS, make_finished_race, make_finished_run


@pytest.fixture(scope="module")
def race_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("race")
    make_finished_race(folder, (0, 1, 2), {**dict.fromkeys(FRAMEWORKS, 0.99), "numpy_scratch": 0.93})
    (folder / "notebook_metrics.json").write_text('{"framework": "<i>x</i>|y", "test_accuracy": 0.9}')
    (folder / "broken_metrics.json").write_text("{")
    return folder


@pytest.fixture(scope="module")
def comparison(race_folder):
    frame = ResultsReader(race_folder).read().frame
    return compare_runs(race_folder, frame.loc[comparable_groups(frame, apart=True)[0].runs])


@pytest.fixture(scope="module")
def html(race_folder, comparison):
    return build_report(race_folder, comparison)


class _Outline(HTMLParser):
    """Text outside of scripts and styles, and everything that a browser would fetch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.fetched, self._skip = "", [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self._skip = tag in ("script", "style")
        self.fetched += [value for name, value in attrs if name in ("src", "href", "data", "srcset")]

    def handle_endtag(self, tag):
        self._skip = False

    def handle_data(self, data):
        self.text += "" if self._skip else f" {data}"


def test_the_report_names_runs_settings_versions_machine_and_tests(html, comparison):
    text = " ".join(_Outline(html).text.split())
    for run in comparison.frame.run:
        assert run in text
    for word in (
        "0a1b2c3d",
        "A processor",
        "numpy 2.4.6",
        "learning rate",
        "McNemar",
        "Paired t-test",
        "Holm",
    ):
        assert word in text
    for finding in findings(comparison):
        assert finding.answer in text
        assert " ".join(finding.detail.split()) in text


def test_the_report_fetches_nothing_and_holds_its_charts(html):
    assert _Outline(html).fetched == []
    assert len(re.findall(r"Plotly\.newPlot\(", html)) >= 7
    assert "plotly.js v" in html


def test_the_report_shows_names_from_outside_as_text(race_folder):
    frame = ResultsReader(race_folder).read().frame
    page = build_report(race_folder, compare_runs(race_folder, frame))
    assert "<i>x</i>" not in re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert "These runs are not ranked" in page


def test_the_report_of_a_bare_imported_file_is_whole(tmp_path):
    (tmp_path / "bare_metrics.json").write_text('{"test_accuracy": 0.9}')
    page = build_report(tmp_path, compare_runs(tmp_path, ResultsReader(tmp_path).read().frame))
    assert "bare" in page
    assert page.rstrip().endswith("</html>")


def test_pairs_in_words():
    equal = PairTest("a", "b", 0.001, 0.4, 0.4, "McNemar", 12, 9)
    apart = PairTest("a", "b", -0.02, 0.0001, 0.0001, "exact McNemar", 1, 20)
    table = pair_table([equal, apart], {"a": "A", "b": "B"})
    assert table.finding.tolist() == ["no real difference", "B is better"]
    assert table["right alone"].tolist() == ["12 : 9", "1 : 20"]
    assert table.p.tolist() == ["0.400", "< 0.001"]
    faster = pair_table([PairTest("a", "b", -3.0, 0.01, 0.01, "Tukey", seeds=3)], {"a": "A", "b": "B"}, "s")
    assert faster.finding.tolist() == ["A is faster"]


# ── command line ────────────────────────────────────────────────────────────────────


def core(*arguments: str) -> Result:
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
    text = _Outline(target.read_text()).text
    assert run in text
    assert "keras_fit" not in text


def test_a_deleted_folder_of_predictions_is_said_in_the_report(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch")
    make_finished_run(tmp_path, "two", "keras_fit")
    shutil.rmtree(tmp_path / "one")
    page = build_report(tmp_path, compare_runs(tmp_path, ResultsReader(tmp_path).read().frame))
    assert "test_probabilities.npy is missing" in page
    assert records.metrics_path(tmp_path, "one").exists()
