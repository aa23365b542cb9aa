"""Shrunk variants that answer beside their models, in a worker of their own; broken and deleted ones."""

import shutil

import numpy as np
import pytest

from core.export.shrink.onnx_file import write_onnx
from core.export.shrink.trained import read_trained
from core.prediction.answers import Failure
from core.prediction.predictor import Predictor
from core.prediction.variants import RUNTIME, variants_of
from core.runs.shrunk import shrunk_dir, shrunk_file, write_shrunk
from support.made_models import make_saved_models
from support.made_shrunk import made_shrunk

pytestmark = pytest.mark.frameworks

IMAGES = np.random.default_rng(3).integers(0, 256, (12, 28, 28), dtype=np.uint8)
RUN = "made-numpy_scratch"
ONNX, INT8 = f"{RUN}:onnx", f"{RUN}:onnx-int8"


@pytest.fixture
def folder(tmp_path):
    """A model, a variant of it that can be run, and one whose file is damaged."""
    make_saved_models(tmp_path, ("numpy_scratch",))
    content = write_onnx(read_trained(tmp_path, RUN))
    shrunk = made_shrunk(tmp_path, RUN, "onnx", bytes_on_disk=len(content))
    shrunk_file(tmp_path, shrunk).write_bytes(content)
    write_shrunk(shrunk_dir(tmp_path, RUN, "onnx"), shrunk)
    made_shrunk(tmp_path, RUN, "onnx-int8")
    return tmp_path


@pytest.fixture
def predictor(folder):
    predictor = Predictor(folder)
    yield predictor
    predictor.close()


def test_a_variant_answers_beside_its_model_and_what_is_broken_fails_alone(folder, predictor):
    assert list(variants_of(folder, [RUN, "another"])) == [ONNX, INT8]
    answers = predictor.predict([RUN, ONNX, INT8], IMAGES)
    np.testing.assert_allclose(answers[ONNX].probabilities, answers[RUN].probabilities, atol=1e-5)
    assert set(predictor.worker_pids()) == {RUNTIME}
    reason = f"its file {RUN}.onnx cannot be read; shrink the run again on Compare"
    assert answers[INT8] == Failure(reason)

    shutil.rmtree(shrunk_dir(folder, RUN, "onnx-int8"))
    answers = predictor.predict([ONNX, INT8, f"{RUN}:nothing"], IMAGES[:1])
    assert answers[ONNX].probabilities.shape == (1, 10)
    assert answers[INT8] == Failure(f"{RUN} has no ONNX, 8 bits (any more): shrink it again on Compare")
    assert isinstance(answers[f"{RUN}:nothing"], Failure)
