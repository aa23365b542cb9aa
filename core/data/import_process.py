"""Importing for the browser: files that arrive, and `python -m core data import …` as a child.

data/own/.uploads/<token>/<file>   what a browser sent, until it is imported or others take its place
"""

import os
import re
import secrets
import shutil
import time
from pathlib import Path

from core import places
from core.data.catalogue import OWN
from core.machine.telling import TellingProcess

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


class DatasetImport(TellingProcess):
    """One import."""

    def __init__(self, name: str, path: Path, *options: str):
        """Starts it.

        Args:
            name: what the dataset is called from now on.
            path: the file.
            options: further ones of `python -m core data import`.
        """
        self.name = name
        super().__init__("data", "import", str(path), "--name", name, "--lines", *options)
