"""`python -m core data`: which datasets are there, fetching them, importing and deleting your own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from core.commands.terminal import ArtifactsOption, DataDirOption, JsonOption, console, fail, refusing
from core.places import artifacts_dir
from core.words import counted

if TYPE_CHECKING:
    from core.data.catalogue import DatasetInfo
    from core.data.importing.parts import Preparation, Progress
    from core.data.own_datasets import Imported

SHOW = "show"  # what `data` does when no other word follows


class _ShowByDefault(TyperGroup):
    """`data mnist --fetch` is `data show mnist --fetch`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts the default command before what is none."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [SHOW, *args]
        return super().parse_args(ctx, args)


data = typer.Typer(
    cls=_ShowByDefault,
    help="Show which datasets are there, fetch them, import and delete your own.\n\n"
    "`data [NAMES] [--fetch]` shows and fetches; `data show --help` has its options.",
    pretty_exceptions_enable=False,
)


# ── showing and fetching ────────────────────────────────────────────────────────────


@data.command(SHOW, hidden=True)
def show(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="mnist, fashion-mnist, pen, mnist-pen, digits, your own [default: all]"),
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Download what is missing or damaged")] = False,
    mirror: Annotated[str | None, typer.Option(help="Address of a folder with the .gz files")] = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which datasets are there and whether their files are whole; fetch them."""
    from core.data.catalogue import DatasetError, find_dataset, known_datasets, own_names
    from core.data.files import overview

    with refusing(DatasetError):
        known = known_datasets(data_dir)
        chosen = [find_dataset(name, data_dir) for name in names or known]
        if fetch:
            _fetch([dataset for dataset in chosen if names or dataset.torchvision_class], data_dir, mirror)
        rows = overview(chosen, data_dir)
    if as_json:
        print(json.dumps(rows, indent=1))
    else:
        _print_state(rows)
    for name in [] if names else own_names(data_dir):
        if name not in known:
            try:
                find_dataset(name, data_dir)
            except DatasetError as error:
                Console(stderr=True).print(escape(str(error)), highlight=False, soft_wrap=True)


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


# ── your own ────────────────────────────────────────────────────────────────────────


@data.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV, NPZ, NPY, IDX, ZIP of pictures, or a folder; one folder per class")
    ],
    name: Annotated[str, typer.Option(help="What the dataset is called from now on")],
    labels: Annotated[Path | None, typer.Option(help="Labels of an NPY or IDX file")] = None,
    test: Annotated[Path | None, typer.Option(help="Test images [default: a seventh of each class]")] = None,
    test_labels: Annotated[Path | None, typer.Option(help="Their labels, for NPY or IDX")] = None,
    label_column: Annotated[str | None, typer.Option(help="Column of the labels [default: label]")] = None,
    prepare: Annotated[
        str | None,
        typer.Option(help="mnist: ink cut out and centred; resize: plainly [default: mnist for pictures]"),
    ] = None,
    size: Annotated[str | None, typer.Option(help="Of images in a table, such as 20x16")] = None,
    test_share: Annotated[float | None, typer.Option(min=0.01, max=0.9, help="Of every class")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which images are the test's")] = 0,
    data_dir: DataDirOption = None,
    as_lines: Annotated[bool, typer.Option("--lines", hidden=True)] = False,
) -> None:
    """Import your own images: 2 to 26 classes, up to 200,000, as 28 × 28 pixels in grey."""
    from core.data.catalogue import DatasetError
    from core.data.importing.limits import TEST_SHARE
    from core.data.importing.parts import Source
    from core.data.own_datasets import Split, import_dataset
    from core.machine.processes import give_way

    if as_lines:
        give_way()  # a race may be timed beside it
    with refusing(DatasetError):
        how, shape = _preparation(prepare), _size(size)
        source = Source(file, labels, how, label_column, shape)
        tested = Source(test, test_labels, how, label_column, shape) if test else None
        split = Split(TEST_SHARE if test_share is None else test_share, seed)
        with nullcontext(_print_line) if as_lines else _bar() as progress:
            imported = import_dataset(name, source, tested, split, data_dir, progress)
    console.print(escape(_in_words(imported)), highlight=False, soft_wrap=True)


def _preparation(text: str | None) -> "Preparation | None":
    from core.data.importing.parts import PREPARATIONS

    for known in PREPARATIONS:
        if text == known:
            return known
    if text is None:
        return None
    raise fail(f"--prepare: {text!r} cannot be used (choose from {', '.join(PREPARATIONS)})")


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    height, _, width = text.partition("x")
    if not (height.isdecimal() and width.isdecimal() and int(height) and int(width)):
        raise fail(f"--size: {text!r} cannot be used (height and width are expected, such as 20x16)")
    return int(height), int(width)


@contextmanager
def _bar() -> "Iterator[Progress]":
    """A progress bar for each stage of the import."""
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    with Bars(console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, share: float) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=1.0)
            bars.update(tasks[stage], completed=share)

        yield show


def _print_line(stage: str, share: float) -> None:
    """Progress for whoever reads this output: one JSON object a line."""
    print(json.dumps({"stage": stage, "share": round(share, 3)}), flush=True)


def _in_words(imported: "Imported") -> str:
    """What was imported, and what its owner should know of it."""
    info = imported.info
    lines = [
        f"imported {info.name}: {imported.train:,} training and {imported.test:,} test images, "
        f"{len(info.class_names)} classes ({', '.join(info.class_names)})",
        *imported.remarks,
    ]
    return "\n".join([*lines, f"train on it with: python -m core race --dataset {info.name}"])


@data.command()
def delete(
    name: Annotated[str, typer.Argument(help="An imported dataset")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
    artifacts: ArtifactsOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Delete a dataset that you imported."""
    from core.data.catalogue import DatasetError, known_datasets
    from core.data.own_datasets import check_deletable, delete_dataset, runs_with

    folder = artifacts_dir(artifacts)
    with refusing(DatasetError):
        check_deletable(name, folder, data_dir)
        known = known_datasets(data_dir).get(name)  # none where its description is damaged
        runs = runs_with(folder, name, known.content if known else None)
        if runs:
            used = f"{counted(len(runs), 'run')} used {name}: {', '.join(runs)}. Their results stay; "
            console.print(f"{used}their models can be asked no more.", highlight=False, soft_wrap=True)
        else:
            console.print(f"No run used {name}.", highlight=False)
        if not yes:
            typer.confirm(f"Delete {name} for good?", abort=True)
        delete_dataset(name, folder, data_dir)
    console.print(f"deleted {name}", highlight=False)
