"""The HTML report: whole, offline, and with names from outside as text."""

import json
import re
import shutil

import pytest

from core.comparison.compare import compare_runs
from core.comparison.findings import findings, pair_table
from core.comparison.groups import comparable_groups
from core.comparison.results import ResultsReader
from core.comparison.significance import PairTest
from core.export.report import build_report
from core.runs import records
from support.made_runs import make_finished_run, make_mixed_folder
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


@pytest.fixture(scope="module")
def html(race_folder, comparison):
    return build_report(race_folder, comparison)


def test_the_report_names_runs_settings_versions_machine_and_tests(html, comparison):
    text = " ".join(Outline(html).text.split())
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
    assert Outline(html).fetched == []
    assert html.count('class="plot" role="img"') >= 7
    assert "plotly.js v" in html


def test_the_report_is_drawn_for_light_and_dark_paper(html):
    paints = json.loads(re.search(r'<script id="paints"[^>]*>(.*?)</script>', html, re.S)[1])
    figures = re.findall(r'<figure[^>]*>.*?<script type="application/json">(.*?)</script>', html, re.S)
    worn = {colour for figure in figures for colour in re.findall(r"#0000\d\d", figure)}
    assert worn
    assert worn <= paints["light"].keys() == paints["dark"].keys()


def test_every_chart_of_the_report_says_its_finding(html):
    said = re.findall(r'class="plot" role="img" aria-label="([^"]*)"', html)
    assert any(label.startswith("Test accuracy. Test accuracy: ") for label in said)
    assert all(len(label.split(". ", 1)) == 2 for label in said)


def test_few_runs_stand_side_by_side_in_the_report(race_folder, comparison, html):
    few = compare_runs(race_folder, comparison.frame[comparison.frame.seed == 0])
    upright = ["run", *few.frame.title]
    assert len(upright) == 6
    assert upright in heads(build_report(race_folder, few))
    assert ["run", *comparison.frame.title] not in heads(html)  # fifteen do not


def heads(page: str) -> list[list[str]]:
    """The titles of the columns of each table."""
    rows = re.findall(r"<thead>(.*?)</thead>", page, re.S)
    return [[re.sub("<.*?>", "", cell) for cell in re.findall(r"<th.*?</th>", row)] for row in rows]


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
    alone = table["right where the other is wrong"].tolist()
    assert alone == ["first 12, second 9", "first 1, second 20"]
    assert table.p.tolist() == ["0.400", "< 0.001"]
    faster = pair_table([PairTest("a", "b", -3.0, 0.01, 0.01, "Tukey", seeds=3)], {"a": "A", "b": "B"}, "s")
    assert faster.finding.tolist() == ["A is faster"]


def test_a_deleted_folder_of_predictions_is_said_in_the_report(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch")
    make_finished_run(tmp_path, "two", "keras_fit")
    shutil.rmtree(tmp_path / "one")
    page = build_report(tmp_path, compare_runs(tmp_path, ResultsReader(tmp_path).read().frame))
    assert "test_probabilities.npy is missing" in page
    assert records.metrics_path(tmp_path, "one").exists()
