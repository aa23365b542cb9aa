"""Importing for the browser: files that arrive, and `python -m core data import …` as a child.

data/own/.uploads/<token>/<file>   what a browser sent, until it is imported or others take its place
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from core import places
from core.data.catalogue import OWN
from core.machine import processes

UPLOADS = ".uploads"  # below the imported datasets
MOST_UPLOADS = 6  # that are kept; the oldest makes room
KEPT_FOR = 24 * 3600  # seconds: who left without importing does not come back
_TOKEN = re.compile(r"[0-9a-f]{32}")


# ── files that arrive ───────────────────────────────────────────────────────────────


def new_upload(name: str, data_dir: Path | str | None = None) -> tuple[str, Path]:
    """A token and a place for a file that a browser sends; the oldest and those of another day make room.

    Args:
        name: what the visitor calls it; only what is safe of it is kept.
        data_dir: the data folder; None means `core.places.data_dir()`.

    Raises:
        OSError: the folder cannot be written to.
    """
    root = _uploads(data_dir)
    root.mkdir(parents=True, exist_ok=True)
    kept = sorted(root.iterdir(), key=os.path.getmtime)
    forgotten = [old for old in kept if time.time() - old.stat().st_mtime > KEPT_FOR]
    for old in {*forgotten, *kept[: max(0, len(kept) - MOST_UPLOADS + 1)]}:
        shutil.rmtree(old, ignore_errors=True)  # its visitor may be taking it away at this moment
    token = secrets.token_hex(16)
    (root / token).mkdir()
    safe = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\:*?"<>|')
    return token, root / token / (safe.strip(". ")[-100:] or "upload")


def uploaded(token: str, data_dir: Path | str | None = None) -> Path | None:
    """The file that came with this token; None when it is not here any more."""
    if not _TOKEN.fullmatch(token):
        return None
    return next(iter((_uploads(data_dir) / token).glob("*")), None)


def forget_upload(token: str, data_dir: Path | str | None = None) -> None:
    """Takes a file away."""
    if _TOKEN.fullmatch(token):
        shutil.rmtree(_uploads(data_dir) / token, ignore_errors=True)  # it may have made room already


def _uploads(data_dir: Path | str | None) -> Path:
    return places.data_dir(data_dir) / OWN / UPLOADS


# ── the import ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Stage:
    """What an import is at, and the share of it that is done."""

    stage: str
    share: float


class DatasetImport:
    """One import. It goes on when the visitor leaves, as the command in a terminal would."""

    def __init__(self, name: str, path: Path, *options: str):
        """Starts it.

        Args:
            name: what the dataset is called from now on.
            path: the file.
            options: further ones of `python -m core data import`.
        """
        self.name = name
        self.output = tempfile.TemporaryFile()  # noqa: SIM115 - read while the process writes to it
        self.process = processes.start(
            processes.COMMAND_LINE,
            *["data", "import", str(path), "--name", name, "--lines", *options],
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    @property
    def running(self) -> bool:
        """Whether it still goes on."""
        return self.process.poll() is None

    @property
    def succeeded(self) -> bool:
        """Whether the dataset is there now."""
        return self.process.poll() == 0

    def stage(self) -> Stage:
        """What it is at."""
        told = [line for line in self._lines() if line.startswith("{")]
        try:
            return Stage(**json.loads(told[-1]))
        except (IndexError, ValueError, TypeError):
            return Stage("starting", 0.0)  # nothing yet, or a line that is being written

    def said(self) -> str:
        """What the command said in the end: what was imported, or why nothing was."""
        words = [line for line in self._lines() if line.strip() and not line.startswith("{")]
        return "\n".join(words[-6:]).removeprefix("error: ")

    def _lines(self) -> list[str]:
        content = os.pread(self.output.fileno(), 2**20, 0)
        return content.decode("utf-8", "replace").splitlines()
