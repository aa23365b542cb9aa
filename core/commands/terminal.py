"""What the commands share: the console, common options, and how bad input is answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

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


@contextmanager
def refusing(*errors: type[Exception], flag: str = "") -> Iterator[None]:
    """Answers these errors as `fail` does, with their own words, behind the flag that was wrong."""
    try:
        yield
    except errors as error:
        raise fail(f"{flag}: {error}" if flag else str(error)) from error


def fail(message: str) -> typer.Exit:
    """Prints one clear line and gives the exit to raise: status 2, bad input."""
    line = escape(" ".join(message.split()))
    Console(stderr=True).print(f"[bold red]error:[/] {line}", highlight=False, soft_wrap=True)
    return typer.Exit(2)
