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
        self.folder = self.info.folder(data_dir)
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
        """Counts what lies in the dataset's folder now."""
        whole = sum(
            (self.folder / file.name).is_file() and (self.folder / file.name).stat().st_size == file.size
            for file in self.info.files
        )
        names = {file.name for file in self.info.files}
        found = [path for path in self.folder.rglob("*") if path.is_file() and path.parent != self.folder]
        partial = sum(path.stat().st_size for path in found if path.name.removesuffix(".gz") in names)
        return Received(whole, len(self.info.files), partial)

    def failure(self) -> str:
        """Why it ended without the files, in the words of the command; empty when all went well."""
        if self.running or self.process.returncode == 0:
            return ""
        self.output.seek(0)
        lines = self.output.read().decode("utf-8", "replace").splitlines()
        return "\n".join([line for line in lines if line.strip()][-3:])
