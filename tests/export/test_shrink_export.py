"""`python -m core export` of a model: what the folder holds, what is told, what is refused in a sentence."""

import os
import signal
import subprocess
import sys

import numpy as np
from typer.testing import CliRunner

from core.commands.app import app
from core.places import PROJECT
from core.prediction.onnx_model import OnnxModel
from core.runs import records
from core.runs.shrunk import SHRUNK, read_shrunk, shrunk_file
from support.made_models import make_untrained_run
from support.made_runs import copy_reference_runs
from support.made_shrunk import made_shrunk
from support.small_run import make_small_run, start_command

REFERENCE = "reference-pytorch-small-cnn"


def export(out, run, form, *more):
    return CliRunner().invoke(app, ["export", run, "--as", form, "--out", str(out), *more])


def refused(result, out, *words):
    assert result.exit_code == 2, result.output
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    for word in words:
        assert word in result.stderr
    assert not out.exists()
    assert not list(out.parent.glob(".export-*"))


def test_a_model_is_made_scored_and_written_to_a_new_folder(artifacts, tmp_path):
    run = make_small_run(artifacts)
    result = export(tmp_path / "home", run, "int8")
    assert result.exit_code == 0, result.output
    (file,) = (tmp_path / "home").iterdir()
    assert file.name == "numpy_scratch_tiny_mlp_int8.onnx"
    assert OnnxModel(str(file)).predict(np.zeros((1, 28, 28), np.uint8)).shape == (1, 10)
    shrunk = next(one for one in read_shrunk(artifacts, run) if one.variant == "onnx-int8")
    assert f"{100 * shrunk.accuracy:.2f} % of 300 test images right, by onnxruntime" in result.output
    assert "of 300 answers" in result.output
    assert f"wrote {file}" in result.output
    assert not list((artifacts / SHRUNK / run).glob(".making-*"))


def test_what_was_made_before_is_copied_and_its_loss_told_with_what_avoids_it(artifacts, tmp_path):
    copy_reference_runs(artifacts)
    made_shrunk(artifacts, REFERENCE, "onnx", correct=9902, worse=1, bytes_on_disk=2000)
    lost = made_shrunk(artifacts, REFERENCE, "onnx-int8", correct=9838, better=5, worse=69, changed=80)
    result = export(tmp_path / "home", REFERENCE, "int8")
    assert result.exit_code == 0, result.output
    assert "loses 0.64 points of accuracy (98.38 % instead of 99.02 %)" in result.output
    assert "Take ONNX (99.02 %, 2.0 kB)." in result.output
    (file,) = (tmp_path / "home").iterdir()
    assert file.read_bytes() == shrunk_file(artifacts, lost).read_bytes()


def test_what_cannot_be_is_refused_in_a_sentence(artifacts, tmp_path):
    out = tmp_path / "home"
    copy_reference_runs(artifacts)
    make_untrained_run(artifacts, "no-model", "pytorch")
    (artifacts / "notebook_metrics.json").write_text('{"framework": "Keras", "test_accuracy": 0.9}')
    mine = tmp_path / "mine"
    mine.mkdir()
    refused(export(out, REFERENCE, "tflite"), out, "PyTorch", "export it as onnx, int8 or c")
    refused(export(out, "nobody", "onnx"), out, "there is no run nobody")
    refused(export(out, "../nobody", "onnx"), out, "no run name")
    refused(export(out, "notebook", "onnx"), out, "no record of its configuration")
    refused(export(out, "no-model", "onnx"), out, "has no saved model (model.pt is missing)")
    refused(export(out, REFERENCE, "onnx", "--bits", "8"), out, "--bits 8 cannot be used with --as onnx")
    refused(export(out, REFERENCE, "c", "--bits", "5"), out, "8 or 4")
    refused(export(out, REFERENCE, "card", "--bits", "8"), out, "cannot be used with --as card")
    refused(export(out, REFERENCE, "int8", "--scheme", "best"), out, "u8u8: ", "(the default)")
    refused(export(out, REFERENCE, "onnx", "--scheme", "u8u8"), out, "only --as int8")
    refused(export(tmp_path / "no" / "home", REFERENCE, "onnx"), out, "make it first")
    refused(export(tmp_path / ("n" * 300), REFERENCE, "onnx"), out, "File name too long")
    assert "mine exists already" in export(mine, REFERENCE, "onnx").stderr
    assert list(mine.iterdir()) == []
    assert export(out, REFERENCE, "jpeg").exit_code == 2
    assert not out.exists()
    assert not (artifacts / SHRUNK).exists()


def test_without_the_images_that_score_it_nothing_is_exported(artifacts, tmp_path):
    run = make_small_run(artifacts, dataset="mnist")
    result = export(tmp_path / "home", run, "onnx")
    refused(result, tmp_path / "home", "nothing is exported unscored", "--fetch")
    assert read_shrunk(artifacts, run) == []


def test_a_broken_model_file_is_told(artifacts, tmp_path):
    run = make_small_run(artifacts)
    (model,) = records.run_dir(artifacts, run).glob("model.*")
    model.write_bytes(model.read_bytes()[:100])
    refused(export(tmp_path / "home", run, "onnx"), tmp_path / "home", "model.npz cannot be read")


def test_an_export_that_is_killed_leaves_no_folder(artifacts, tmp_path):
    run = make_small_run(artifacts)
    process = start_command("export", run, "--as", "onnx", "--out", str(tmp_path / "home"))
    (artifacts / SHRUNK / run).mkdir(parents=True)
    while not list((artifacts / SHRUNK / run).glob(".making-*")):
        assert process.poll() is None, process.stdout.read()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)
    assert not (tmp_path / "home").exists()
    assert not list(tmp_path.glob(".export-*"))
    assert read_shrunk(artifacts, run) == []


def test_the_command_line_learns_of_formats_without_loading_them():
    loaded = "import sys, core.commands.app; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loaded], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    names = {name.partition(".")[0] for name in done.stdout.split()}
    assert not names & {"onnx", "onnxruntime", "ai_edge_litert", "tensorflow", "numpy"}
