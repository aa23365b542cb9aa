"""Warm workers that answer for all models of a runtime: real processes, real model files."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

import numpy as np
import psutil
import pytest

from core import frameworks
from core.places import PROJECT
from core.prediction.answers import Failure, Prediction
from core.prediction.models import default_runs, model_file, model_files
from core.prediction.predictor import Predictor, Request, RuntimeQueue
from core.prediction.worker import LoadedModels
from core.runs import records
from support.made_models import make_saved_models, make_untrained_run

pytestmark = pytest.mark.frameworks

IMAGES = np.random.default_rng(3).integers(0, 256, (12, 28, 28), dtype=np.uint8)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    make_saved_models(folder)
    return folder


@pytest.fixture(scope="module")
def predictor(model_folder):
    predictor = Predictor(model_folder)
    yield predictor
    predictor.close()


@pytest.fixture(scope="module")
def runs(model_folder):
    return [run for run, file in model_files(model_folder).items() if file.reads_digits]


def probabilities(answers):
    assert all(isinstance(answer, Prediction) for answer in answers.values()), answers
    return {run: answer.probabilities for run, answer in answers.items()}


def test_models_with_the_same_weights_say_the_same(predictor, runs):
    said = probabilities(predictor.predict(runs, IMAGES))
    assert len(said) == len(frameworks.names())
    for answer in said.values():
        assert answer.shape == (12, 10)
        np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(answer, said["made-numpy_scratch"], atol=1e-5)
    assert np.ptp(said["made-numpy_scratch"]) > 0.01  # and not only because all are flat


def test_one_worker_holds_the_models_of_a_runtime(predictor, runs):
    predictor.predict(runs, IMAGES[:1])
    runtimes = {frameworks.runtime(name) for name in frameworks.names()} - {"numpy"}
    assert set(predictor.worker_pids()) == runtimes
    assert len(set(predictor.worker_pids().values()) | {os.getpid()}) == len(runtimes) + 1


def test_time_is_told_in_milliseconds_of_the_model(predictor, runs):
    predictor.predict(runs, IMAGES[:1])
    began = time.perf_counter()
    answers = predictor.predict(runs, IMAGES[:1])
    elapsed = 1000 * (time.perf_counter() - began)
    assert all(0 < answer.milliseconds < elapsed for answer in answers.values())


def test_killed_worker_is_replaced_and_the_request_repeated(predictor, runs):
    before = probabilities(predictor.predict(runs, IMAGES))
    killed = predictor.worker_pids()["torch"]
    os.kill(killed, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(killed)] if psutil.pid_exists(killed) else [], timeout=10)
    after = probabilities(predictor.predict(runs, IMAGES))
    for run in runs:
        np.testing.assert_allclose(after[run], before[run], atol=1e-6)
    assert predictor.worker_pids()["torch"] != killed


def test_worker_killed_while_it_answers_is_replaced_too(predictor, runs):
    many = np.repeat(IMAGES, 400, axis=0)
    expected = probabilities(predictor.predict(runs, IMAGES))["made-pytorch"]
    future = predictor.submit(["made-pytorch"], many)["made-pytorch"]
    os.kill(predictor.worker_pids()["torch"], signal.SIGKILL)
    np.testing.assert_allclose(future.result(60).probabilities[::400], expected, atol=1e-5)


def test_model_that_does_not_load_takes_down_only_its_own_answer(tmp_path, model_folder):
    for name in ("made-pytorch", "made-numpy_scratch"):
        shutil.copytree(model_folder / name, tmp_path / name)
    shutil.copytree(model_folder / "made-pytorch", tmp_path / "damaged")
    (tmp_path / "damaged" / "model.pt").write_bytes(b"this is no model")
    predictor = Predictor(tmp_path)
    try:
        answers = predictor.predict(["made-pytorch", "damaged", "made-numpy_scratch"], IMAGES)
        pid = predictor.worker_pids()["torch"]
        again = predictor.predict(["damaged", "made-pytorch"], IMAGES)
        assert predictor.worker_pids()["torch"] == pid
    finally:
        predictor.close()
    assert isinstance(answers["damaged"], Failure)
    assert answers["damaged"].reason
    assert isinstance(again["damaged"], Failure)
    probabilities({run: answer for run, answer in answers.items() if run != "damaged"})


DEADLY = """
import os, signal
from core import frameworks
plain = frameworks.load

def load(name):
    exhibit = plain(name)
    if not hasattr(exhibit, "plain_load"):
        exhibit.plain_load = exhibit.load
        exhibit.load = lambda path: (
            os.kill(os.getpid(), signal.SIGKILL) if "deadly" in str(path) else exhibit.plain_load(path)
        )
    return exhibit

frameworks.load = load
"""


def test_model_that_kills_its_worker_fails_alone_and_is_not_tried_again(tmp_path, model_folder, monkeypatch):
    runs = tmp_path / "runs"
    shutil.copytree(model_folder / "made-pytorch", runs / "harmless")
    shutil.copytree(model_folder / "made-pytorch", runs / "deadly")
    (tmp_path / "sitecustomize.py").write_text(DEADLY)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(PROJECT)]))
    predictor = Predictor(runs)
    try:
        answers = predictor.predict(["deadly", "harmless"], IMAGES)
        assert isinstance(answers["harmless"], Prediction)
        assert "died twice" in answers["deadly"].reason
        assert "exit code -9" in answers["deadly"].reason
        pid = predictor.worker_pids()["torch"]
        assert isinstance(predictor.predict(["harmless", "deadly"], IMAGES)["deadly"], Failure)
        assert predictor.worker_pids()["torch"] == pid
    finally:
        predictor.close()


def test_run_without_a_model_says_so(predictor, model_folder):
    if not (model_folder / "empty").exists():
        make_untrained_run(model_folder, "empty", "pytorch")
    answers = predictor.predict(["empty", "no-such-run", "../elsewhere"], IMAGES)
    assert "model.pt is missing" in answers["empty"].reason
    assert all(isinstance(answer, Failure) for answer in answers.values())


def test_each_model_is_loaded_once_until_its_file_changes(model_folder, tmp_path):
    shutil.copytree(model_folder / "made-numpy_scratch", tmp_path / "own")
    models = LoadedModels()
    first = model_file(tmp_path, "own")
    models.answer([(first, IMAGES), (first, IMAGES[:1])])
    loaded = models.held[first]
    models.answer([(first, IMAGES)])
    assert models.held[first] is loaded
    os.utime(first.path, ns=(1, 1))
    models.answer([(model_file(tmp_path, "own"), IMAGES)])
    assert len(models.held) == 2


def test_ten_visitors_at_once_each_get_their_own_answer(predictor, runs):
    alone = [probabilities(predictor.predict(runs, image[None])) for image in IMAGES[:10]]
    with ThreadPoolExecutor(10) as visitors:
        together = list(
            visitors.map(lambda image: probabilities(predictor.predict(runs, image[None])), IMAGES[:10])
        )
    for own, other in zip(alone, together, strict=True):
        for run in runs:
            np.testing.assert_allclose(own[run], other[run], atol=1e-5)


class SlowWorker:
    """Holds its first call until it is let go, and remembers how many images each call brought."""

    pid = None

    def __init__(self):
        self.calls, self.called, self.go_on = [], threading.Event(), threading.Event()

    def answer(self, jobs):
        self.calls.append([len(images) for _, images in jobs])
        self.called.set()
        assert self.go_on.wait(30)
        return [Prediction(images.reshape(len(images), -1)[:, :10], 1.0) for _, images in jobs]

    def close(self):
        self.go_on.set()


def test_requests_that_wait_are_answered_in_one_call(model_folder):
    saved = model_file(model_folder, "made-pytorch")
    worker = SlowWorker()
    requests = RuntimeQueue("test", worker)
    futures = []
    for number in range(6):
        future: Future = Future()
        futures.append(future)
        requests.put([Request(saved, IMAGES[number : number + 1], future)])
        assert worker.called.wait(30)  # the first one occupies the worker
    futures[3].cancel()
    worker.go_on.set()
    wait([future for future in futures if not future.cancelled()], timeout=30)
    requests.close()
    assert worker.calls == [[1], [4]]
    for number in (0, 1, 2, 4, 5):
        np.testing.assert_array_equal(
            futures[number].result().probabilities[0], IMAGES[number].reshape(-1)[:10]
        )


PARENT = """
import sys
from pathlib import Path
import numpy as np
from core import frameworks
from core.prediction.predictor import Predictor
predictor = Predictor(Path(sys.argv[1]))
predictor.predict(["made-pytorch", "made-numpy_scratch"], np.zeros((1, 28, 28), np.uint8))
foreign = sorted((frameworks.packages().keys() - {"numpy", "sklearn"} | {"streamlit"}) & set(sys.modules))
print(predictor.worker_pids()["torch"], ",".join(foreign) or "none", flush=True)
sys.stdin.read()
"""


def test_workers_end_with_the_process_that_started_them_and_keep_frameworks_out_of_it(model_folder):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(model_folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    pid, foreign = parent.stdout.readline().split()
    worker = psutil.Process(int(pid))
    assert worker.is_running()
    parent.kill()
    parent.communicate()
    assert not psutil.wait_procs([worker], timeout=30)[1]
    assert foreign == "none"


def test_submitting_does_not_wait_for_a_worker_to_start_and_a_forgotten_predictor_leaves_none(model_folder):
    predictor = Predictor(model_folder)
    began = time.perf_counter()
    future = predictor.submit(["made-pytorch"], IMAGES)["made-pytorch"]
    assert time.perf_counter() - began < 1  # importing PyTorch takes seconds
    assert not future.done()
    assert isinstance(future.result(120), Prediction)
    worker = psutil.Process(predictor.worker_pids()["torch"])
    del predictor
    assert not psutil.wait_procs([worker], timeout=30)[1]


def test_only_runs_that_can_read_digits_are_offered_reference_runs_first(tmp_path):
    for run, changes in {
        "20260101-000000-pytorch-small-cnn-s0": {},
        "20260102-000000-pytorch-small-cnn-s0": {"dataset": "digits"},
        "20260103-000000-pytorch-small-cnn-s0": {"dataset": "fashion-mnist"},
        "20260105-000000-pytorch-small-cnn-s0": {"dataset": "not-here-any-more"},
        "reference-pytorch-small-cnn": {},
        "reference-pytorch-small-cnn-augmented": {"augment": True},
        "reference-keras_fit-small-cnn": {"framework": "keras_fit"},
    }.items():
        make_untrained_run(tmp_path, run, changes.pop("framework", "pytorch"), **changes)
        name = frameworks.constants(records.read_config(tmp_path, run)[0].framework)["MODEL_FILE"]
        (tmp_path / run / name).touch()
    # still training: no model
    make_untrained_run(tmp_path, "20260104-000000-pytorch-small-cnn-s0", "pytorch")
    assert [run for run, file in model_files(tmp_path).items() if file.reads_digits] == [
        "reference-keras_fit-small-cnn",
        "reference-pytorch-small-cnn",
        "reference-pytorch-small-cnn-augmented",
        "20260102-000000-pytorch-small-cnn-s0",
        "20260101-000000-pytorch-small-cnn-s0",
    ]
    assert default_runs(model_files(tmp_path)) == [
        "reference-keras_fit-small-cnn",
        "reference-pytorch-small-cnn-augmented",
    ]
