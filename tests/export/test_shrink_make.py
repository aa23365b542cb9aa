"""Variants made: scored, timed, kept whole or not at all, whoever is killed and whoever comes beside."""

import os
import signal

import numpy as np
import pytest

from core.architectures import build_architecture
from core.data.catalogue import find_dataset
from core.data.datasets import load_images
from core.export.recorded import ExportError
from core.export.shrink.latency import IN_A_ROW, MANY, latencies
from core.export.shrink.make import make_variants
from core.export.shrink.memory import peak_activation_bytes, weight_bytes
from core.export.shrink.scoring import Questions, answers_to, score
from core.prediction import c_model
from core.prediction.onnx_model import OnnxModel
from core.runs import records
from core.runs.shrunk import ANSWERS, SHRUNK, all_shrunk, read_shrunk, shrunk_dir, shrunk_file
from support.small_disk import fill, small_disk
from support.small_run import RUN, make_small_run, save_small_model, stages, start_command


@pytest.fixture
def run(artifacts):
    return make_small_run(artifacts)


def left_over(artifacts):
    return list((artifacts / SHRUNK).glob("*/.making-*"))


def test_a_variant_is_kept_with_its_answers_and_figures(artifacts, run):
    made = make_variants(artifacts, run, ["onnx", "onnx-int8"])
    assert made.refused == {}
    assert made.shrunk == read_shrunk(artifacts, run) == all_shrunk(artifacts)
    whole, integers = made.shrunk
    images = load_images(find_dataset("digits"))
    for shrunk in made.shrunk:
        model = OnnxModel(str(shrunk_file(artifacts, shrunk)))
        answers = np.load(shrunk_dir(artifacts, run, shrunk.variant) / ANSWERS)
        assert answers.dtype == np.uint8
        assert np.array_equal(answers, model.predict(images.x_test).argmax(axis=1))
        assert shrunk.correct == int(np.sum(answers == images.y_test))
        assert shrunk.images == len(images.y_test)
        assert shrunk.scored_by.startswith("onnxruntime 1.")
        assert 0 < shrunk.latency_one_ms < shrunk.latency_thousand_ms
        assert shrunk.threads == 1
    assert whole.changed == 0
    assert whole.p == 1
    assert integers.scheme == "u8s7"
    assert integers.bytes_of_weights < whole.bytes_of_weights / 3
    model = records.run_dir(artifacts, run) / whole.original.file
    assert whole.original.bytes_on_disk == model.stat().st_size
    assert whole.original.latency_one_ms > 0
    assert whole.original == integers.original  # timed together
    assert not left_over(artifacts)


def test_what_is_there_is_taken_and_what_is_stale_made_again(artifacts, run):
    told = []
    (first,) = make_variants(artifacts, run, ["onnx"]).shrunk
    assert make_variants(artifacts, run, ["onnx"], told=lambda *stage: told.append(stage)).shrunk == [first]
    assert not told
    config, _ = records.read_config(artifacts, run)
    save_small_model(artifacts, run, config, seed=1)
    assert read_shrunk(artifacts, run) == []
    (second,) = make_variants(artifacts, run, ["onnx"]).shrunk
    assert second.original.modified_ns != first.original.modified_ns
    (again,) = make_variants(artifacts, run, ["onnx"], again=True).shrunk
    assert again.original.modified_ns == second.original.modified_ns
    assert not left_over(artifacts)


def test_a_later_variant_has_those_before_it_timed_anew(artifacts, run):
    make_variants(artifacts, run, ["onnx"])
    make_variants(artifacts, run, ["onnx-int8"])
    whole, integers = read_shrunk(artifacts, run)
    assert whole.original == integers.original


def test_another_scheme_takes_the_place_of_the_one_before(artifacts, run):
    (first,) = make_variants(artifacts, run, ["onnx-int8"]).shrunk
    (second,) = make_variants(artifacts, run, ["onnx-int8"], scheme="u8u8").shrunk
    assert (first.scheme, second.scheme) == ("u8s7", "u8u8")
    assert [one.scheme for one in read_shrunk(artifacts, run) if one.variant == "onnx-int8"] == ["u8u8"]


def test_a_loss_is_never_told_without_a_variant_that_avoids_it(artifacts, run, monkeypatch):
    monkeypatch.setattr("core.runs.shrunk.GATE", -200.0)  # whatever is made loses more than that
    make_variants(artifacts, run, ["onnx-int8"])
    assert [shrunk.variant for shrunk in read_shrunk(artifacts, run)] == ["onnx", "onnx-int8"]


def test_what_a_format_cannot_hold_is_refused_and_the_rest_made(artifacts, run):
    made = make_variants(artifacts, run, ["onnx", "tflite"])
    assert [shrunk.variant for shrunk in made.shrunk] == ["onnx"]
    assert "reads networks of Keras" in made.refused["tflite"]
    with pytest.raises(ExportError, match="export it as onnx, int8 or c"):
        make_variants(artifacts, run, ["tflite"])


def test_a_network_that_is_too_large_for_a_header_is_refused_before_a_compiler_meets_it(artifacts):
    run = make_small_run(artifacts, architecture="small-cnn", filters=(64,), dense_units=512)
    with pytest.raises(ExportError, match=r"has 6,428,810 weights.*export it as onnx or int8"):
        make_variants(artifacts, run, ["c-int8"])


def test_a_run_that_is_not_there_leaves_nothing_behind(artifacts):
    with pytest.raises(ExportError, match="there is no run nobody"):
        make_variants(artifacts, "nobody")
    with pytest.raises(records.RecordError, match="no run name"):
        make_variants(artifacts, "../nobody")
    assert not (artifacts / SHRUNK).exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_making_that_is_killed_leaves_no_half_of_a_variant(artifacts, run, how):
    process = start_command("shrink", run, "--variant", "onnx", "--lines")
    assert "Timing all of them in turns" in stages(process)
    os.killpg(process.pid, how)
    assert process.wait(60) == (-how if how == signal.SIGKILL else 128 + how)
    assert read_shrunk(artifacts, run) == []
    assert bool(left_over(artifacts)) == (how == signal.SIGKILL)
    make_variants(artifacts, run, ["onnx"])
    assert not left_over(artifacts)


def test_two_makers_of_one_variant_do_not_break_each_other_and_tell_nobody(artifacts, run, monkeypatch):
    home = artifacts.parent / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    makers = [start_command("shrink", run, "--variant", "onnx", "--again", "--lines") for _ in range(2)]
    printed = [process.communicate(timeout=120)[0].decode() for process in makers]
    assert [process.returncode for process in makers] == [0, 0], printed
    assert [shrunk.variant for shrunk in read_shrunk(artifacts, run)] == ["onnx"]
    assert not left_over(artifacts)
    assert not list(home.rglob("*onnxruntime*"))  # where it would gather what it sends to its maker


def test_on_a_full_disk_nothing_is_kept_and_a_sentence_says_so(tmp_path):
    with small_disk(tmp_path / "disk", "256k") as disk:
        make_small_run(disk)
        fill(disk)
        with pytest.raises(records.NoRoom, match="the disk is full"):
            make_variants(disk, RUN, ["onnx"])
        assert all_shrunk(disk) == []
        assert not left_over(disk)


def test_a_header_is_scored_compiled_and_without_a_compiler_by_numpy(artifacts, run, monkeypatch):
    if c_model.compiler():
        (compiled,) = make_variants(artifacts, run, ["c-int8"]).shrunk
        assert compiled.scored_by.startswith("the header, compiled by ")
        assert compiled.latency_one_ms > 0
        header, example = compiled.files
        assert header.endswith(".h")
        assert example == "example.c"
    monkeypatch.setattr(c_model, "compiler", lambda: None)
    (calculated,) = make_variants(artifacts, run, ["c-int8"], again=True).shrunk
    assert calculated.scored_by.startswith("NumPy in the same whole numbers")
    assert calculated.latency_one_ms is None


def test_a_header_that_does_not_compile_is_not_kept(artifacts, run, monkeypatch):
    monkeypatch.setattr(c_model, "compiler", lambda: "/bin/false")
    with pytest.raises(ExportError, match="does not compile"):
        make_variants(artifacts, run, ["c-int4"])
    assert read_shrunk(artifacts, run) == []
    assert not left_over(artifacts)


def test_variants_of_a_deleted_run_go_when_the_next_ones_are_made(artifacts, run):
    make_variants(artifacts, run, ["onnx"])
    records.delete_run(artifacts, run)
    assert all_shrunk(artifacts) == []
    other = make_small_run(artifacts, "other")
    make_variants(artifacts, other, ["onnx"])
    assert [path.name for path in (artifacts / SHRUNK).iterdir()] == [other]


def test_what_somebody_else_put_beside_the_variants_stays_and_is_no_hindrance(artifacts, run):
    (artifacts / SHRUNK).mkdir()
    (artifacts / SHRUNK / ".DS_Store").write_bytes(b"Finder")
    (artifacts / SHRUNK / "elsewhere").symlink_to(artifacts)
    make_variants(artifacts, run, ["onnx"])
    assert {path.name for path in (artifacts / SHRUNK).iterdir()} == {run, ".DS_Store", "elsewhere"}
    assert [shrunk.variant for shrunk in all_shrunk(artifacts)] == ["onnx"]


# ── figures ─────────────────────────────────────────────────────────────────────────


def test_the_hungriest_layer_decides_how_much_memory_activations_take():
    network = build_architecture("small-cnn")
    assert peak_activation_bytes(network, 1) == 28 * 28 * 16 + 14 * 14 * 16  # the first pooling
    assert peak_activation_bytes(network, 4) == 62_720
    assert weight_bytes(network, 32) == 4 * network.parameter_count()
    assert weight_bytes(network, 8) == 206_736 + 4 * 186  # kernels, and biases of 32 bits
    assert weight_bytes(network, 4) == 103_368 + 4 * 186


def test_answers_are_counted_against_the_float_model():
    asked = [
        Questions("digits", np.zeros((4, 28, 28), np.uint8), np.array([0, 1, 2, 3])),
        Questions("pen", np.zeros((1, 28, 28), np.uint8), np.array([5])),
    ]
    variant = [np.array([0, 1, 9, 8], np.uint8), np.array([5], np.uint8)]
    floats = [np.array([0, 7, 2, 7], np.uint8), np.array([6], np.uint8)]
    scored = score(variant, floats, asked)
    assert (scored.correct, scored.changed, scored.better, scored.worse) == (2, 3, 1, 1)
    assert scored.p == 1
    (drawn,) = scored.drawn
    assert (drawn.dataset, drawn.images, drawn.changed) == ("pen", 1, 1)
    assert (drawn.float_correct, drawn.correct) == (0, 1)


def test_a_model_that_answers_with_no_numbers_is_not_kept():
    asked = [Questions("digits", np.zeros((2, 28, 28), np.uint8), np.array([0, 1]))]
    with pytest.raises(ExportError, match="it is not kept"):
        answers_to(lambda images: np.full((2, 10), np.nan), asked)
    with pytest.raises(ExportError, match="it is not kept"):
        answers_to(lambda images: np.zeros((1, 10)), asked)


def test_models_are_timed_in_turns():
    calls = []
    models = {
        name: lambda images, name=name: calls.append((name, len(images))) or images for name in ("a", "b")
    }
    times = latencies(models, np.zeros((3, 28, 28), np.uint8))
    assert set(times) == {"a", "b"}
    turn = [("a", 1)] * (IN_A_ROW + 1) + [("b", 1)] * (IN_A_ROW + 1)
    assert calls[: 2 * len(turn)] == 2 * turn
    assert calls[-2:] == [("a", MANY), ("b", MANY)]
