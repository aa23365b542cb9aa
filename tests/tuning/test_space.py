"""What can be searched, read from text."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.fields import FIELDS, as_text
from core.tuning.dimension import SEARCHABLE, SpaceError, read_dimension
from core.tuning.space import check, config_of, dimensions, grid, trial_name
from support.made_specs import made_spec


def test_grid_of_a_range_has_five_points_evenly_apart_on_its_scale():
    assert read_dimension("dropout", "lin:0..0.4").points() == [0, 0.1, 0.2, 0.3, 0.4]
    assert read_dimension("learning_rate", "log:1e-5..1e-1").points() == [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]


def test_points_of_a_narrow_range_stay_apart():
    assert read_dimension("learning_rate", "lin:1..1.00004").points() == [
        1,
        1.00001,
        1.00002,
        1.00003,
        1.00004,
    ]


def test_whole_numbers_stay_whole_and_meet_only_once():
    assert read_dimension("batch-size", "log:16..256").points() == [16, 32, 64, 128, 256]
    points = read_dimension("epochs", "lin:1..3").points()
    assert points == [1, 2, 3]
    assert all(type(value) is int for value in points)


def test_lists_are_read_in_the_type_of_their_field():
    assert read_dimension("optimizer", "sgd, adam").values == ("sgd", "adam")
    assert read_dimension("filters", "16,32;32,64;none").values == ([16, 32], [32, 64], [])
    assert read_dimension("augment", "true,false").values == (True, False)
    assert read_dimension("learning-rate", "1e-3,0.01") == read_dimension("learning_rate", "0.001,1e-2")


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("optimizer", " ", "is empty"),
        ("optimizer", "sgd,,adam", "nothing between"),
        ("optimizer", "sgd,adamant", "'adamant' is none of its values; possible are sgd, adam"),
        ("optimizer", "log:1..2", "only numbers have a range"),
        ("augment", "yes,no", "possible are true and false"),
        ("learning_rate", "log:1e-1..1e-4", "reversed"),
        ("learning_rate", "log:0..1", "log scale has no zero"),
        ("learning_rate", "log:-1..1", "log scale has no zero"),
        ("learning_rate", "lin:1..1", "begins where it ends"),
        ("learning_rate", "lin:1..1.0000001", "too close together"),
        ("learning_rate", "lin:..1", "a range is lin:least..largest"),
        ("learning_rate", "log:1e-3", "a range is log:least..largest"),
        ("learning_rate", "fast,slow", "'fast' is none of its numbers"),
        ("learning_rate", "nan", "outside its limits"),
        ("learning_rate", "lin:0.1..inf", "outside its limits"),
        ("learning_rate", "lin:nan..1", "outside its limits"),
        ("dropout", "0.5,1.5", "1.5 is outside its limits; possible are numbers from 0.0 to 0.9"),
        ("epochs", "1.5", "possible are whole numbers from 1 to 200"),
        ("epochs", "5,05", "5 is there twice"),
        ("filters", "16,32;16,32", "16,32 is there twice"),
        ("filters", "16,512", "512 is outside its limits"),
        ("filters", "16,;32", "nothing between"),
    ],
)
def test_impossible_values_are_refused_with_their_reason(field, text, reason):
    with pytest.raises(SpaceError, match=f"^{FIELDS[field].key}: .*{reason}"):
        read_dimension(field, text)


@pytest.mark.parametrize("field", ["colour", "seed", "dataset", ""])
def test_field_that_cannot_be_searched_is_refused_with_those_that_can(field):
    with pytest.raises(SpaceError, match=r"cannot be searched \(choose from filters, .*learning-rate"):
        read_dimension(field, "1,2")


@pytest.mark.parametrize(
    ("search", "reason"),
    [
        ({"filters": "8;4,4,4,4,4"}, "filters: 4,4,4,4,4 cannot be trained .*fewer convolution blocks"),
        ({"momentum": "0.5,0.9"}, "momentum: only counts where optimizer is sgd"),
        ({"decay": "0.5,0.9", "schedule": "constant,one-cycle"}, "decay: only counts where schedule"),
        (
            dict.fromkeys(("epochs", "batch_size", "dense_units", "train_size"), "1,2,3,4,5,6,7,8,9,10,11"),
            "grid: 14,641 candidates are too many",
        ),
    ],
)
def test_space_that_makes_no_sense_as_a_whole_is_refused(search, reason):
    with pytest.raises(SpaceError, match=reason):
        check(made_spec(search, strategy="grid"))


def test_halving_does_not_search_epochs():
    with pytest.raises(SpaceError, match="cannot be searched by halving"):
        check(made_spec({"epochs": "1,2"}, strategy="halving"))


def test_momentum_counts_where_sgd_is_among_the_optimizers():
    check(made_spec({"momentum": "0.5,0.9", "optimizer": "adam,sgd"}))


def test_grid_is_the_product_with_every_framework_for_its_own_best():
    spec = made_spec({"optimizer": "sgd,adam", "epochs": "1,2"}, frameworks=("pytorch", "keras_fit"))
    candidates = grid(spec)
    assert len(candidates) == 8
    assert candidates[:2] == [
        {"framework": "pytorch", "epochs": 1, "optimizer": "sgd"},
        {"framework": "keras_fit", "epochs": 1, "optimizer": "sgd"},
    ]
    assert len(grid(spec.model_copy(update={"common": True}))) == 4


def test_candidate_becomes_a_run_with_everything_else_as_fixed():
    spec = made_spec({"learning_rate": "0.1,0.2", "filters": "4;8"}, folds=5, fixed={"train_size": 500})
    wanted = {"framework": "pytorch", "learning_rate": 0.2, "filters": [8]}
    config = config_of(spec, wanted, framework="pytorch", seed=3, fold=2, epochs=1)
    assert (config.learning_rate, config.filters, config.train_size) == (0.2, (8,), 500)
    assert (config.folds, config.fold, config.seed, config.epochs) == (5, 2, 3, 1)
    whole = config_of(spec, wanted, framework="pytorch", seed=3)
    assert (whole.folds, whole.fold, whole.epochs) == (None, None, 5)


def test_trials_are_called_by_what_was_searched():
    assert trial_name({"framework": "pytorch", "learning_rate": 0.003, "batch_size": 128}) == (
        "PyTorch, learning rate 0.003, batch size 128"
    )
    assert trial_name({"filters": [16, 32], "augment": True}) == "filters 16,32, augmentation yes"
    assert trial_name({})


NUMBERS = [name for name in SEARCHABLE if FIELDS[name].kind == "number"]


@st.composite
def ranges(draw):
    """A field of numbers, a scale and two ends that differ."""
    name, scale = draw(st.sampled_from(NUMBERS)), draw(st.sampled_from(["lin", "log"]))
    least, largest = FIELDS[name].limits
    between = st.integers if FIELDS[name].whole else st.floats
    ends = draw(st.lists(between(least, largest), min_size=2, max_size=2, unique=True).map(sorted))
    if scale == "log" and ends[0] <= 0:
        scale = "lin"
    return name, scale, ends


@settings(deadline=None)
@given(ranges(), st.integers(0, 2**32))
def test_every_range_keeps_its_ends_and_all_that_it_gives_lies_between(asked, seed):
    name, scale, ends = asked
    one = read_dimension(name, f"{scale}:{as_text(ends[0])}..{as_text(ends[1])}")
    rng = np.random.default_rng(seed)
    points, drawn = one.points(), [one.draw(rng) for _ in range(20)]
    assert list(one.ends) == ends
    assert (points[0], points[-1]) == tuple(ends)
    assert points == sorted(set(points))
    for value in [*points, *drawn]:
        assert ends[0] <= value <= ends[1]
        assert type(value) is (int if one.whole else float)


@settings(deadline=None)
@given(st.sampled_from(SEARCHABLE), st.data())
def test_every_list_is_read_as_the_values_that_were_written(name, data):
    field = FIELDS[name]
    least, largest = field.limits
    one = {
        "choice": st.sampled_from(field.choices) if field.choices else st.nothing(),
        "switch": st.booleans(),
        "numbers": st.lists(st.integers(1, 256), max_size=6),
        "number": st.integers(least, largest) if field.whole else st.floats(least, largest),
    }[field.kind]
    values = data.draw(st.lists(one, min_size=1, max_size=4, unique_by=as_text))
    values = [value for place, value in enumerate(values) if value not in values[:place]]  # 0.0 is -0.0
    text = (";" if field.kind == "numbers" else ",").join(map(as_text, values))
    assert list(read_dimension(name, text).values) == values


@settings(deadline=None)
@given(st.sampled_from(SEARCHABLE), st.text(max_size=30))
def test_any_other_text_gives_one_sentence(name, text):
    sentence = ""
    try:
        one = read_dimension(name, text)
        values = (*one.values, *one.ends)
    except SpaceError as error:
        sentence, values = str(error), ()
    assert not sentence or (sentence.startswith(f"{FIELDS[name].key}: ") and "\n" not in sentence)
    assert all(not isinstance(value, float) or math.isfinite(value) for value in values)


def test_dimensions_come_in_the_order_of_the_fields_however_they_were_asked_for():
    spec = made_spec({"learning_rate": "0.1", "filters": "4"})
    assert [one.field for one in dimensions(spec)] == ["filters", "learning_rate"]
