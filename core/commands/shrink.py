"""`python -m core shrink`: the variants of one run, made and measured; what the page and `export` start."""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.terminal import ArtifactsOption, DataDirOption, console, fail, refusing
from core.places import artifacts_dir

if TYPE_CHECKING:
    from core.export.shrink.make import Made


def shrink(
    run: Annotated[str, typer.Argument(help="Its name, as `runs` shows it")],
    variant: Annotated[list[str] | None, typer.Option(help="Only these [default: all]")] = None,
    scheme: Annotated[str | None, typer.Option(help="How ONNX is quantised")] = None,
    again: Annotated[bool, typer.Option("--again", help="Make what is there as well")] = False,
    artifacts: ArtifactsOption = None,
    data_dir: DataDirOption = None,
    as_lines: Annotated[bool, typer.Option("--lines", hidden=True)] = False,
) -> None:
    """Make the variants of a run in fewer bytes or for other runtimes, scored and timed."""
    from core.machine.environment import thread_environment
    from core.machine.processes import give_way

    os.environ.update(thread_environment(1, "cpu"))  # before anything counts the processors
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # and nothing half stays
    if as_lines:
        give_way()  # a race may be timed beside it

    from core.export.recorded import ExportError
    from core.export.shrink.make import make_variants
    from core.runs.records import RecordError
    from core.runs.shrunk import VARIANTS

    if unknown := [key for key in variant or () if key not in VARIANTS]:
        raise fail(f"--variant: {unknown[0]!r} is none of {', '.join(VARIANTS)}")
    told = _print_line if as_lines else _print_stage
    try:
        with refusing(ExportError, RecordError), _without_noise():
            made = make_variants(artifacts_dir(artifacts), run, variant, data_dir, told, scheme, again)
    except Exception as error:
        if not as_lines or isinstance(error, typer.Exit):
            raise
        raise fail(f"{type(error).__name__}: {error}") from error  # a page has no place for a traceback
    console.print(_in_words(run, made), highlight=False, soft_wrap=True, markup=False)


def _in_words(run: str, made: "Made") -> str:
    from core.runs.shrunk import VARIANTS

    titles = "; ".join(VARIANTS[shrunk.variant].title for shrunk in made.shrunk)
    refused = [f"{VARIANTS[key].title}: {why}" for key, why in made.refused.items()]
    return "\n".join([f"there are now of {run}: {titles}", *refused])


def _print_line(stage: str, share: float) -> None:
    """For whoever reads this output: one JSON object a line."""
    print(json.dumps({"stage": stage, "share": round(share, 3)}), flush=True)


def _print_stage(stage: str, share: float) -> None:
    console.print(f"{share:>4.0%} {stage}", highlight=False)


@contextmanager
def _without_noise() -> Iterator[None]:
    """Takes aside what libraries write to the standard error from C; a crash has no other last words.

    Python's own errors are told as ever.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as noise:
        os.dup2(noise.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
