"""Starting a race from the browser, as a process of its own that outlives the server."""

import secrets
import shlex
import subprocess
import threading
from datetime import datetime
from pathlib import Path

from core.machine import processes
from core.runs import records


def new_race_name() -> str:
    """`<date>-<time>-<four letters>`: sortable, and different when two start in one second."""
    return f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def launch(arguments: list[str], artifacts: Path) -> str:
    """Starts `python -m core race …` as a process of its own, which outlives this one.

    Args:
        arguments: flags of the command line, without `--name` and `--artifacts`.
        artifacts: where its runs are recorded; its output goes to `.races/<race>.log` in there.

    Returns:
        The race's name, which each of its runs carries in `config.json`.

    Raises:
        core.runs.records.RecordError: the folder cannot be written to.
    """
    records.check_writable(artifacts)
    race = new_race_name()
    mark_path, log_path = _files(artifacts, race)
    with records.writing(artifacts):
        mark_path.parent.mkdir(exist_ok=True)
        with open(log_path, "wb") as log:
            process = processes.start(
                processes.COMMAND_LINE,
                *["race", *arguments, "--name", race, "--artifacts", str(artifacts)],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        threading.Thread(target=process.wait, daemon=True).start()  # no zombie stays behind
        mark = {**processes.process_mark(process.pid), "race": race, "command": shlex.join(arguments)}
        records.write_json(mark_path, mark)
    return race


def launched(artifacts: Path, race: str) -> tuple[bool, str]:
    """Whether a launched race's process still runs, and what it printed so far.

    A race that ends without having made a run printed why: bad settings, missing data, a full disk.

    Raises:
        core.runs.records.RecordError: nobody launched such a race here, or its files cannot be read.
    """
    mark_path, log_path = _files(artifacts, records.check_name(race))
    mark = records.read_object(mark_path)
    try:
        output = log_path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise records.RecordError(f"{log_path.name} cannot be read: {error}") from error
    return processes.is_alive(mark), output


def _files(artifacts: Path, race: str) -> tuple[Path, Path]:
    """Where a launched race's process mark and its output lie."""
    folder = artifacts / ".races"
    return folder / f"{race}.json", folder / f"{race}.log"
