"""Which variants of a saved model could not be made, and why: what need not be offered again.

artifacts/.shrunk/<run>/refused.json   counts for the model file and the writer that it was written with
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.runs import records
from core.runs.shrunk import SHRUNK, WRITING

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE = "refused.json"


@dataclass(frozen=True)
class Refusal:
    """Why one variant was not made."""

    why: str
    lasting: bool  # the model itself is the reason: trying again would end alike


@dataclass(frozen=True)
class _Refusals:
    writing: int
    modified_ns: int
    refused: dict[str, Refusal]


def read_refused(artifacts: Path, run: str, modified_ns: int) -> dict[str, Refusal]:
    """The refusals by the variant's key; none where nothing is told of this model file, or it is broken.

    Args:
        artifacts: the folder of the runs.
        run: its name.
        modified_ns: when the model file was written.
    """
    try:
        record = records.read_object(_path(artifacts, run))
        told = _record_type().validate_json(json.dumps(record), strict=True)
    except (records.RecordError, ValueError):
        return {}
    return told.refused if (told.writing, told.modified_ns) == (WRITING, modified_ns) else {}


def write_refused(artifacts: Path, run: str, modified_ns: int, refused: Mapping[str, Refusal]) -> None:
    """Replaces what was told before; the run's folder of variants must be there.

    Raises:
        OSError: the folder does not let it.
    """
    records.write_json(_path(artifacts, run), asdict(_Refusals(WRITING, modified_ns, dict(refused))))


def _path(artifacts: Path, run: str) -> Path:
    return artifacts / SHRUNK / records.check_name(run) / FILE


@cache
def _record_type() -> "TypeAdapter[_Refusals]":
    from pydantic import TypeAdapter  # which a table of results does not wait for

    return TypeAdapter(_Refusals)
