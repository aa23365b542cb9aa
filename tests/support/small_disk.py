"""A real file system that fills up."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own at a new folder; skips the test where none can be made. Size: as "64k"."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a file system of its own can only be mounted by root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> Path:
    """Writes until nothing more fits; returns the file, whose deletion makes room again."""
    path = folder / "filler"
    with open(path, "wb", buffering=0) as filler, suppress(OSError):
        while filler.write(os.urandom(4096)):
            pass
    return path
