"""A fit's record as bytes, for the way from one machine to another: what a run has on disk, in a ZIP.

Whoever unpacks trusts no name in it: only the files that a run of its kind has are taken, each of a size
that they can have, and they replace nothing but the run's own.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from core import frameworks
from core.runs import records
from core.runs.writing import write_file
from core.tuning.fits import Fit

METRICS = "metrics.json"
MOST_BYTES = 256 * 2**20  # of a record: the largest network takes 20 MB, its probabilities 10


class BadRecord(ValueError):
    """Bytes that hold no record of the fit; the message says why."""


def pack(artifacts: Path, fit: Fit) -> bytes:
    """The record of a fit that ended, well or not.

    Raises:
        OSError: a file of it cannot be read.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, path in _files(artifacts, fit).items():
            if path.is_file():
                archive.write(path, name)
    return packed.getvalue()


def unpack(packed: bytes, artifacts: Path, fit: Fit) -> dict[str, Any]:
    """Writes the record where the fit's run belongs, whose folder is made; the result comes last.

    Returns:
        The event that says how it ended.

    Raises:
        BadRecord: it is no record of this fit; nothing is written.
        core.runs.records.RecordError: the folder does not take it.
    """
    contents = _contents(packed, fit)
    ended = _checked(contents, fit)
    with records.writing(artifacts):
        for name, path in _files(artifacts, fit).items():
            if name in contents:
                write_file(path, contents[name])
    return ended


def _files(artifacts: Path, fit: Fit) -> dict[str, Path]:
    """Name in the record → path, of all that a fit can leave; the result last: with it the fit is done."""
    names = ["events.jsonl", "log.txt"]
    if fit.role:
        model = frameworks.constants(fit.config.framework)["MODEL_FILE"]
        names += ["test_probabilities.npy", "test_labels.npy", model]
    folder = records.run_dir(artifacts, fit.run)
    return {name: folder / name for name in names} | {METRICS: records.metrics_path(artifacts, fit.run)}


def _contents(packed: bytes, fit: Fit) -> dict[str, bytes]:
    known = _files(Path(), fit)
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = archive.infolist()
            strange = [one.filename for one in members if one.filename not in known]
            if strange or sum(one.file_size for one in members) > MOST_BYTES:
                raise BadRecord(f"the record of {fit.run} holds {strange[:1] or 'too many bytes'}")
            return {one.filename: archive.read(one) for one in members}
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise BadRecord(f"the record of {fit.run} is damaged: {error}") from error


def _checked(contents: dict[str, bytes], fit: Fit) -> dict[str, Any]:
    """The last event of a record that holds: it tells an end, and of a finished fit the result as well."""
    try:
        events = [json.loads(line) for line in contents.get("events.jsonl", b"").splitlines()]
        ended = next(event for event in reversed(events) if event["event"] == "ended")
        if ended["status"] == "finished":
            metrics = json.loads(contents[METRICS])
            if {key: metrics[key] for key in ("run", *fit.mark())} != {"run": fit.run, **fit.mark()}:
                raise BadRecord(f"the record is of {metrics['run']}, not of {fit.run}")
    except (ValueError, KeyError, TypeError, StopIteration) as error:
        if isinstance(error, BadRecord):
            raise
        raise BadRecord(f"the record of {fit.run} does not tell how it ended") from error
    return ended
