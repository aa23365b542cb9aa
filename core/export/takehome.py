"""What is taken home of one run: a script or a notebook with its requirements and model card, or the card."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from core.export.card import build_card
from core.export.notebook import build_notebook
from core.export.recorded import ExportError, Recorded, read_recorded
from core.export.script import build_script

Kind = Literal["script", "notebook", "card"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CARD = "model-card.md"
REQUIREMENTS = "requirements.txt"


def export_run(
    artifacts: Path, run: str, kind: Kind, folder: Path, data_dir: Path | None = None
) -> list[Path]:
    """Writes a new folder; it appears whole or not at all.

    Args:
        artifacts: the folder of the runs.
        run: its name.
        kind: what to write.
        folder: must not exist; the one above it must.
        data_dir: where the datasets' own descriptions are, as for `core.data.catalogue.find_dataset`.

    Returns:
        The files, the main one first.

    Raises:
        ExportError: the run cannot be taken home, the folder exists or cannot be written.
    """
    folder = new_folder(folder)
    files = build_files(artifacts, run, kind, data_dir)
    return write_folder(folder, {name: text.encode() for name, text in files.items()})


def new_folder(folder: Path) -> Path:
    """The whole path of a folder that can be written.

    Raises:
        ExportError: it exists, the one above it does not, or there can be none of this name.
    """
    try:
        folder = folder.expanduser().absolute()
        if folder.exists() or folder.is_symlink():
            raise ExportError(f"{folder} exists already, and nothing is overwritten; name a new folder")
        if not folder.parent.is_dir():
            raise ExportError(f"there is no folder {folder.parent} to write to; make it first")
    except (OSError, RuntimeError) as error:  # a name too long, no access; nobody's home after `~`
        raise ExportError(f"cannot write {folder}: {getattr(error, 'strerror', None) or error}") from error
    return folder


def write_folder(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Writes a new folder, whole or not at all, and returns its files.

    Raises:
        ExportError: it cannot be written, or exists by now.
    """
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as temporary:
            whole = Path(temporary, "whole")
            whole.mkdir()
            for name, content in files.items():
                (whole / name).write_bytes(content)
            os.rename(whole, folder)
    except OSError as error:
        raise ExportError(f"cannot write {folder}: {error.strerror or error}") from error
    return [folder / name for name in files]


def build_files(artifacts: Path, run: str, kind: Kind, data_dir: Path | None = None) -> dict[str, str]:
    """Name → text of each file, the main one first.

    Raises:
        ExportError: the run cannot be taken home.
    """
    recorded = read_recorded(artifacts, run)
    card = {CARD: build_card(artifacts, recorded, data_dir)}
    if kind == "card":
        return card
    build, ending = (build_script, "py") if kind == "script" else (build_notebook, "ipynb")
    return {f"{recorded.stem}.{ending}": build(recorded), REQUIREMENTS: requirements(recorded), **card}


def requirements(recorded: Recorded) -> str:
    """The packages that the file imports, in exactly the versions that the run recorded.

    A local build such as 2.14.1+cpu is named beside the version of PyPI; what no record holds has none.
    """
    python = recorded.environment.get("python")
    lines = [f"# Python {python}" if python else "# The run did not record its Python"]
    for name, version in recorded.versions.items():
        public, plus, _ = version.partition("+")
        lines.append(f"{name}=={public}" + (f"  # the run had the build {version}" if plus else ""))
    if recorded.dataset.reader == "sklearn":
        for name in ("scikit-learn", "pillow"):
            if name not in recorded.versions:
                lines.append(f"{name}  # for the images; the run did not record its version")
    return "\n".join(lines) + "\n"
