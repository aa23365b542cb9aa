"""`python -m core export`: a run as a script, a notebook, a model card, or its model for another runtime."""

import signal
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from core.commands.terminal import ArtifactsOption, DataDirOption, console, refusing, tell_of_race
from core.places import artifacts_dir

if TYPE_CHECKING:
    from core.export.shrink.child import Shrinking
    from core.runs.shrunk import Shrunk

LOOK = 0.2  # seconds between looks at what is being made


class Form(StrEnum):
    """What a run is taken home as."""

    SCRIPT = "script"
    NOTEBOOK = "notebook"
    CARD = "card"
    ONNX = "onnx"
    INT8 = "int8"
    TFLITE = "tflite"
    C = "c"


def export(
    run: Annotated[str, typer.Argument(help="Its name, as `runs` shows it")],
    form: Annotated[
        Form,
        typer.Option(
            "--as", help="script, notebook, card; the model: onnx, int8 (ONNX in 8 bits), tflite, c"
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="The new folder to write")],
    bits: Annotated[int | None, typer.Option(help="Of a weight, with --as c: 8 or 4 [default: 8]")] = None,
    scheme: Annotated[
        str | None, typer.Option(help="How --as int8 rounds; a wrong name lists them all")
    ] = None,
    artifacts: ArtifactsOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Take a run home: code that trains it again, its model card, or its model for another runtime."""
    from core.export.recorded import ExportError
    from core.export.takehome import KINDS, export_run
    from core.runs.records import RecordError

    folder = artifacts_dir(artifacts)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as cleanly as Ctrl-C
    with refusing(ExportError, RecordError):
        if form.value in KINDS:
            if bits is not None or scheme is not None:
                raise ExportError(f"--bits and --scheme cannot be used with --as {form.value}")
            paths = export_run(folder, run, form.value, out, data_dir)
        else:
            paths = _shrunk(folder, run, form, out, bits, scheme, data_dir)
    for path in paths:
        console.print(f"wrote {path}", highlight=False, soft_wrap=True)


def _shrunk(
    artifacts: Path,
    run: str,
    form: Form,
    out: Path,
    bits: int | None,
    scheme: str | None,
    data_dir: Path | None,
) -> list[Path]:
    """Writes the model's variants and tells what was measured of them."""
    from core.export.shrink.taking import check_scheme, export_shrunk, keys_of

    check_scheme(form.value, scheme)
    keys = keys_of(form.value, bits)
    paths, variants = export_shrunk(artifacts, run, keys, out, data_dir, scheme, _follow)
    _tell(artifacts, variants)
    return paths


def _follow(child: "Shrinking") -> None:
    """Shows how far a making is until it has ended."""
    tell_of_race()
    with console.status("starting") as status:
        while child.running:
            now = child.stage()
            status.update(f"{now.share:.0%} {escape(now.stage)}")
            child.wait(LOOK)


def _tell(artifacts: Path, variants: "Sequence[Shrunk]") -> None:
    """What each variant takes and how it did, and in red what it loses."""
    from core.comparison.shrunk import gate
    from core.runs.shrunk import VARIANTS, read_shrunk

    for shrunk in variants:
        lines = [f"[bold]{VARIANTS[shrunk.variant].title}[/]", *map(escape, _measured(shrunk))]
        if shrunk.loses:
            lines.append(f"[bold red]{escape(gate(shrunk, read_shrunk(artifacts, shrunk.run)))}[/]")
        console.print("\n  ".join(lines), highlight=False, soft_wrap=True)


def _measured(shrunk: "Shrunk") -> list[str]:
    """The figures, each beside that of the model that the variant was made of."""
    from core.comparison.shrunk import changes, latency
    from core.words import file_size, percent

    original = shrunk.original
    lines = [
        f"{file_size(shrunk.bytes_on_disk)} on disk, {file_size(shrunk.bytes_of_weights)} the weights alone; "
        f"the model itself {file_size(original.bytes_on_disk)} and {file_size(original.bytes_of_weights)}",
        f"{percent(shrunk.accuracy)} of {shrunk.images:,} test images right, by {shrunk.scored_by}; "
        f"the model itself {percent(shrunk.float_accuracy)}",
        changes(shrunk),
    ]
    if shrunk.latency_one_ms is None:
        return lines
    return [
        *lines,
        f"{latency(shrunk.latency_one_ms)} an image, the model itself {latency(original.latency_one_ms)}"
        + (", while others used the processor" if shrunk.busy else ""),
    ]
