"""Shrunk variants as exports leave them, with figures from nowhere."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core import frameworks
from core.runs import records
from core.runs.shrunk import ANSWERS, VARIANTS, WRITING, Drawn, Original, Shrunk, shrunk_dir, write_shrunk


def made_shrunk(artifacts: Path, run: str, variant: str = "onnx-int8", **values: Any) -> Shrunk:
    """Writes a variant of a run that has a configuration; a model file is made where it has none."""
    config, _ = records.read_config(artifacts, run)
    model = records.run_dir(artifacts, run) / frameworks.constants(config.framework)["MODEL_FILE"]
    if not model.is_file():
        model.write_bytes(b"model" * 1000)
    folder = shrunk_dir(artifacts, run, variant)
    folder.mkdir(parents=True)
    file = f"{run}{VARIANTS[variant].model}"
    (folder / file).write_bytes(bytes(2000))
    np.save(folder / ANSWERS, np.zeros(10_000, np.uint8))
    original = Original(
        model.name, model.stat().st_size, model.stat().st_mtime_ns, 827_688, 62_720, 9902, 0.4, 90.0
    )
    shrunk = Shrunk(
        WRITING, run, variant, (file,), 2000, 207_342, 15_680, 10_000, 9900, 6, 1, 3, 0.625, 0.2, 150.0,
        (Drawn("my-digits", 12, 1, 11, 10),), "", VARIANTS[variant].runtime, 1, "any processor", False,
        original,
    )  # fmt: skip
    shrunk = replace(shrunk, **values)
    write_shrunk(folder, shrunk)
    return shrunk
