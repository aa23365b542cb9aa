"""`python -m core data`: which datasets are there, and fetching them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from core.commands.terminal import DataDirOption, JsonOption, console, refusing

if TYPE_CHECKING:
    from core.data.catalogue import DatasetInfo


def data(
    names: Annotated[
        list[str] | None, typer.Argument(help="mnist, fashion-mnist, pen, mnist-pen, digits [default: all]")
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Download what is missing or damaged")] = False,
    mirror: Annotated[str | None, typer.Option(help="Address of a folder with the .gz files")] = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which datasets are there and whether their files are whole; fetch them."""
    from core.data.catalogue import DATASETS, DatasetError, find_dataset
    from core.data.files import overview

    with refusing(DatasetError):
        chosen = [find_dataset(name) for name in names or DATASETS]
        if fetch:
            _fetch([dataset for dataset in chosen if names or dataset.torchvision_class], data_dir, mirror)
        rows = overview(chosen, data_dir)
    if as_json:
        print(json.dumps(rows, indent=1))
    else:
        _print_state(rows)


def _print_state(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        state = "[green]ready[/]" if row["ok"] else "[yellow]not ready[/]"
        folder = escape(row["folder"])
        console.print(f"{row['dataset']:<14} {state}  {folder}", highlight=False, soft_wrap=True)
        for file in row["files"]:
            if file["problem"]:
                console.print(f"  {file['name']} {file['problem']}", highlight=False, soft_wrap=True)
        for optional in row["optional"]:
            there = "is used too" if optional["present"] else "would be used too, but is not there"
            console.print(f"  {escape(optional['folder'])} {there}", highlight=False, soft_wrap=True)
    if missing := [row["dataset"] for row in rows if not row["ok"]]:
        console.print(f"fetch with: python -m core data {' '.join(missing)} --fetch", highlight=False)


def _fetch(datasets: "list[DatasetInfo]", data_dir: Path | None, mirror: str | None) -> None:
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    from core.data import fetching

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, TaskID] = {}

        def show(file: str, done: int, total: int | None) -> None:
            if file not in tasks:
                tasks[file] = progress.add_task(file, total=total)
            progress.update(tasks[file], completed=done, total=total)

        for dataset in datasets:
            done = fetching.fetch(dataset, data_dir, mirror, show)
            for removed in done.removed:
                progress.console.print(f"removed {removed}", highlight=False, soft_wrap=True)
