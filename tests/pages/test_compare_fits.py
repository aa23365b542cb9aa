"""Compare opened with a study: its fits, ranked on validation images, and said so everywhere."""

import pytest

from core.commands.compare import comparison_object
from core.comparison import fits
from core.comparison.fits import FitComparison
from core.comparison.results import ResultsReader
from core.prediction.models import model_files
from support.app_test import open_page, words
from support.made_fits import make_study
from support.made_runs import make_finished_race, make_finished_run

TABS = ["Figures", "Learning", "Is it real?", "Download"]


def show_compare(**query: str):
    page = open_page("compare.py", **query)
    assert not page.exception, page.exception
    return page


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_shows_the_fits_of_a_study(artifacts, tab):
    make_study(artifacts, trials=6, folds=2, frameworks=("pytorch", "keras_fit"))
    page = show_compare(study="lr", tab=tab)
    text = words(page)
    assert "12 fits of 6 candidates" in text
    assert fits.SCORED_ON in text
    assert "Best on validation images: PyTorch, dropout" in text  # the podium
    assert text.count("Most accurate on validation images") == 2  # a framework each
    assert "Test accuracy" not in text
    assert "test accuracy" not in text
    assert not page.error
    table = page.dataframe[0].value
    assert list(table.trial) == ["6", "5", "4", "3", "2", "1"]
    assert "validation accuracy" in table


def test_the_charts_and_the_tests_say_that_nothing_but_validation_images_was_seen(artifacts):
    make_study(artifacts, trials=4)
    figure = words(show_compare(study="lr", tab="Figures"))
    assert "Validation accuracy" in figure
    assert fits.NO_CLOCK in figure
    assert fits.NOT_PAIRED in words(show_compare(study="lr", tab="Is it real?"))


def test_the_default_view_shows_none_of_the_fits(artifacts):
    make_finished_race(artifacts)
    make_study(artifacts, trials=6)
    page = show_compare()
    assert len(page.dataframe[0].value) == 5
    assert "trial" not in words(page)


def test_a_study_that_is_not_there_is_said_to_be_missing(artifacts):
    make_finished_run(artifacts, "mine")
    text = words(show_compare(study="<b>nobody</b>"))
    assert "no finished fits of a study" in text
    assert "\\<b\\>nobody" in text  # as letters


def test_the_report_and_draw_know_no_fits(artifacts):
    make_finished_run(artifacts, "mine")
    make_study(artifacts, trials=3)
    results = ResultsReader(artifacts).read()
    found = comparison_object(artifacts, results.frame, results.problems)
    assert [row["run"] for row in found["runs"]] == ["mine"]
    assert not [file for file in model_files(artifacts) if "trial-" in str(file)]


def test_a_figure_of_many_fits_draws_the_best_few(artifacts):
    make_study(artifacts, trials=8, folds=20)
    comparison = FitComparison(ResultsReader(artifacts, "lr").read().frame)
    assert comparison.drawn.trial.unique().tolist() == [8, 7, 6, 5, 4, 3]  # 120 fits
