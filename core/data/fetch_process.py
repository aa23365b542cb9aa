"""Fetching a dataset for the browser: `python -m core data … --fetch` as a child, followed by its files."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.data.catalogue import find_dataset
from core.machine import processes


@dataclass(frozen=True)
class Received:
    """What has arrived so far: whole files, all files, bytes of the file under way."""

    files: int
    of: int
    partial_bytes: int


class DatasetDownload:
    """One download. It goes on when the visitor leaves; another visitor may follow the same object."""

    def __init__(self, dataset: str, data_dir: Path | None = None):
        self.info = find_dataset(dataset)
        files = [file for part in self.info.with_files() for file in part.files]
        self.files = dict(zip(self.info.paths(data_dir), files, strict=True))
        self.output = tempfile.TemporaryFile()  # noqa: SIM115 - read while the process writes to it
        arguments = ["data", dataset, "--fetch", *(["--data-dir", str(data_dir)] if data_dir else [])]
        self.process = processes.start(
            processes.COMMAND_LINE, *arguments, stdout=self.output, stderr=subprocess.STDOUT
        )

    @property
    def running(self) -> bool:
        """Whether it still goes on."""
        return self.process.poll() is None

    def received(self) -> Received:
        """Counts what lies in the dataset's folders now."""
        whole = sum(path.is_file() and path.stat().st_size == file.size for path, file in self.files.items())
        packed = {name for file in self.files.values() for name in (f"{file.name}.gz", *file.archives)}
        names = packed | {file.name for file in self.files.values()}
        folders = {path.parent for path in self.files}
        found = [path for folder in folders for path in folder.rglob("*") if path.parent not in folders]
        partial = sum(path.stat().st_size for path in found if path.is_file() and path.name in names)
        return Received(whole, len(self.files), partial)

    def failure(self) -> str:
        """Why it ended without the files, in the words of the command; empty when all went well."""
        if self.running or self.process.returncode == 0:
            return ""
        self.output.seek(0)
        lines = self.output.read().decode("utf-8", "replace").splitlines()
        return "\n".join([line for line in lines if line.strip()][-3:])
