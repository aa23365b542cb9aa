"""Shrunk variants of one run, taken home: made where they are not there yet, and copied to a new folder."""

from collections.abc import Callable, Sequence
from pathlib import Path

from core.export.recorded import ExportError
from core.export.shrink.child import Shrinking
from core.export.shrink.make import current, saved_model
from core.export.shrink.tflite import check_convertible
from core.export.takehome import new_folder, write_folder
from core.runs import records
from core.runs.shrunk import VARIANTS, Shrunk, shrunk_dir


def keys_of(form: str, bits: int | None = None) -> list[str]:
    """The variants that an export of this form holds; only C has several, by the bits of a weight.

    Raises:
        ExportError: these bits are not had in this form.
    """
    keys = [key for key, variant in VARIANTS.items() if variant.form == form]
    if bits is None:
        return keys[:1] if form == "c" else keys
    chosen = [key for key in keys if form == "c" and key == f"c-int{bits}"]
    if not chosen:
        raise ExportError(
            f"--bits {bits} cannot be used with --as {form}: it is 8 or 4, and for --as c alone"
        )
    return chosen


def check_scheme(form: str, scheme: str | None) -> None:
    """Makes sure that there is such a way to quantise.

    Raises:
        ExportError: there is none, with those that there are; or this form has but one.
    """
    if scheme is None:
        return
    if form != "int8":
        raise ExportError(f"--scheme cannot be used with --as {form}: only --as int8 has several")
    from core.export.shrink.onnx_int8 import DEFAULT_SCHEME, SCHEMES

    if scheme not in SCHEMES:
        known = "; ".join(
            f"{name}: {one.title}{' (the default)' * (name == DEFAULT_SCHEME)}"
            for name, one in SCHEMES.items()
        )
        raise ExportError(f"--scheme: {scheme!r} cannot be used; there are {known}")


def export_shrunk(
    artifacts: Path,
    run: str,
    keys: Sequence[str],
    folder: Path,
    data_dir: Path | None = None,
    scheme: str | None = None,
    follow: Callable[[Shrinking], None] = lambda child: None,
) -> tuple[list[Path], list[Shrunk]]:
    """Writes a new folder with the files of some variants; it appears whole or not at all.

    Args:
        artifacts: the folder of the runs.
        run: its name.
        keys: of `VARIANTS`, at least one.
        folder: must not exist; the one above it must.
        data_dir: where the datasets are.
        scheme: of quantised ONNX.
        follow: is given the process that makes what is missing, and returns when it has ended.

    Raises:
        ExportError, core.runs.records.RecordError: the run cannot be shrunk so, the folder exists or cannot
            be written.
    """
    folder = new_folder(folder)
    saved_model(artifacts, run, data_dir)
    config, _ = records.read_config(artifacts, run)
    if any(VARIANTS[key].form == "tflite" for key in keys):
        check_convertible(run, config.framework)
    there = current(artifacts, run, keys, scheme)
    if len(there) < len(keys):
        _make(Shrinking(run, *_options(artifacts, keys, data_dir, scheme)), follow)
        there = current(artifacts, run, keys, scheme)
    if missing := [VARIANTS[key].title for key in keys if key not in there]:
        raise ExportError(f"{run} was changed or deleted meanwhile: there is no {', no '.join(missing)}")
    files = {
        name: (shrunk_dir(artifacts, run, key) / name).read_bytes()
        for key, shrunk in there.items()
        for name in shrunk.files
    }
    return write_folder(folder, files), list(there.values())


def _options(artifacts: Path, keys: Sequence[str], data_dir: Path | None, scheme: str | None) -> list[str]:
    """Of `python -m core shrink`, which runs in another folder."""
    options = ["--artifacts", str(artifacts)]
    for key in keys:
        options += ["--variant", key]
    if data_dir is not None:
        options += ["--data-dir", str(data_dir.expanduser().absolute())]
    return [*options, *(["--scheme", scheme] if scheme else [])]


def _make(child: Shrinking, follow: Callable[[Shrinking], None]) -> None:
    try:
        follow(child)
        child.process.wait()
    finally:
        if child.running:
            child.stop()
    if not child.succeeded:
        raise ExportError(child.said())
