"""The rules about runs in trouble: each tried with a real run that shows it, and on the reference runs."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from core.comparison.results import ResultsReader
from core.config import RunConfig
from core.data.own_digits import prepared_digits
from core.lessons.case import Case, Drawn, Speed, read_cases, with_drawn
from core.lessons.remedies import in_words
from core.lessons.trouble import RULES, TITLES, Card, cards, rules_that_fit
from core.places import PROJECT
from core.prediction.answers import Failure
from core.prediction.predictor import Predictor
from core.races.again import setup_again
from core.runs import records
from core.training.run import TrainingError, train_run
from support.drawn_digits import keep_drawn_digits

REFERENCES = PROJECT / "artifacts"
TINY = dict(
    framework="numpy_scratch", dataset="digits", architecture="tiny-mlp", learning_rate=0.01, epochs=30,
    threads=1, device="cpu",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Small products that are spread over threads wait for one another."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture
def artifacts(tmp_path) -> Path:
    (folder := tmp_path / "artifacts").mkdir()
    return folder


def train(artifacts: Path, **changes) -> str:
    """Trains a run in this process, and returns its name."""
    run = records.create_run(artifacts, RunConfig.from_preset(**TINY | changes), "a-race")
    with suppress(TrainingError):  # as its record says
        train_run(artifacts, run)
    return run


def marked(artifacts: Path, run: str, busy: bool) -> str:
    """The same run with this said of the machine: tests beside this one may have kept it busy, or not."""
    path = records.metrics_path(artifacts, run)
    records.write_json(path, {**records.read_object(path), "busy": busy})
    return run


def case_of(artifacts: Path, run: str) -> Case:
    (case,) = read_cases(artifacts, ResultsReader(artifacts).read().frame, [run])
    return case


def names(case: Case) -> list[str]:
    return [rule.name for rule in rules_that_fit(case)]


def only_card(case: Case) -> Card:
    (card,) = cards([case])
    return card


def sentence(card: Card) -> str:
    (part,) = card.parts
    (seen,) = part.seen
    return seen


def mended(artifacts: Path, card: Card) -> Case:
    """The case of the run that the card's button would train."""
    (part,) = card.parts
    setup = setup_again(artifacts, part.runs)
    assert setup is not None
    run = records.create_run(artifacts, setup.mended(part.remedy).configs()[0], "mended")
    train_run(artifacts, run)
    return case_of(artifacts, run)


# ── the reference runs ──────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def references() -> list[Case]:
    frame = ResultsReader(REFERENCES).read().frame
    return read_cases(REFERENCES, frame, list(frame.run))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_rule_fires_on_a_reference_run(rule, references):
    assert len(references) == 15
    assert not [case.run for case in references if rule.fits(case)]


def test_no_rule_would_fire_on_a_reference_run_whose_record_had_a_diagnosis(references):
    assert not [case.run for case in references if rules_that_fit(replace(case, diagnosis="Something."))]


def test_reference_runs_read_a_plain_hand(references, tmp_path):
    labels = keep_drawn_digits(tmp_path)
    _, images = prepared_digits(tmp_path)
    numpy = [case for case in references if case.framework == "numpy_scratch"]
    answers = Predictor(REFERENCES).predict([case.run for case in numpy], images)
    read = [with_drawn(case, answers[case.run], labels) for case in numpy]
    assert [case.drawn for case in read] == [Drawn(24, 24)] * 3
    assert cards(read) == []


# ── every rule, by a run that shows it ──────────────────────────────────────────────


def test_a_run_that_diverges_says_so_and_a_smaller_rate_mends_it(artifacts):
    small = dict(architecture="small-cnn", filters=(4,), dense_units=16, train_size=400, epochs=2)
    card = only_card(case_of(artifacts, train(artifacts, **small, optimizer="sgd", learning_rate=10.0)))
    assert (card.name, card.parts[0].remedy) == ("not-learned", {"learning_rate": 0.01})
    assert "it diverged" in card.why
    assert "the learning rate of 10 is far too high. Try 0.01." in sentence(card)
    assert cards([mended(artifacts, card)]) == []


def test_a_run_that_broke_off_has_a_card_too(artifacts, monkeypatch):
    def overflow(model, data, config, callback):
        callback.on_batch_end(1, float("nan"), 0.1)

    monkeypatch.setattr("core.frameworks.numpy_scratch.train", overflow)
    case = case_of(artifacts, train(artifacts, optimizer="sgd", learning_rate=10.0))
    assert case.failed
    assert names(case) == ["diverges"]
    assert "no longer a finite number after step 1" in sentence(only_card(case))


def test_a_run_that_stands_still_says_so_and_a_larger_rate_mends_it(artifacts):
    card = only_card(case_of(artifacts, train(artifacts, optimizer="sgd", learning_rate=1e-6, epochs=3)))
    assert (card.name, card.parts[0].remedy) == ("not-learned", {"learning_rate": 0.01})
    assert sentence(card).startswith("The loss stood still at 2.3")
    assert "(ln 10)" in sentence(card)
    assert "found no way down" in card.why
    assert cards([mended(artifacts, card)]) == []


def test_a_run_that_only_guesses_says_so(artifacts):
    small = dict(architecture="small-cnn", filters=(4,), dense_units=16, train_size=400, epochs=3)
    case = case_of(artifacts, train(artifacts, **small, optimizer="sgd", learning_rate=1e-6))
    assert names(case) == ["guesses"]
    assert "no more than guessing gives" in sentence(only_card(case))


def test_fifty_images_are_learned_by_heart_and_all_of_them_are_not(artifacts):
    card = only_card(case_of(artifacts, train(artifacts, train_size=50)))
    assert (card.name, card.parts[0].remedy) == ("by-heart", {"train_size": None})
    assert "of its 50 training images were right, but only" in sentence(card)
    assert "of the validation images, which it does not learn from" in sentence(card)
    assert cards([mended(artifacts, card)]) == []


def test_a_validation_loss_that_rises_ends_the_training_earlier(artifacts):
    case = case_of(artifacts, train(artifacts, dense_units=64, batch_size=64, epochs=120))
    assert names(case) == ["trains on for too long"]
    card = only_card(case)
    epochs = card.parts[0].remedy["epochs"]
    assert 3 < epochs < 60
    assert f"was lowest in epoch {epochs} (0.0" in sentence(card)
    assert "in epoch 120, while that on the training images fell from" in sentence(card)
    assert cards([mended(artifacts, card)]) == []


MEMORY_CHILD = """
import resource, sys
from pathlib import Path
import psutil
from core import frameworks
from core.training.run import train_run
frameworks.load("numpy_scratch")
limit = psutil.Process().memory_info().vms + 250 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
train_run(Path(sys.argv[1]), sys.argv[2])
"""


def train_with_little_memory(artifacts: Path, run: str) -> bool:
    """Trains in a process of its own that gets 250 MB more; whether it came to a result."""
    subprocess.run(
        [sys.executable, "-c", MEMORY_CHILD, str(artifacts), run],
        cwd=PROJECT,
        capture_output=True,
        timeout=100,
    )
    return records.metrics_path(artifacts, run).is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_a_run_without_enough_memory_fails_with_a_card_and_smaller_batches_do(artifacts):
    wide = dict(architecture="small-cnn", filters=(32,), batch_size=1024, train_size=1024, epochs=1)
    run = records.create_run(artifacts, RunConfig.from_preset(**TINY | wide), "a-race")
    assert not train_with_little_memory(artifacts, run)
    card = only_card(case_of(artifacts, run))
    assert (card.name, card.parts[0].remedy) == ("memory", {"batch_size": 128})
    made = "A step with 1,024 images at once makes 519 MB of numbers, the gradients among them"
    assert sentence(card) == f"{made}; then memory ran out."
    setup = setup_again(artifacts, [run])
    again = records.create_run(artifacts, setup.mended(card.parts[0].remedy).configs()[0], "mended")
    assert train_with_little_memory(artifacts, again)


SLOW = dict(architecture="small-cnn", filters=(4,), dense_units=512, learning_rate=0.001)  # 400,000 weights


def test_single_images_are_very_slow_beside_a_run_with_batches(artifacts):
    fast = marked(artifacts, train(artifacts, **SLOW, batch_size=512, epochs=15), busy=False)
    run = marked(artifacts, train(artifacts, **SLOW, batch_size=1, epochs=1, train_size=500), busy=False)
    card = only_card(case_of(artifacts, run))
    assert (card.name, card.parts[0].remedy) == ("slow", {"batch_size": 512})
    assert "images a second, with single images and 1 thread; the same network did" in sentence(card)
    assert "here with batches of 512 and 1 thread." in sentence(card)
    assert "trains very slowly" not in names(case_of(artifacts, fast))
    marked(artifacts, run, busy=True)
    assert cards([case_of(artifacts, run)]) == []


def test_where_nothing_else_ran_the_guides_loop_is_the_yardstick(artifacts):
    run = train(artifacts, **SLOW, batch_size=1, train_size=500, epochs=1)
    card = only_card(case_of(artifacts, marked(artifacts, run, busy=False)))
    assert card.name == "slow"
    assert card.parts[0].remedy["batch_size"] == 64
    assert "the loop of PyTorch's guide does 3,974 with such a network" in sentence(card)


def test_a_network_that_never_met_a_pen_misreads_drawings(artifacts, tmp_path):
    labels = keep_drawn_digits(tmp_path)
    _, images = prepared_digits(tmp_path)
    case = case_of(artifacts, run := train(artifacts))
    answer = Predictor(artifacts).predict([run], images)[run]
    card = only_card(with_drawn(case, answer, labels))
    assert (card.name, card.parts[0].remedy) == ("drawings", {"dataset": "mnist-pen", "augment": True})
    assert "of the 24 digits that you kept on Draw were read right" in sentence(card)
    assert with_drawn(case, Failure("gone"), labels) is case


# ── figures at their limits ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("own", "fastest", "fits", "remedy"),
    [
        (Speed(900, 64, 2), None, True, {"train_size": 10_000}),
        (Speed(1100, 64, 2), None, False, None),
        (Speed(1100, 8, 1), Speed(9000, 64, 2), True, {"batch_size": 64, "threads": 2}),
        (Speed(900, 8, 1), Speed(9000, 8, 1), True, {}),  # the set-up is not to blame
        (Speed(5000, 8, 1), Speed(90_000, 64, 2), False, None),  # quicker than the guide: no trouble
        (Speed(300, 8, 2), Speed(310, 8, 2), True, {"batch_size": 64}),  # both are slow
    ],
)
def test_slow_is_what_is_far_below_the_usual(own, fastest, fits, remedy, monkeypatch):
    monkeypatch.setattr("core.lessons.remedies.default_threads", lambda: own.threads)
    config = RunConfig(framework="pytorch", batch_size=own.batch_size, threads=own.threads)
    case = Case("run", "pytorch", config, speed=own, fastest=fastest)
    assert names(case) == ["trains very slowly"] * fits
    assert not fits or only_card(case).parts[0].remedy == remedy


@pytest.mark.parametrize(
    ("right", "asked", "fits"),
    [
        (7, 9, False),  # too few to say anything
        (0, 9, False),
        (8, 10, False),  # bad luck makes that of 0.99
        (6, 10, True),
        (92, 100, False),
        (85, 100, True),
    ],
)
def test_drawings_are_misread_only_where_luck_does_not_explain_it(right, asked, fits):
    case = Case("run", "pytorch", RunConfig(framework="pytorch"), accuracy=0.99, drawn=Drawn(right, asked))
    assert names(case) == ["misreads drawings"] * fits


def overfitting(**changes) -> Case:
    history = {
        "loss": np.array([1.0, 0.1]), "accuracy": np.array([0.5, 1.0]),
        "val_loss": np.array([1.0, 0.5]), "val_accuracy": np.array([0.5, 0.9]),
    }  # fmt: skip
    config = RunConfig(framework="pytorch", **changes)
    return Case("run", "pytorch", config, history=history, accuracy=0.9, accuracy_high=0.92)


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"train_size": 50}, {"train_size": None}),
        ({}, {"augment": True}),
        ({"augment": True}, {"dropout": 0.5}),
        ({"augment": True, "dropout": 0.5, "epochs": 9}, {"epochs": 2}),
    ],
)
def test_what_helps_against_overfitting_comes_in_turn(changes, remedy):
    assert only_card(overfitting(**changes)).parts[0].remedy == remedy


def test_a_run_without_validation_images_is_held_against_the_test_images():
    case = overfitting()
    case.history["val_accuracy"][:] = np.nan
    case.history["val_loss"][:] = np.nan
    assert "only 90.0 % of the test images" in sentence(only_card(case))


def test_a_process_that_was_killed_ran_out_of_memory_only_if_it_took_much():
    huge = dict(architecture="wide-cnn", filters=(256, 256), batch_size=4096)
    killed = dict(failed=True, killed=True, phase="train")
    case = Case("run", "pytorch", RunConfig(framework="pytorch", **huge), **killed)
    assert names(case) == ["runs out of memory"]
    assert "the system then ended it" in sentence(only_card(case))
    assert names(Case("run", "pytorch", RunConfig(framework="pytorch"), **killed)) == []


@pytest.mark.parametrize(
    ("changes", "phase", "remedy"),
    [
        ({"batch_size": 1000}, "train", {"batch_size": 64}),
        ({"batch_size": 8}, "train", {"filters": (8, 16)}),
        ({"filters": (), "batch_size": 8}, "train", {"dense_units": 64}),
        ({}, "data", {"train_size": 10_000}),
        ({}, "build", {"filters": (8, 16)}),
    ],
)
def test_what_filled_the_memory_is_made_smaller(changes, phase, remedy):
    config = RunConfig(framework="pytorch", **changes)
    case = Case("run", "pytorch", config, failed=True, out_of_memory=True, phase=phase)
    assert only_card(case).parts[0].remedy == remedy


# ── cards ───────────────────────────────────────────────────────────────────────────


def test_one_card_holds_all_runs_of_one_trouble():
    alike = [replace(overfitting(), run=run) for run in ("a", "b")]
    other = replace(overfitting(train_size=50), run="c")
    (card,) = cards([*alike, other])
    assert card.runs == ("a", "b", "c")
    assert [part.runs for part in card.parts] == [("a", "b"), ("c",)]


def test_every_rule_stands_on_a_card():
    assert {rule.card for rule in RULES} == set(TITLES)
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    ("remedy", "words"),
    [
        ({"learning_rate": 0.01}, "with learning rate 0.01"),
        ({"batch_size": 64, "threads": 1}, "with batch size 64 and 1 thread"),
        ({"epochs": 12}, "with 12 epochs"),
        ({"epochs": 1}, "with 1 epoch"),
        ({"dataset": "mnist-pen", "augment": True}, "on MNIST and pen strokes, with augmentation"),
        ({"dataset": "mnist-pen"}, "on MNIST and pen strokes"),
        ({"augment": True}, "with augmentation"),
        ({"train_size": None}, "with all training images"),
        ({"train_size": 10_000}, "with 10,000 training images"),
        ({"filters": (8, 16)}, "with 8 and 16 filters"),
        ({"dense_units": 64}, "with 64 dense units"),
        ({"dropout": 0.5}, "with dropout 0.5"),
    ],
)
def test_a_remedy_is_said_as_a_person_would(remedy, words):
    assert in_words(remedy) == words


def test_a_run_that_still_waits_or_is_from_elsewhere_is_no_case(artifacts, tmp_path):
    waiting = records.create_run(tmp_path, RunConfig(**TINY), "a-race")
    records.append_event(tmp_path, waiting, "ended", status="stopped", reason="by somebody")
    foreign = {"framework": "PyTorch", "test_accuracy": 0.5, "train_time_sec": 3, "history": "none"}
    (tmp_path / "foreign_metrics.json").write_text(json.dumps(foreign))
    frame = ResultsReader(tmp_path).read().frame
    assert cards(read_cases(tmp_path, frame, [waiting, "foreign", "nobody"])) == []
