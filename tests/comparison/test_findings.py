"""What the page says in words: only what the tests bear out."""

from core.comparison.compare import compare_runs
from core.comparison.findings import NO_DIFFERENCE, findings, pair_table
from core.runs import records
from support.made_runs import FRAMEWORKS, make_finished_race, make_finished_run, read_results


def test_frameworks_that_were_not_tested_are_named(tmp_path):
    for framework, seeds, accuracy in (
        ("pytorch", (0, 1, 2), 0.99), ("keras_fit", (0, 1, 2), 0.99), ("numpy_scratch", (0,), 0.8)
    ):  # fmt: skip
        for seed in seeds:
            make_finished_run(tmp_path, f"{framework}-{seed}", framework, accuracy, seed=seed)
    accuracy = findings(compare_runs(tmp_path, read_results(tmp_path).frame))[0]
    assert accuracy.answer != "No real difference"
    assert "Not tested against NumPy" in accuracy.detail


def test_two_seeds_are_not_judged_by_one_of_them(tmp_path):
    for framework, accuracies in (("pytorch", (0.95, 0.995)), ("keras_fit", (0.97, 0.97))):
        for seed, accuracy in enumerate(accuracies):
            make_finished_run(tmp_path, f"{framework}-{seed}", framework, accuracy, seed=seed)
    accuracy = findings(compare_runs(tmp_path, read_results(tmp_path).frame))[0]
    assert accuracy.detail.startswith("Not tested")


def test_times_of_different_machines_are_never_ranked(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch")
    make_finished_run(tmp_path, "two", "keras_fit", machine="ffffffff")
    comparison = compare_runs(tmp_path, read_results(tmp_path).frame)
    assert comparison.group is not None
    speed = next(found for found in findings(comparison) if found.question == "Fastest training")
    assert speed.answer == "Not ranked"


def test_equal_frameworks_get_the_words_no_real_difference(tmp_path):
    make_finished_race(tmp_path)
    comparison = compare_runs(tmp_path, read_results(tmp_path).frame)
    accuracy = findings(comparison)[0]
    assert accuracy.answer.lower() == NO_DIFFERENCE
    assert (pair_table(comparison.run_tests(), comparison.labels).finding == NO_DIFFERENCE).all()


def test_a_clear_difference_is_named_between_runs_and_over_seeds(tmp_path):
    accuracies = {**dict.fromkeys(FRAMEWORKS, 0.99), "numpy_scratch": 0.93}
    make_finished_race(tmp_path, (0, 1, 2), accuracies)
    comparison = compare_runs(tmp_path, read_results(tmp_path).frame)
    over_seeds = {frozenset((test.first, test.second)): test for test in comparison.accuracy_tests}
    assert len(over_seeds) == 10
    assert over_seeds[frozenset(("numpy_scratch", "pytorch"))].real
    runs = comparison.one_seed().probabilities
    assert len(runs) == 5
    assert all(run.endswith("s0") for run in runs)
    worst = next(run for run in runs if "numpy" in run)
    assert all(test.real for test in comparison.run_tests() if worst in (test.first, test.second))
    assert "NumPy" in findings(comparison)[0].detail


def write_times(artifacts, framework, times):
    for seed, time in enumerate(times):
        run = f"{framework}-{seed}"
        metrics = make_finished_run(artifacts, run, framework, seed=seed)
        records.write_json(records.metrics_path(artifacts, run), {**metrics, "train_time_sec": time})


def test_twice_the_time_is_found_over_three_seeds(tmp_path):
    write_times(tmp_path, "pytorch", (21.7, 24.0, 24.6))
    write_times(tmp_path, "tensorflow_tape", (24.9, 25.2, 26.8))
    write_times(tmp_path, "numpy_scratch", (58.4, 48.2, 63.8))
    speed = findings(compare_runs(tmp_path, read_results(tmp_path).frame))[1]
    assert speed.answer == "Photo finish: PyTorch and TensorFlow, too close to call"
    assert speed.detail == "21.7 to 24.9 s: over their runs that may be luck. NumPy takes 2.2 times as long."
    assert speed.framework is None


def test_times_that_seeds_scatter_more_than_frameworks_are_no_real_difference(tmp_path):
    seconds = {"pytorch": (10.0, 60.0, 20.0), "keras_fit": (40.0, 30.0, 25.0)}
    for framework, times in seconds.items():
        write_times(tmp_path, framework, times)
    speed = findings(compare_runs(tmp_path, read_results(tmp_path).frame))[1]
    assert speed.answer == "Photo finish: PyTorch and Keras, too close to call"
    assert "10.0 to 25.0 s" in speed.detail
