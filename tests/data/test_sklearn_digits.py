"""The built-in digits' pixels: saved runs were trained and scored on them, so they stay as they are."""

import hashlib

from core.data.catalogue import DATASETS
from core.data.datasets import load_images


def test_images_and_their_split_are_those_that_saved_runs_saw():
    images = load_images(DATASETS["digits"])
    content = b"".join(
        part.tobytes() for part in (images.x_train, images.x_test, images.y_train, images.y_test)
    )
    assert hashlib.sha256(content).hexdigest() == (
        "9e8c9cb20144490f851a25cc2779b733cd1448e143b4d740d68ae67596e51772"
    )
