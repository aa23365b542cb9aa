"""A comparison in three sentences: only what the tests bear out."""

from core.comparison.compare import compare_runs
from core.comparison.headlines import headlines
from support.made_runs import (
    FRAMEWORKS,
    make_finished_race,
    make_finished_run,
    read_results,
    write_metrics,
)


def titles_and_details(folder) -> dict[str, str]:
    found = headlines(compare_runs(folder, read_results(folder).frame))
    return {headline.title: headline.detail for headline in found}


def test_equal_frameworks_read_equally_well(tmp_path):
    make_finished_race(tmp_path)
    said = titles_and_details(tmp_path)
    assert said["Nobody reads better"].endswith("pictures, too close to call.")
    assert "of 2,000 pictures" in said["Nobody reads better"]


def test_those_that_cannot_be_told_apart_share_the_lead(tmp_path):
    accuracies = {**dict.fromkeys(FRAMEWORKS, 0.9), "pytorch": 0.99, "keras_fit": 0.99}
    make_finished_race(tmp_path, accuracies=accuracies)
    [readers, *_] = titles_and_details(tmp_path)
    assert readers == "PyTorch and Keras read best"


def test_clock_and_code_are_told_with_their_figures(tmp_path):
    make_finished_race(tmp_path)
    _, clock, code = titles_and_details(tmp_path).items()
    assert clock[0].endswith("are quickest")  # 22 to 30 seconds are too close to call for single runs
    assert "NumPy needs" in clock[1]
    assert "times as long" in clock[1]
    assert code == ("Keras says it shortest", "52 lines of code; NumPy needs 212.")


def test_what_was_not_tested_is_not_claimed(tmp_path):
    for framework in ("pytorch", "keras_fit"):
        make_finished_run(tmp_path, framework, framework, predictions=False)
    [readers, *_] = titles_and_details(tmp_path).items()
    assert "reads 9" in readers[0]
    assert "not tested" in readers[1]


def test_times_of_different_machines_are_left_out(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch")
    make_finished_run(tmp_path, "two", "keras_fit", machine="ffffffff")
    assert not any("quick" in title for title in titles_and_details(tmp_path))


def test_runs_that_cannot_be_ranked_have_no_headlines(tmp_path):
    make_finished_run(tmp_path, "one", "pytorch")
    make_finished_run(tmp_path, "two", "keras_fit", epochs=3)
    assert titles_and_details(tmp_path) == {}
    write_metrics(tmp_path, "foreign", {"framework": "pytorch", "test_accuracy": 0.9})
    assert titles_and_details(tmp_path) == {}
