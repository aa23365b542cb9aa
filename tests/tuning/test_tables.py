"""The table of trials, and the file that a spreadsheet opens."""

import csv
import io

import pandas as pd

from core.tuning.tables import trials_csv, trials_table
from support.scored_studies import fit, study, trial

TRIALS = [
    trial(1, 0.97),
    trial(2, None, status="failed", reason='=cmd|"/c calc"!A1\nsecond line', fits=()),
    trial(3, 0.98, status="dismissed", reason="clearly behind"),
]


def test_a_row_says_what_a_trial_tried_and_how_it_ended():
    table = trials_table(study(TRIALS))
    assert list(table) == [
        "number", "name", "framework", "learning_rate", "dropout", "status", "score", "seconds", "reason",
    ]  # fmt: skip
    assert list(table.number) == [1, 2, 3]
    assert table.score.isna().tolist() == [False, True, False]
    assert table.seconds.tolist()[0] == 2.0


def test_each_fit_of_a_trial_has_a_column():
    fits = tuple(fit(0.9 + 0.01 * fold, fold=fold) for fold in range(3))
    table = trials_table(study([trial(1, 0.91, fits=fits)], folds=3))
    assert [column for column in table if column.startswith("score ")] == [
        "score fold 1", "score fold 2", "score fold 3",
    ]  # fmt: skip
    assert table["score fold 3"].tolist() == [0.92]


def test_a_common_best_names_framework_and_seed_of_each_fit():
    fits = tuple(fit(0.9, name, seed) for name in ("pytorch", "keras_fit") for seed in (0, 1))
    made = study(
        [trial(1, 0.9, None, fits=fits)], common=True, frameworks=("pytorch", "keras_fit"), seeds=(0, 1)
    )
    assert "score keras_fit seed 1" in trials_table(made)


def test_of_a_candidate_that_went_on_only_the_last_fits_are_shown():
    fits = (fit(0.8, epochs=1), fit(0.9, epochs=3))
    table = trials_table(study([trial(1, 0.9, fits=fits), trial(2, 0.7, fits=(fit(0.7, epochs=1),))]))
    assert table.epochs.tolist() == [3, 1]
    assert table.seconds.tolist() == [4.0, 2.0]


def test_a_study_without_trials_is_an_empty_table():
    assert trials_table(study([], best={})).empty
    assert trials_csv(study([], best={})).decode("utf-8-sig").startswith("number,name")


def test_the_file_reads_back_and_no_text_of_it_is_a_formula():
    content = trials_csv(study(TRIALS))
    assert content.startswith(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
    back = pd.read_csv(io.BytesIO(content))
    assert back.score.tolist()[0] == 0.97
    assert back.learning_rate.tolist() == trials_table(study(TRIALS)).learning_rate.tolist()
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 4
    assert rows[2][-1] == '\'=cmd|"/c calc"!A1 second line'
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
