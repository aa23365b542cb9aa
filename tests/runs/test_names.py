"""What runs and races are called where people read."""

from datetime import UTC, datetime

import pytest

from core.races.race_list import RaceList
from core.runs.names import begun, readable
from core.words import moment
from pages.components.names import race_name
from support.made_events import queue_run

NOW = datetime(2026, 11, 27, 12, 0)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (datetime(2026, 11, 27, 4, 43), "Fri 04:43"),
        (datetime(2026, 11, 24, 4, 43), "Tue 04:43"),
        (datetime(2026, 11, 20, 4, 43), "20 Nov 04:43"),
        (datetime(2025, 1, 2, 23, 5), "2 Jan 2025 23:05"),
        (datetime(2026, 11, 28, 4, 43), "28 Nov 04:43"),  # a clock that was set back
    ],
)
def test_a_time_is_said_as_people_say_it(when, said):
    assert moment(when, NOW) == said
    assert moment(when.replace(tzinfo=UTC), NOW.replace(tzinfo=UTC)) == said


@pytest.mark.parametrize(
    ("name", "dataset", "epochs", "said"),
    [
        ("20261124-044301-pytorch-small-cnn-s0", "MNIST", 5.0, "Tue 04:43, MNIST, 5 epochs"),
        ("20261124-044301-abcd", "MNIST", 1, "Tue 04:43, MNIST, 1 epoch"),
        ("20261124-044301-abcd", None, float("nan"), "Tue 04:43"),
        ("reference-pytorch-small-cnn", "MNIST", 5, "Reference, MNIST, 5 epochs"),
        ("reference-pytorch-small-cnn-augmented", "MNIST", 6, "Reference, MNIST, 6 epochs, augmented"),
        ("class-of-9b", "MNIST", 5, "class-of-9b"),
        ("20269999-990000-x", "MNIST", 5, "20269999-990000-x"),
    ],
)
def test_a_run_is_called_by_its_time_and_what_it_trained(name, dataset, epochs, said):
    assert readable(name, dataset, epochs, NOW) == said


def test_a_race_is_called_like_its_runs(artifacts):
    queue_run(artifacts, race="20250102-030405-abcd")
    (race,) = RaceList(artifacts).races()
    assert race.title == "2 Jan 2025 03:04"
    assert race_name(race).startswith("2 Jan 2025 03:04, ")
    assert race_name(race).endswith("epochs") or race_name(race).endswith("epoch")
    assert begun("made") is None
