"""A study's fits on Compare: left out of everything else, ranked by candidate among themselves."""

import json
import time

import pytest

from core.comparison import fits
from core.comparison.fits import FitComparison
from core.comparison.groups import comparable_groups
from core.comparison.results import ResultsReader
from core.runs import records
from support.made_fits import make_fit, make_study
from support.made_runs import make_finished_run, read_results, write_metrics


def comparison(artifacts, study: str = "lr") -> FitComparison:
    return FitComparison(ResultsReader(artifacts, study).read().frame)


# ── left out ────────────────────────────────────────────────────────────────────────


def test_fits_are_no_results_of_the_folder(artifacts):
    make_finished_run(artifacts, "mine")
    make_study(artifacts)
    (artifacts / "trial-lr-00099-pytorch-e3-s0").mkdir()  # one that trains at the moment
    results = read_results(artifacts)
    assert list(results.frame.run) == ["mine"]
    assert (results.problems, results.unfinished) == ({}, [])
    assert [group.runs for group in comparable_groups(results.frame)] == [["mine"]]


def test_a_fit_under_another_name_is_left_out_too(artifacts):
    run = make_study(artifacts, trials=1)[0]
    metrics = json.loads(records.metrics_path(artifacts, run).read_text())
    write_metrics(artifacts, "somebodys", metrics)
    assert read_results(artifacts).frame.empty


def test_a_run_that_only_begins_like_a_fit_stays_a_result(artifacts):
    make_finished_run(artifacts, "trial-1")
    assert records.run_names(artifacts) == ["trial-1"]
    assert list(read_results(artifacts).frame.run) == ["trial-1"]


def test_the_fresh_runs_at_the_end_are_ordinary_results(artifacts):
    metrics = make_finished_run(artifacts, "lr-best-pytorch-s100")
    write_metrics(artifacts, "lr-best-pytorch-s100", metrics | {"fresh_of": "lr", "trial": 4, "role": "best"})
    frame = read_results(artifacts).frame
    assert frame.role.tolist() == ["best"]
    assert frame.fresh_of.tolist() == ["lr"]


def test_a_thousand_fits_cost_the_default_view_next_to_nothing(artifacts, monkeypatch):
    make_finished_run(artifacts, "mine")
    for number in range(1000):
        (artifacts / f"trial-lr-{number:05d}-pytorch-e3-s0").mkdir()
        (artifacts / f"trial-lr-{number:05d}-pytorch-e3-s0_metrics.json").write_text("not even JSON")
    looked_at = []
    reader = ResultsReader(artifacts)
    monkeypatch.setattr("core.comparison.results._stamp", lambda path: looked_at.append(str(path)))
    start = time.process_time()
    reader.read()
    assert time.process_time() - start < 0.5
    assert not [path for path in looked_at if "trial-" in path]


# ── asked for ───────────────────────────────────────────────────────────────────────


def test_a_study_has_its_own_fits_and_none_of_a_namesake(artifacts):
    wanted = make_study(artifacts, "lr", trials=2)
    make_study(artifacts, "lr-00001-pytorch", trials=2)
    make_finished_run(artifacts, "mine")
    frame = ResultsReader(artifacts, "lr").read().frame
    assert sorted(frame.run) == sorted(wanted)
    assert frame.val_accuracy.notna().all()
    assert frame.trial.tolist() == [1, 2] or frame.trial.tolist() == [2, 1]


def test_a_fit_says_its_fold_and_its_study(artifacts):
    make_study(artifacts, trials=1, folds=3)
    frame = ResultsReader(artifacts, "lr").read().frame
    assert sorted(frame.fold) == [0, 1, 2]
    assert set(frame.folds) == {3}
    assert set(frame.study) == {"lr"}


def test_an_accuracy_above_one_is_refused(artifacts):
    make_fit(artifacts, "lr", 1, 1.2)
    problems = ResultsReader(artifacts, "lr").read().problems
    assert "val_accuracy is 1.2" in next(iter(problems.values()))


# ── ranked ──────────────────────────────────────────────────────────────────────────


def test_candidates_are_ranked_by_the_mean_over_their_fits_and_named_by_what_differs(artifacts):
    make_fit(artifacts, "lr", 1, 0.98, learning_rate=0.01, folds=2, fold=0)
    make_fit(artifacts, "lr", 1, 0.96, learning_rate=0.01, folds=2, fold=1)
    make_fit(artifacts, "lr", 2, 0.975, learning_rate=0.1, folds=2, fold=0)
    make_fit(artifacts, "lr", 2, 0.975, learning_rate=0.1, folds=2, fold=1)
    table = comparison(artifacts).candidates
    assert list(table.index) == [2, 1]
    assert list(table.label) == ["PyTorch, learning rate 0.1", "PyTorch, learning rate 0.01"]
    assert table.val_accuracy.tolist() == pytest.approx([0.975, 0.97])
    assert (table.accuracy_low[1], table.accuracy_high[1]) == (0.96, 0.98)


def test_layers_that_differ_are_told_once(artifacts):
    make_fit(artifacts, "lr", 1, 0.98, dropout=0.2)
    make_fit(artifacts, "lr", 2, 0.97, dropout=0.3)
    assert comparison(artifacts).labels == {1: "PyTorch, dropout 0.2", 2: "PyTorch, dropout 0.3"}


def test_a_candidate_with_fewer_fits_than_others_is_not_ranked(artifacts):
    make_study(artifacts, trials=2, folds=3)
    make_fit(artifacts, "lr", 3, 0.999, learning_rate=0.02, folds=3, fold=0)
    found = comparison(artifacts)
    assert list(found.ranked.index) == [2, 1]
    assert fits.not_ranked(found) == ["Not ranked, only 1 fit of 3: trial 3."]


def test_of_a_candidate_that_went_on_the_longest_fits_count(artifacts):
    make_fit(artifacts, "lr", 1, 0.90, learning_rate=0.01, epochs=1)
    make_fit(artifacts, "lr", 1, 0.95, learning_rate=0.01, epochs=3)
    make_fit(artifacts, "lr", 2, 0.99, learning_rate=0.1, epochs=1)
    found = comparison(artifacts)
    assert found.ranked.val_accuracy.tolist() == [0.95]
    assert found.labels[1] == "PyTorch, learning rate 0.01"  # epochs were the budget, no setting
    assert fits.not_ranked(found) == ["Not ranked, given up after 1 epoch: trial 2."]


def test_a_common_best_is_one_candidate_of_all_its_frameworks(artifacts):
    for framework, accuracy in (("pytorch", 0.98), ("keras_fit", 0.97)):
        make_fit(artifacts, "lr", 1, accuracy, framework=framework, learning_rate=0.01)
        make_fit(artifacts, "lr", 2, 0.96, framework=framework, learning_rate=0.1)
    found = comparison(artifacts)
    assert found.labels == {1: "learning rate 0.01", 2: "learning rate 0.1"}
    assert found.ranked.val_accuracy[1] == pytest.approx(0.975)
    assert found.ranked.framework.isna().all()


# ── in words ────────────────────────────────────────────────────────────────────────


def test_every_sentence_says_that_validation_images_decided(artifacts):
    make_study(artifacts, trials=4, frameworks=("pytorch", "keras_fit"))
    found = comparison(artifacts)
    title, worth = fits.headline(found)
    assert title.startswith("Best on validation images: PyTorch, dropout")
    assert title.endswith("97.80 %")
    assert "4 candidates: the best of many looks better than it is" in worth
    best = fits.fit_findings(found)
    assert [finding.question for finding in best] == [
        "Most accurate on validation images",
        "Most accurate on validation images",
        "Fastest training",
    ]
    assert [finding.framework for finding in best[:2]] == ["pytorch", "keras_fit"]
    assert best[2].answer == "Not ranked"
    assert "validation accuracy" in fits.candidates_table(found)
    assert "validation accuracy" in fits.fits_table(found)
    assert "accuracy" not in fits.fits_table(found)


def test_candidates_of_one_accuracy_share_a_step(artifacts):
    for number, accuracy in enumerate((0.98, 0.97, 0.98, 0.96), 1):
        make_fit(artifacts, "lr", number, accuracy, learning_rate=0.001 * number)
    found = comparison(artifacts)
    assert fits.steps(found) == [[1, 3], [2], [4]]
    assert fits.headline(found)[0] == "Best on validation images: two candidates, 98.00 %"
