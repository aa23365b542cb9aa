"""What the commands share: the console, common options, and how bad input is answered."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, TextIO, cast

import typer
from rich.console import Console
from rich.markup import escape

console = Console()

ArtifactsOption = Annotated[
    Path | None, typer.Option("--artifacts", help="Folder of the results [default: artifacts]")
]
DataDirOption = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the datasets [default: DIGIT_DERBY_DATA or data]")
]
JsonOption = Annotated[bool, typer.Option("--json", help="For machines")]


def lasting_console(errors: bool = False) -> Console:
    """A console for what goes on for long: it does not end because a log's disk is full or a pipe is shut.

    Args:
        errors: write to the standard error, which leaves the standard output to the result.
    """
    return Console(file=cast(TextIO, _Forgiving(sys.stderr if errors else sys.stdout)))


class _Forgiving:
    """A stream that drops what cannot be written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes what it can."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Hands on what it can."""
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def refusing(*errors: type[Exception], flag: str = "") -> Iterator[None]:
    """Answers these errors as `fail` does, with their own words, behind the flag that was wrong."""
    try:
        yield
    except errors as error:
        raise fail(f"{flag}: {error}" if flag else str(error)) from error


def tell_of_race() -> None:
    """Says so where a race trains on this machine while something else is about to keep it busy."""
    from core.races.turns import front

    if front() is not None:
        said = "a race or study trains on this machine: its times, and those measured now, may be called busy"
        Console(stderr=True).print(f"[bold yellow]note:[/] {said}", highlight=False, soft_wrap=True)


def fail(message: str) -> typer.Exit:
    """Prints one clear line and gives the exit to raise: status 2, bad input."""
    line = escape(" ".join(message.split()))
    Console(stderr=True).print(f"[bold red]error:[/] {line}", highlight=False, soft_wrap=True)
    return typer.Exit(2)
