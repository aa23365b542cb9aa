"""Curves that mean the same: under `controlled` the five frameworks' points lie on each other."""

import numpy as np
import pytest

from core import frameworks
from core.config import RunConfig
from core.data.catalogue import find_dataset
from core.data.files import status
from core.runs.curves import FEWEST_STEPS
from support import exhibit_probe as probe

pytestmark = pytest.mark.frameworks

CLOSE = 0.02  # of a loss, and of a fraction


@pytest.fixture(scope="module")
def curves():
    """Framework → its curve over one epoch of real digits, MNIST where its files are."""
    there = all(file.ok for file in status(find_dataset("mnist"), None))
    settings = {"dataset": "mnist", "train_size": 4000} if there else {"dataset": "digits"}
    config = RunConfig(
        framework="any", **settings, optimizer="sgd", learning_rate=0.01, batch_size=16, epochs=1,
        filters=(8, 8), dense_units=32, validation_size=0, threads=probe.THREADS, device="cpu",
    )  # fmt: skip
    processes = {runtime: probe.start_process() for runtime in map(frameworks.runtime, frameworks.names())}
    told = {
        name: processes[frameworks.runtime(name)].submit(
            probe.recorded_curve, name, config.model_copy(update={"framework": name})
        )
        for name in frameworks.names()
    }
    yield {name: future.result(timeout=280) for name, future in told.items()}
    for process in processes.values():
        process.shutdown(wait=False)


def test_all_frameworks_have_points_at_the_same_steps(curves):
    steps = curves["pytorch"]["step"]
    assert len(steps) >= 4
    assert min(np.diff([0, *steps])) >= FEWEST_STEPS
    assert all(curve["step"] == steps for curve in curves.values())


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_points_of_the_first_epoch_differ_by_two_hundredths_at_most(curves, metric):
    values = np.array([curve[metric] for curve in curves.values()])
    apart = values.max(axis=0) - values.min(axis=0)
    assert apart.max() <= CLOSE, dict(zip(curves["pytorch"]["step"], apart.round(4), strict=True))


def test_points_show_that_the_network_learns(curves):
    for curve in curves.values():
        assert curve["loss"][-1] < 0.5 * curve["loss"][0]
        assert curve["accuracy"][-1] > curve["accuracy"][0]
