"""Variants made and measured: none is kept that was not scored by the runtime that will run it.

A variant is put together in a hidden folder beside its place and renamed into it as a whole; what a killed
process left there goes when the next one makes something of the same run.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.export.recorded import ExportError, check_recorded
from core.export.shrink.making import Making, Told, Variant
from core.export.shrink.writers import possible_variants
from core.prediction.models import ModelFile, model_file
from core.runs import records
from core.runs.refused import Refusal, read_refused, write_refused
from core.runs.shrunk import SHRUNK, Shrunk, forget_deleted, read_shrunk, shrunk_dir
from core.runs.writing import alone_with

MAKING = ".making-"
SAFE = "onnx"  # the variant that every run can have and that loses nothing
FULL = 2**16  # bytes free on a disk that is full


@dataclass(frozen=True)
class Made:
    """The variants that there are now, and why others cannot be."""

    shrunk: list[Shrunk]
    refused: dict[str, Refusal]  # by the variant's key


def make_variants(
    artifacts: Path,
    run: str,
    keys: Sequence[str] | None = None,
    data_dir: Path | None = None,
    told: Told = lambda stage, share: None,
    scheme: str | None = None,
    again: bool = False,
) -> Made:
    """Makes what is not there yet, scores it on the whole test set, and times all variants of the run anew.

    For a process of its own that holds no framework of another runtime and was limited to one thread before
    it started: see `core.export.shrink.child`.

    Args:
        artifacts: the folder of the runs.
        run: its name.
        keys: of `VARIANTS`; None for all that the run can have.
        data_dir: where the datasets are.
        told: is told how far it is.
        scheme: of quantised ONNX, see `core.export.shrink.onnx_int8`; one of another scheme is made again.
        again: make what is there as well.

    Raises:
        ExportError: none of them can be made; the message says why.
        core.runs.records.RecordError: something cannot be read, or written to `artifacts`.
    """
    saved = saved_model(artifacts, run, data_dir)
    config, _ = records.read_config(artifacts, run)
    wanted = list(keys or possible_variants(config))
    place = artifacts / SHRUNK / run
    refused: dict[str, Refusal] = {}
    with records.writing(artifacts):
        place.mkdir(parents=True, exist_ok=True)
        forget_deleted(artifacts)
        with alone_with(place / ".lock"):
            there = {} if again else current(artifacts, run, wanted, scheme)
            missing = [key for key in wanted if key not in there]
            if missing:
                with _folder(place) as folder:
                    making = Making(artifacts, saved, data_dir, missing, told)
                    made, refused = making.make(missing, folder, scheme)
                    _keep(making, made, folder)
                if scheme is None:  # a model may be refused in one scheme and not in the best
                    _remember(artifacts, saved, missing, refused)
            there = current(artifacts, run, wanted, scheme)
    if refused and not there:
        raise ExportError(next(iter(refused.values())).why)
    return Made(list(there.values()), refused)


def saved_model(artifacts: Path, run: str, data_dir: Path | None = None) -> ModelFile:
    """The run's model.

    Raises:
        ExportError, core.runs.records.RecordError: no such run, or none with a model.
    """
    check_recorded(artifacts, run)
    return model_file(artifacts, run, data_dir)


def current(artifacts: Path, run: str, keys: Sequence[str], scheme: str | None = None) -> dict[str, Shrunk]:
    """Those of the variants that are there and not stale; of this scheme, where there are several."""
    return {
        shrunk.variant: shrunk
        for shrunk in read_shrunk(artifacts, run)
        if shrunk.variant in keys and (scheme is None or shrunk.scheme in ("", scheme))
    }


def _keep(making: Making, made: list[Variant], folder: Path) -> None:
    """Times them beside the variants that the run has already, and puts them into their places."""
    if not made:
        return
    new = {one.shrunk.variant for one in made}
    older = [one for one in read_shrunk(making.artifacts, making.saved.run) if one.variant not in new]
    known = [*older, *(one.shrunk for one in made)]
    if any(one.loses for one in known) and SAFE not in {one.variant for one in known}:
        made += making.make([SAFE], folder, None)[0]  # so that the loss can be told with what avoids it
    making.time([*made, *map(making.opened, older)])
    for one in made:
        place = shrunk_dir(making.artifacts, one.shrunk.run, one.shrunk.variant)
        if place.exists():
            place.rename(one.folder.with_suffix(".old"))  # goes with the folder that both are in
        one.folder.rename(place)


def _remember(artifacts: Path, saved: ModelFile, tried: Sequence[str], refused: dict[str, Refusal]) -> None:
    """Writes down what was refused now, with what was before and was not tried again."""
    before = read_refused(artifacts, saved.run, saved.modified_ns)
    kept = {key: told for key, told in before.items() if key not in tried}
    if before or refused:
        write_refused(artifacts, saved.run, saved.modified_ns, {**kept, **refused})


@contextmanager
def _folder(place: Path) -> Iterator[Path]:
    """A folder to work in, also for whatever a library writes meanwhile; what others left there goes.

    Raises:
        OSError: the disk is full, also when a library told that in its own way.
    """
    for left in place.glob(f"{MAKING}*"):
        shutil.rmtree(left)
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix=MAKING, dir=place) as folder:
        tempfile.tempdir = folder
        try:
            yield Path(folder)
        except Exception as error:
            if not isinstance(error, OSError) and shutil.disk_usage(folder).free < FULL:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise
        finally:
            tempfile.tempdir = before
