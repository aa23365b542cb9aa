"""The bin: deleted runs lie in a hidden folder of the artifacts until they are put back or thrown away.

artifacts/.bin/<time>-<letters>/          one deletion: folders and metrics files of its runs, as they were
artifacts/.bin/<time>-<letters>.moving/   on the way, in or out; found later, its process died: all goes back
artifacts/.bin/<time>-<letters>.emptied/  being thrown away
artifacts/.bin/lock                       held by who moves something

No reader of runs looks into it: no run's name begins with a dot.
"""

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.runs import records
from core.runs.records import BIN, METRICS_SUFFIX, RecordError
from core.runs.status import run_status
from core.runs.writing import alone_with

KEPT = timedelta(days=7)
MOST_DELETIONS = 20
MOST_BYTES = 512 * 2**20  # together; the newest deletion stays however large it is
_MOVING, _EMPTIED = ".moving", ".emptied"
_STAMP = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class Deletion:
    """Runs that were deleted together."""

    key: str
    folder: Path  # holds them as an artifacts folder does
    runs: tuple[str, ...]

    @property
    def when(self) -> datetime:
        """When it was, in local time."""
        return datetime.strptime(self.key[:15], _STAMP)


def delete(artifacts: Path, runs: Sequence[str]) -> Deletion:
    """Moves the runs to the bin, all or none of them.

    Raises:
        RecordError: one is a reference run, is not there or still in a race; or the folder cannot be
            written to.
    """
    for run in runs:
        records.check_own(artifacts, run)
        if run_status(artifacts, run).active:
            raise RecordError(f"{run} is still in a race; stop it first")
    with _alone(artifacts) as place:
        key = f"{datetime.now():{_STAMP}-%f}-{secrets.token_hex(2)}"
        moving = place / f"{key}{_MOVING}"
        moving.mkdir()
        try:
            for run in runs:
                # The metrics file first: what is left in between is a run without a result, not half of one.
                for part in (f"{run}{METRICS_SUFFIX}", run):
                    if (artifacts / part).exists():
                        os.rename(artifacts / part, moving / part)
        except OSError:
            _bring_back(moving, artifacts)
            raise
        os.rename(moving, place / key)
        _tidy(place, newest=key)
        return _read(place / key)


def put_back(artifacts: Path, key: str) -> list[str]:
    """Brings the runs of one deletion back whole and returns their names.

    Raises:
        RecordError: the deletion is no longer in the bin; or every run's name is taken by now, or the
            folder cannot be written to: then it stays there.
    """
    with _alone(artifacts) as place:
        if key not in {path.name for path in _kept(place)}:
            raise RecordError("these runs are no longer in the bin")
        runs = _read(place / key).runs
        moving = place / f"{key}{_MOVING}"
        os.rename(place / key, moving)
        taken = _bring_back(moving, artifacts)
    back = [run for run in runs if run not in taken]
    if not back:
        raise RecordError(f"there is another {runs[0]} by now; delete that one first")
    return back


def deletions(artifacts: Path) -> list[Deletion]:
    """What is in the bin, the newest first; mends a move that was cut short, drops what was kept too long.

    Raises:
        RecordError: that cannot be done in a folder that takes no files.
    """
    place = artifacts / BIN
    if not place.is_dir():
        return []
    kept = _kept(place)
    cut_short = any(path.suffix in (_MOVING, _EMPTIED) for path in place.iterdir())
    if cut_short or any(_too_old(path) for path in kept):
        with _alone(artifacts):
            _tidy(place)
        kept = _kept(place)
    return [_read(path) for path in kept]


def empty(artifacts: Path) -> None:
    """Throws everything in the bin away.

    Raises:
        RecordError: the folder does not let it.
    """
    if (artifacts / BIN).is_dir():
        with _alone(artifacts) as place:
            for path in _kept(place):
                _throw_away(path)


@contextmanager
def _alone(artifacts: Path) -> Iterator[Path]:
    """The bin's folder, for one process and thread at a time, with nothing half moved in it."""
    place = artifacts / BIN
    with records.writing(artifacts):
        place.mkdir(exist_ok=True)
        with alone_with(place / "lock"):
            for path in list(place.iterdir()):
                if path.suffix == _MOVING:
                    _bring_back(path, artifacts)
                elif path.suffix == _EMPTIED:
                    shutil.rmtree(path)
            yield place


def _bring_back(moving: Path, artifacts: Path) -> list[str]:
    """Moves what is in the folder to where it was; returns runs whose names are taken, which stay in the bin.

    Half of a run goes back beside its other half; a whole one only to a place that is free.
    """
    taken = []
    for run in _read(moving).runs:
        here = [part for part in (run, f"{run}{METRICS_SUFFIX}") if (moving / part).exists()]
        places = [artifacts / part for part in (here if len(here) == 1 else (run, f"{run}{METRICS_SUFFIX}"))]
        if any(path.exists() for path in places):
            taken.append(run)
            continue
        for part in here:  # the folder first, so that nobody sees a result without what belongs to it
            os.rename(moving / part, artifacts / part)
    if taken:
        os.rename(moving, moving.with_suffix(""))
    else:
        moving.rmdir()
    return taken


def _tidy(place: Path, newest: str = "") -> None:
    """Throws away what is too old, too many or too much; never the newest, whatever the clock says."""
    kept = sorted(_kept(place), key=lambda path: path.name != newest)
    together = 0
    for number, path in enumerate(kept):
        together += sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        if _too_old(path) or number >= MOST_DELETIONS or (number and together > MOST_BYTES):
            _throw_away(path)


def _throw_away(path: Path) -> None:
    # Renamed first: no run of which half is gone can be put back.
    shutil.rmtree(path.rename(f"{path}{_EMPTIED}"))


def _too_old(path: Path) -> bool:
    return datetime.now() - datetime.strptime(path.name[:15], _STAMP) > KEPT


def _kept(place: Path) -> list[Path]:
    """The folders of whole deletions, the newest first."""
    return sorted((path for path in place.iterdir() if path.is_dir() and not path.suffix), reverse=True)


def _read(folder: Path) -> Deletion:
    runs = {path.name.removesuffix(METRICS_SUFFIX) for path in folder.iterdir()}
    return Deletion(folder.name, folder, tuple(sorted(runs)))
