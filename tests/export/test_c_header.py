"""A reference model in integers, by NumPy and by the compiled header: the same to the last bit."""

import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from core.architectures import PRESETS, Architecture, Dense, Flatten
from core.export.shrink.c_header import c_comment, c_files, c_name, pack, tell
from core.export.shrink.integer_network import make_integers
from core.prediction.c_model import CModel, CompilerError, compiled_sizes, compiler
from core.prediction.integers import probabilities
from support.c_programs import SANITIZERS, STRICT, compiled, scores_of, scoring_program, write_files
from support.made_integers import (
    images,
    made_lopsided,
    made_trained,
    of_architecture,
    reference,
    reference_integers,
    reference_probabilities,
    reference_scores,
)
from support.real_data import mnist_or_digits

needs_compiler = pytest.mark.skipif(
    compiler() is None,
    reason="no C compiler found: install Debian's `gcc` and `libc6-dev` to test the header",
)


@pytest.fixture
def written(tmp_path):
    return lambda bits: write_files(reference_integers(bits), reference(), tmp_path / f"{bits}-bits")


# What the sanitizers look at takes six times as long.
ALL = [(8, SANITIZERS), (4, ()), pytest.param(4, SANITIZERS, marks=pytest.mark.long)]


@pytest.mark.parametrize(("bits", "few"), [(8, 0.001), (4, 0.004)])
def test_integers_answer_as_the_model_that_they_were_made_of(bits, few):
    gate = 0.001
    if mnist_or_digits() != "mnist":
        few, gate = 0.03, 0.015  # on digits that the model has not learned it is less sure
    labels, scores = images().y_test, reference_scores(bits)
    before, after = reference_probabilities(), probabilities(scores, reference_integers(bits).score_scale)
    assert after.dtype == np.float32
    assert np.allclose(after.sum(axis=1), 1, atol=1e-5)
    changed = (before.argmax(axis=1) != after.argmax(axis=1)).sum()
    right = [(answers.argmax(axis=1) == labels).sum() for answers in (before, after)]
    print(f"{bits} bits: {right[1]} of {len(labels)} right, {right[0]} in float, {changed} changed")
    assert changed <= few * len(labels)
    assert right[0] - right[1] <= gate * len(labels)
    assert np.abs(before - after).mean() < (0.001 if bits == 8 else 0.01)


@needs_compiler
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("bits", "flags"), ALL)
def test_all_test_images_have_the_scores_that_numpy_gives_them(bits, flags, written):
    scores, answers = scores_of(scoring_program(written(bits), flags), images().x_test, 10)
    expected = reference_scores(bits)
    assert (answers != expected.argmax(axis=1)).sum() == 0
    assert (scores != expected).sum() == 0


@needs_compiler
@pytest.mark.parametrize(
    ("preset", "bits", "classes"),
    [
        (preset, bits, classes)
        for preset, classes in zip(PRESETS, (2, 10, 3, 26, 47), strict=False)
        for bits in (8, 4)
    ],
)
def test_every_kind_of_network_is_strict_c_without_a_flaw(preset, bits, classes, tmp_path):
    trained = made_trained(preset, classes)
    pixels = images().x_test[:60]
    network = make_integers(trained, images().x_train[:60], bits)
    program = scoring_program(write_files(network, trained, tmp_path / "c"), (*SANITIZERS, *STRICT))
    scores, answers = scores_of(program, pixels, classes)
    assert np.array_equal(scores, network.scores(pixels))
    assert np.array_equal(answers, scores.argmax(axis=1))


SINGLE = of_architecture(Architecture("single", (Flatten(), Dense(10))))


@needs_compiler
@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("trained", [made_lopsided(), SINGLE], ids=["lopsided", "one layer"])
def test_odd_networks_are_strict_c_without_a_flaw(trained, bits, tmp_path):
    network = make_integers(trained, images().x_train[:60], bits)
    program = scoring_program(write_files(network, trained, tmp_path / "c"), (*SANITIZERS, *STRICT))
    scores, _ = scores_of(program, images().x_test[:60], 10)
    assert np.array_equal(scores, network.scores(images().x_test[:60]))


@needs_compiler
def test_the_sanitizers_would_see_a_byte_too_few(tmp_path):
    trained = made_trained()
    folder = write_files(make_integers(trained, images().x_train[:9], 4), trained, tmp_path / "c")
    header = folder / "network.h"
    memory = 14 * 14 * 3 + 7 * 7 * 5
    text = header.read_text()
    assert f"_MEMORY {memory} " in text
    header.write_text(text.replace(f"_MEMORY {memory} ", f"_MEMORY {memory - 1} "))
    program = scoring_program(folder, SANITIZERS)
    with pytest.raises(AssertionError, match=r"stack-buffer-overflow|out of bounds|runtime error"):
        scores_of(program, images().x_test[:1], 10)


@needs_compiler
def test_the_compiled_header_is_asked_as_any_model(written):
    folder, pixels = written(8), images().x_test[:300]
    model = CModel(folder)
    assert model.classes == 10
    assert np.array_equal(model.predict(pixels), reference_integers(8).predict(pixels))
    assert np.array_equal(model.scores(pixels[::-2]), reference_scores(8)[:300][::-2])
    assert model.predict(pixels[:0]).shape == (0, 10)
    with pytest.raises(ValueError, match="784 bytes"):
        model.predict(pixels.astype(np.float32))
    assert not list(folder.glob("*.so"))


@needs_compiler
def test_sizes_are_those_of_the_compiled_header(written):
    if shutil.which("size") is None:
        pytest.skip("no `size` found: install Debian's `binutils`")
    for bits in (8, 4):
        network, sizes = reference_integers(bits), compiled_sizes(written(bits))
        print(f"{bits} bits: {sizes}")
        assert 500 < sizes.code < 6000
        # Besides the constants: names, four descriptions of layers, alignment.
        assert network.bytes_of_weights <= sizes.data <= network.bytes_of_weights + 1000
        assert sizes.stack is None or network.activation_bytes < sizes.stack < network.activation_bytes + 1000


@needs_compiler
def test_the_header_is_c_plus_plus_too(written):
    if shutil.which("g++") is None:
        pytest.skip("no C++ compiler found: install Debian's `g++`")
    folder = written(4)
    (folder / "other.cpp").write_text(
        '#include "network.h"\n'
        "int main() {\n"
        "    uint8_t image[784] = {0};\n"
        "    int32_t scores[10];\n"
        "    return network_predict(image, scores) > 9;\n"
        "}\n"
    )
    flags = ["-std=c++11", "-Wall", "-Wextra", "-Werror", "-O2"]
    assert subprocess.run([compiled(folder, "other.cpp", flags, command="g++")]).returncode == 0


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    folder = write_files(reference_integers(8), reference(), tmp_path_factory.mktemp("example") / "c")
    program = compiled(folder, "example.c", (*SANITIZERS, *STRICT))
    return lambda content: subprocess.run([program], input=content, capture_output=True)


@needs_compiler
def test_the_example_reads_bytes_and_numbers_and_prints_the_digit_and_ten_scores(example):
    image = images().x_test[0]
    expected = reference_scores(8)[0]
    numbers = "\n".join(" ".join(f"{pixel:3}" for pixel in row) for row in image)
    for content in (image.tobytes(), numbers.encode(), str(image.tolist()).encode()):
        done = example(content)
        assert done.returncode == 0, done.stderr
        digit, *lines = done.stdout.decode().splitlines()
        assert digit == str(expected.argmax())
        assert lines == [f"{name} {score}" for name, score in enumerate(expected)]


@needs_compiler
@pytest.mark.parametrize(
    "content",
    [b"", b"1 2 3", b"\0" * 783, b"\0" * 785, b"0 " * 783, b"0 " * 785, b"256 " + b"0 " * 783, b"x " * 784,
     b"0" + b" 0" * 782 + b" 0x", b" " * 99_999, b"-1 " + b"0 " * 783, b"9" * 99 + b" 0" * 783],
)  # fmt: skip
def test_the_example_says_what_it_wants(example, content):
    done = example(content)
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode() == "wanted: 784 bytes, or as many numbers of 0 to 255\n"


@needs_compiler
def test_names_may_hold_anything(tmp_path):
    names = (
        "0",
        'a "quoted" one',
        "back\\slash",
        "??/trigraph",
        "Ö/零",
        "*/ end",
        "new\nline",
        "",
        "%s",
        "x" * 300,
    )
    trained = replace(made_trained(), class_names=names, run="*/ ??/ ünder /* comment \\")
    network = make_integers(trained, images().x_train[:9], 4)
    folder = write_files(network, trained, tmp_path / "c", "9 lives/ö")
    assert sorted(path.name for path in folder.iterdir()) == ["example.c", "model_9_lives__.h"]
    program = compiled(folder, "example.c", STRICT)
    done = subprocess.run([program], input=bytes(784), capture_output=True)
    scores = network.scores(np.zeros((1, 28, 28), np.uint8))[0]
    expected = [
        names[scores.argmax()],
        *(f"{name} {score}" for name, score in zip(names, scores, strict=True)),
    ]
    assert done.stdout.decode() == "\n".join(expected) + "\n"


def test_the_head_tells_the_run_and_what_was_measured():
    header = next(iter(c_files(reference_integers(4), reference(), "digits").values()))
    told = tell(header, "Accuracy: 98.95 % of 10,000 test images, by the header compiled here. */")
    head = told.decode("ascii").partition("*/")[0]
    for words in (
        reference().run,
        "small-cnn",
        "NumPy",
        "MNIST",
        "4 bits",
        "98.95 %",
        "digits_predict(image",
    ):
        assert words in head
    assert told.count(b"*/") == header.count(b"*/")
    assert max(map(len, told.decode().splitlines())) <= 130


def test_the_calculation_takes_about_150_lines_and_the_example_about_40():
    header, example = c_files(reference_integers(8), reference(), "digits").values()
    data = set("-0123456789, };\n")
    lines = [line for line in header.decode().splitlines() if set(line) - data]
    assert len(lines) <= 170
    assert len(example.decode().splitlines()) <= 50
    for name in (b"malloc", b"float", b"double", b"#include <math"):
        assert name not in header.partition(b"*/")[2]
    assert header.count(b"#include") == 1


def test_names_are_such_as_c_takes():
    assert c_name("pytorch_small-cnn") == "pytorch_small_cnn"
    assert c_name("2nd") == "model_2nd"
    assert c_name("") == "model_"
    assert "*/" not in c_comment("*/ **// */")


def test_two_weights_share_a_byte():
    assert pack(np.array([-7, 7, 0], np.int8)).tolist() == [1 | 15 << 4, 8]


def test_without_a_compiler_a_sentence_says_so(written, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compiler() is None
    for ask in (CModel, compiled_sizes):
        with pytest.raises(CompilerError, match="no C compiler"):
            ask(written(8) if ask is CModel else tmp_path / "8-bits")


@needs_compiler
def test_a_folder_without_a_header_and_a_broken_one_are_told(tmp_path):
    with pytest.raises(CompilerError, match="expected one header"):
        CModel(tmp_path)
    header = tmp_path / "x.h"
    header.write_text("int x;")
    with pytest.raises(CompilerError, match="not a header of a network"):
        CModel(tmp_path)
    header.write_text("static inline int x_predict(")
    with pytest.raises(CompilerError, match=r"does not compile x\.h"):
        CModel(tmp_path)


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\nexit 0\n", b"#!/no/such/shell\n"])
def test_a_compiler_that_is_none_is_told(written, monkeypatch, tmp_path, content):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "cc").write_bytes(content)
    (tools / "cc").chmod(0o755)
    folder = written(8)
    monkeypatch.setenv("PATH", str(tools))
    with pytest.raises(CompilerError, match="tools/cc"):
        CModel(folder)
    with pytest.raises(CompilerError):
        compiled_sizes(folder)
