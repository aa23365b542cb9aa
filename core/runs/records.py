"""Artifacts on disk: names, configs, events, metrics, notes. Writes atomically, reads forgivingly.

artifacts/<run>_metrics.json   the result: one flat JSON object, written once at the end
artifacts/<run>/config.json    what was asked for, written before anything starts
artifacts/<run>/events.jsonl   what happened, one JSON object a line, only ever appended to
artifacts/<run>/log.txt        what the training process printed
artifacts/<run>/notes.json     the visitor's own title and remark, and what they told of an imported run
artifacts/<run>/.room          some kB that a race keeps free, to write down how it ended on a full disk
artifacts/<run>/stop           exists when somebody asked the run to stop
"""

import errno
import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.runs.writing import write_file

if TYPE_CHECKING:
    from core.config import RunConfig

SCHEMA = 1
REFERENCE = "reference-"
FIT = "trial-"  # of a study: many runs that only the study itself shows
_FIT_NAME = re.compile(rf"{FIT}.+-\d{{5,}}-[a-z][a-z0-9_]*-e\d+(-f\d+)?-s\d+(\D|$)")
STUDY_MARK = ("study", "fresh_of", "trial", "role")  # in the records of a study's runs alone
MOST_TITLE = 120  # characters of a run's own name
OWN_DIGITS = "my-digits"  # the folder of the visitor's own digits, which is no run
METRICS_SUFFIX = "_metrics.json"
BIN = ".bin"  # of deleted runs, see `core.runs.bin`; no reader looks into a hidden folder
NEEDED_BYTES = 64 * 2**20  # beyond the models: probabilities, labels and events of a hundred runs
NO_ROOM_EXIT = 74  # exit code of a training that could not write (EX_IOERR of sysexits.h)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}")


class RecordError(Exception):
    """A file or folder under artifacts cannot be used; the message says which, why and what to do."""


class NoRoom(RecordError):
    """The disk, or a limit on it, takes no more."""


# ── names and places ────────────────────────────────────────────────────────────────


def check_name(run: str) -> str:
    """Returns `run` when it is safe as a file name.

    Raises:
        RecordError: it could leave the artifacts folder, or is empty or too long.
    """
    if run == OWN_DIGITS:
        raise RecordError(f"{OWN_DIGITS} is where own digits are kept, no run; choose another name")
    if not isinstance(run, str) or not _NAME.fullmatch(run) or ".." in run:
        raise RecordError(
            f"{run!r} is no run name; letters, digits, '-', '_' and '.' are allowed, at most 150"
        )
    return run


def run_dir(artifacts: Path, run: str) -> Path:
    """The run's folder (it need not exist)."""
    return artifacts / check_name(run)


def metrics_path(artifacts: Path, run: str) -> Path:
    """The run's metrics file (it need not exist)."""
    return artifacts / f"{check_name(run)}{METRICS_SUFFIX}"


def is_reference(run: str) -> bool:
    """Whether the run is one of those that ship with the project."""
    return run.startswith(REFERENCE)


def is_fit(run: str) -> bool:
    """Whether the run, or a file of it, is one training of a study's trial; see `core.tuning.fits`."""
    return _FIT_NAME.match(run) is not None


# ── writing ─────────────────────────────────────────────────────────────────────────


def check_writable(artifacts: Path, model_bytes: int = 0, more: int | None = None) -> None:
    """Makes sure that results will fit, before anything trains for an hour.

    Args:
        artifacts: where they go.
        model_bytes: what the models to be saved take together.
        more: bytes for everything else; NEEDED_BYTES unless somebody says.

    Raises:
        RecordError: the folder cannot be made or written to, or the disk is nearly full.
    """
    needed = (NEEDED_BYTES if more is None else more) + model_bytes
    with writing(artifacts):
        artifacts.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=artifacts) as probe:
            probe.write(b"0" * 4096)
            probe.flush()
            os.fsync(probe.fileno())
        free = shutil.disk_usage(artifacts).free
    if free < needed and (artifacts / BIN).is_dir():
        from core.runs import bin  # which builds on this module

        bin.empty(artifacts)  # deleted runs give way to new ones
        free = shutil.disk_usage(artifacts).free
    if free < needed:
        raise NoRoom(
            f"only {free / 2**20:.0f} MB are free in {artifacts}, these results need up to "
            f"{math.ceil(needed / 2**20)} MB; delete some runs or choose another folder with --artifacts"
        )


@contextmanager
def minding_room(artifacts: Path) -> Iterator[None]:
    """Raises NoRoom for an OSError of the block that says that the disk is full; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoRoom(
                f"cannot write results to {artifacts}: the disk is full ({error.strerror}); "
                "delete some runs or other files, then start again"
            ) from error
        raise


@contextmanager
def writing(artifacts: Path) -> Iterator[None]:
    """Says in a sentence why the folder does not take what the block writes.

    Raises:
        NoRoom: as `minding_room`.
        RecordError: the block raised another OSError.
    """
    try:
        with minding_room(artifacts):
            yield
    except OSError as error:
        raise RecordError(
            f"cannot write results to {artifacts}: {error.strerror or error}; "
            "choose another folder with --artifacts or DIGIT_DERBY_ARTIFACTS"
        ) from error


def write_json(path: Path, value: Any) -> None:
    """Writes strict JSON; numbers that JSON has no word for (NaN, infinity) become null."""
    write_file(path, (json.dumps(_strict(value), indent=1, allow_nan=False) + "\n").encode())


def _strict(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if hasattr(value, "tolist"):  # NumPy
        return _strict(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def create_run(artifacts: Path, config: "RunConfig", race: str) -> str:
    """Makes the run's folder with its config and returns its name, `<date>-<time>-<framework>-…`."""
    base = f"{datetime.now():%Y%m%d-%H%M%S}-{config.framework}-{config.network.name}-s{config.seed}"
    for attempt in range(1, 1000):
        run = base if attempt == 1 else f"{base}-{attempt}"
        try:
            run_dir(artifacts, run).mkdir(parents=True)
        except FileExistsError:
            continue
        write_config(artifacts, run, config, race)
        return run
    raise RecordError(f"a thousand runs are called {base}; wait a second and start again")


def write_config(artifacts: Path, run: str, config: "RunConfig", race: str, **more: Any) -> None:
    """Saves what the run is asked to do; `more` is what else its record holds, such as its study."""
    record = {"schema": SCHEMA, "run": run, "race": race, **more, "config": config.model_dump(mode="json")}
    write_json(run_dir(artifacts, run) / "config.json", record)


def append_event(artifacts: Path, run: str, event: str, **values: Any) -> None:
    """Adds one line to the run's history, in one write, so that lines of two processes never mix.

    Raises:
        RecordError: as `writing`; half a line may be there, which readers pass over.
    """
    line = (json.dumps(_strict({"event": event, **values}), allow_nan=False) + "\n").encode()
    path = run_dir(artifacts, run) / "events.jsonl"
    with writing(artifacts), open(path, "ab+", buffering=0) as file:
        if size := file.seek(0, os.SEEK_END):
            file.seek(size - 1)
            if file.read(1) != b"\n":  # a full disk took half of a line
                line = b"\n" + line
        if file.write(line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write_notes(artifacts: Path, run: str, title: str = "", remark: str = "") -> None:
    """Saves the visitor's own title and remark beside the run.

    Raises:
        RecordError: a reference run, or no such run of the visitor's own.
    """
    _note(artifacts, run, title=title.strip()[:MOST_TITLE], remark=remark.strip()[:2000])


def write_told(artifacts: Path, run: str, told: dict[str, Any]) -> None:
    """Saves what the visitor tells of a run whose file does not say it: field → value.

    Raises:
        RecordError: a reference run, or no such run of the visitor's own.
    """
    _note(artifacts, run, told=told)


def _note(artifacts: Path, run: str, **values: Any) -> None:
    check_own(artifacts, run)
    path = run_dir(artifacts, run) / "notes.json"
    path.parent.mkdir(exist_ok=True)  # an imported file has no folder yet
    write_json(path, {**(read_object(path) if path.is_file() else {}), **values})


def delete_run(artifacts: Path, run: str) -> None:
    """Removes the run's folder and metrics file for good; `core.runs.bin` keeps them for a while.

    Raises:
        RecordError: a reference run, or no such run.
    """
    check_own(artifacts, run)
    metrics_path(artifacts, run).unlink(missing_ok=True)
    if run_dir(artifacts, run).exists():
        shutil.rmtree(run_dir(artifacts, run))


def check_own(artifacts: Path, run: str) -> None:
    """Makes sure that the run is there and the visitor's own to change.

    Raises:
        RecordError: a reference run, or no such run.
    """
    if is_reference(check_name(run)):
        raise RecordError(f"{run} is a reference run; it ships with the project and stays as it is")
    if not run_dir(artifacts, run).is_dir() and not metrics_path(artifacts, run).is_file():
        raise RecordError(f"there is no run {run} in {artifacts}; `python -m core runs` lists them")


# ── reading ─────────────────────────────────────────────────────────────────────────


def read_object(path: Path) -> dict[str, Any]:
    """Reads a JSON object; NaN and infinity, which Python writes and JSON forbids, become None.

    Raises:
        RecordError: the file cannot be read, is not JSON, or is not an object.
    """
    try:
        # As bytes: with or without a byte-order mark, UTF-8 or the UTF-16 that Windows' shell writes.
        value = json.loads(path.read_bytes(), parse_constant=lambda _: None)
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path.name} cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:  # also a number of too many digits
        raise RecordError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise RecordError(f"{path.name} holds {type(value).__name__}, not a JSON object")
    return value


def read_config(artifacts: Path, run: str) -> tuple["RunConfig", str]:
    """The run's configuration and the race that it belongs to.

    Raises:
        RecordError: missing, unreadable or out of range.
    """
    from core.config import RunConfig  # brings pydantic, which a table of results does not wait for

    path = run_dir(artifacts, run) / "config.json"
    record = read_object(path)
    try:
        return RunConfig.model_validate(record["config"]), str(record.get("race", run))
    except (KeyError, ValueError) as error:
        raise RecordError(f"{run}/config.json does not describe a run: {error}") from error


def read_study_mark(artifacts: Path, run: str) -> dict[str, Any]:
    """The run's study (`fresh_of` for one at its end), trial and role, as its config.json says; else empty.

    Raises:
        RecordError: missing or unreadable.
    """
    record = read_object(run_dir(artifacts, run) / "config.json")
    return {key: record[key] for key in STUDY_MARK if key in record}


def read_events(artifacts: Path, run: str, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Whole lines of the history from byte `offset` on, and the offset to go on from.

    A line that is not a JSON object (a process killed in mid-write leaves one) is passed over, and so is
    one whose event has no name.
    """
    path = run_dir(artifacts, run) / "events.jsonl"
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            block = file.read()
    except FileNotFoundError:
        return [], offset
    block = block[: block.rfind(b"\n") + 1]
    events = []
    for line in block.splitlines():
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict) and isinstance(event.get("event"), str):
            events.append(event)
    return events, offset + len(block)


def read_notes(artifacts: Path, run: str) -> dict[str, str]:
    """The visitor's title and remark, empty when there are none."""
    path = run_dir(artifacts, run) / "notes.json"
    notes = read_object(path) if path.is_file() else {}
    return {key: str(notes.get(key, "")) for key in ("title", "remark")}


def read_told(artifacts: Path, run: str) -> dict[str, Any]:
    """What the visitor told of the run, empty when nothing; the values are not checked."""
    path = run_dir(artifacts, run) / "notes.json"
    told = read_object(path).get("told") if path.is_file() else None
    return told if isinstance(told, dict) else {}


def log_tail(artifacts: Path, run: str, lines: int = 20) -> str:
    """The last lines that the training process printed, empty when it printed none."""
    try:
        with open(run_dir(artifacts, run) / "log.txt", "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 16_384))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def run_names(artifacts: Path) -> list[str]:
    """Every run with a config or a metrics file, sorted by name; other files and studies' fits are not."""
    found = set()
    for entry in os.scandir(artifacts) if artifacts.is_dir() else ():
        name = entry.name.removesuffix(METRICS_SUFFIX)
        if not _NAME.fullmatch(name) or ".." in name or is_fit(name):
            continue
        if name != entry.name or os.path.exists(os.path.join(entry.path, "config.json")):
            found.add(name)
    return sorted(found)
