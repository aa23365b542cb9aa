"""The exhibits' steps: found in the files that train, aligned, counted, coloured."""

import pytest

from core import frameworks
from core.lessons import code
from core.lessons.alignment import blocks
from core.lessons.highlight import highlighted
from core.lessons.steps import STEPS

NAMES = frameworks.names()
each_exhibit = pytest.mark.parametrize("name", NAMES)
MOST_LINES = 350


def lines_of(name: str, function: str, step: str) -> str:
    exhibit = code.read(name)
    return "\n".join(exhibit.lines[line - 1] for line in exhibit.steps[function][step])


# ── steps ───────────────────────────────────────────────────────────────────────────


@each_exhibit
@pytest.mark.parametrize("function", STEPS)
def test_no_exhibit_has_lost_a_step(name, function):
    assert set(code.read(name).steps[function]) == set(STEPS[function])


@each_exhibit
def test_every_function_begins_with_the_lines_that_are_executed(name):
    exhibit = code.read(name)
    for function in STEPS:
        whole = exhibit.function(function)
        assert exhibit.text(whole).startswith(f"def {function}(")
        assert exhibit.text(whole) in frameworks.source(name)


@each_exhibit
def test_exhibit_stays_short(name):
    assert len(code.read(name).lines) <= MOST_LINES


@pytest.mark.parametrize(
    ("name", "step", "words"),
    [
        ("pytorch", "forward", "logits = model(images)"),
        ("pytorch", "backward", "loss.backward()"),
        ("pytorch", "step", "optimizer.step()"),
        ("tensorflow_tape", "backward", "tape.gradient("),
        ("tensorflow_tape", "step", "optimizer.apply_gradients("),
        ("keras_fit", "forward", "model.fit("),
        ("keras_fit", "loss", "SparseCategoricalCrossentropy"),
        ("sklearn_scikeras", "step", "estimator.partial_fit("),
        ("sklearn_scikeras", "loss", "SparseCategoricalCrossentropy"),  # said where the estimator is made
        ("numpy_scratch", "backward", "model.backward("),
        ("numpy_scratch", "backward", "self.layers[i].input_gradient("),  # in the network's own method
    ],
)
def test_step_of_training_is_the_line_that_does_it(name, step, words):
    assert words in lines_of(name, "train", step)


def test_one_call_may_do_several_steps():
    exhibit = code.read("keras_fit")
    fit = next(number for number, line in enumerate(exhibit.lines, 1) if "model.fit(" in line)
    several = ["forward", "loss", "backward", "step", "metrics"]
    assert exhibit.steps_at("train", fit) == several
    assert exhibit.steps_at("train", fit + 1) == ["data", *several]  # `*data.epoch(epoch),`


def test_step_without_its_comment_is_missed():
    source = frameworks.source("pytorch").replace("loss.backward()  # backward", "loss.backward()")
    source = source.replace("optimizer.zero_grad()  # backward", "optimizer.zero_grad()")
    assert "backward" not in code._parse("pytorch", source).steps["train"]


def test_comment_that_only_uses_a_word_of_a_step_names_none():
    assert code._words("# data of the visitor") == []
    assert code._words("# Weights: kernels are turned.") == ["weights"]
    assert code._words("# forward, loss, step") == ["forward", "loss", "step"]


def test_heading_ends_at_a_blank_line_and_leaves_out_lines_with_a_step_of_their_own():
    source = """def train(model, data, config, callback):
    # Data: moved.
    images = 1
    rate = 2  # optimizer

    other = 3
"""
    parsed = code._parse("pytorch", source)
    assert parsed.steps["train"] == {"data": (2, 3), "optimizer": (4,)}


def test_every_step_has_a_sentence():
    for steps in STEPS.values():
        for step in steps.values():
            assert step.sentence.endswith(".")
            assert step.title[0].isupper()


# ── lines ───────────────────────────────────────────────────────────────────────────


@each_exhibit
def test_lines_of_the_functions_add_up_to_compares_figure(name):
    counts = code.read(name).effective_by_part()
    assert sum(counts.values()) == frameworks.effective_loc(name)
    assert all(counts[function] > 0 for function in STEPS)


@each_exhibit
def test_coloured_pieces_are_the_source_letter_by_letter(name):
    source = frameworks.source(name)
    assert ["".join(text for _, text in line) for line in highlighted(source)] == source.splitlines()


def test_words_are_coloured_by_what_they_are():
    source = 'def match(case):  # why\n    match case:\n        case 1:\n            return "a" + match.x\n'
    kinds = [[piece for piece in line if piece[0]] for line in highlighted(source)]
    assert kinds == [
        [("keyword", "def"), ("defined", "match"), ("comment", "# why")],
        [("keyword", "match")],
        [("keyword", "case"), ("number", "1")],
        [("keyword", "return"), ("string", '"a"')],
    ]


# ── side by side ────────────────────────────────────────────────────────────────────


@each_exhibit
@pytest.mark.parametrize("function", STEPS)
def test_blocks_hold_every_line_once_and_only_go_down(name, function):
    exhibit = code.read(name)
    cut = blocks(exhibit, function)
    whole = exhibit.function(function)
    assert [line for one in cut for line in range(one.first, one.last + 1)] == [
        *range(whole.first, whole.last + 1)
    ]
    assert [one.end for one in cut] == [*(one.row for one in cut[1:]), len(STEPS[function]) + 1]
    assert all(one.row < one.end for one in cut)


def test_same_step_of_a_training_loop_stands_in_the_same_row():
    for name in ("pytorch", "tensorflow_tape", "numpy_scratch"):
        exhibit = code.read(name)
        rows = {
            step: one.row for one in blocks(exhibit, "train") for step in exhibit.steps_at("train", one.first)
        }
        order = list(STEPS["train"])
        for step in ("forward", "loss", "backward", "step", "metrics"):
            assert rows[step] == order.index(step) + 1, name


def test_call_that_does_several_steps_stands_beside_all_of_them():
    exhibit = code.read("keras_fit")
    last = blocks(exhibit, "train")[-1]
    order = list(STEPS["train"])
    assert "model.fit(" in exhibit.lines[last.first - 1]
    assert (last.row, last.end) == (order.index("forward") + 1, len(order) + 1)
