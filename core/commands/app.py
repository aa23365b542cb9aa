"""`python -m core …`: everything that the browser does, from a terminal.

Commands import what they need when they run: `train` must set thread counts before NumPy loads.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from core import frameworks as exhibits
from core.commands.compare import compare, report
from core.commands.data import data
from core.commands.predict import predict
from core.commands.terminal import ArtifactsOption, DataDirOption, JsonOption, console, fail
from core.places import artifacts_dir
from core.words import number_word

app = typer.Typer(
    help=f"One CNN, {number_word(len(exhibits.names()))} frameworks, one fair race.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (data, compare, report, predict):
    app.command()(command)


@app.command()
def race(
    frameworks: Annotated[str, typer.Option(help="all, or names with commas between them")] = "all",
    dataset: Annotated[str, typer.Option(help="mnist, fashion-mnist or digits")] = "mnist",
    architecture: Annotated[
        str, typer.Option(help="small-cnn, wide-cnn, wide-cnn-dropout or tiny-mlp; fills in its recipe")
    ] = "small-cnn",
    filters: Annotated[
        str | None, typer.Option(help="Filters of each convolution, such as 16,32; none for no convolution")
    ] = None,
    dense_units: Annotated[int | None, typer.Option(help="Units of the hidden layer")] = None,
    dropout: Annotated[float | None, typer.Option(help="Dropout before the last layer")] = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd, adam, rmsprop or adadelta")] = None,
    learning_rate: Annotated[float | None, typer.Option()] = None,
    momentum: Annotated[float | None, typer.Option(help="For sgd")] = None,
    schedule: Annotated[str | None, typer.Option(help="constant, exponential or one-cycle")] = None,
    decay: Annotated[float | None, typer.Option(help="For exponential: factor after each epoch")] = None,
    batch_size: Annotated[int | None, typer.Option()] = None,
    epochs: Annotated[int | None, typer.Option()] = None,
    seeds: Annotated[str, typer.Option(help="One run of each framework per seed, such as 0,1,2")] = "0",
    protocol: Annotated[
        str, typer.Option(help="controlled: same start and constants; as-is: own defaults")
    ] = ("controlled"),
    scaling: Annotated[str | None, typer.Option(help="Pixels: standardize or unit")] = None,
    augment: Annotated[
        bool, typer.Option("--augment", help="Turn, shift and warp the training images")
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads [default: all cores]")] = None,
    validation_size: Annotated[
        int | None, typer.Option(help="Training images held out [default: 5000]")
    ] = None,
    train_size: Annotated[int | None, typer.Option(help="Use only so many training images")] = None,
    start_from: Annotated[str | None, typer.Option(help="Go on from this run's weights")] = None,
    own_digits: Annotated[
        bool, typer.Option("--own-digits", help="Add the digits saved on the Draw page")
    ] = False,
    data_dir: DataDirOption = None,
    artifacts: ArtifactsOption = None,
    name: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Train the same network in several frameworks, one after another, and compare the results."""
    from core.commands import progress
    from core.data import datasets
    from core.races.race import run_race
    from core.races.setup import default_threads
    from core.runs import records

    changes = {
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "momentum": momentum,
        "schedule": schedule,
        "decay": decay,
        "batch_size": batch_size,
        "epochs": epochs,
        "scaling": scaling,
        "validation_size": validation_size,
        "train_size": train_size,
        "dense_units": dense_units,
        "dropout": dropout,
        "filters": None if filters is None else _numbers("--filters", "" if filters == "none" else filters),
        "threads": default_threads() if threads is None else threads,
    }
    changes = {key: value for key, value in changes.items() if value is not None}
    fixed = {
        "dataset": dataset,
        "protocol": protocol,
        "augment": augment,
        "device": device,
        "start_from": start_from,
        "own_digits": own_digits,
    }
    configs = [
        _config(framework, architecture, seed=seed, **fixed, **changes)
        for seed in dict.fromkeys(_numbers("--seeds", seeds))
        for framework in _frameworks(frameworks)
    ]
    if not configs:
        raise fail("--seeds needs at least one number")
    folder = artifacts_dir(artifacts)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as cleanly as Ctrl-C
    try:
        datasets.whole_files(dataset, data_dir)  # a missing or damaged file is named now, not run by run
        runs = run_race(configs, folder, data_dir, name, progress.ProgressWatcher(console))
    except (datasets.DatasetError, records.RecordError) as error:
        raise fail(str(error)) from error
    if progress.print_results(console, folder, runs):
        raise typer.Exit(1)


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="config.json of a run, inside its folder in artifacts")],
    data_dir: DataDirOption = None,
) -> None:
    """Train one run in this process: what a race starts for each of its runs."""
    from core.machine.environment import thread_environment

    try:
        settings = json.loads(config.read_text(encoding="utf-8"))["config"]
        threads, device = int(settings["threads"]), str(settings["device"])
        runtime = exhibits.runtime(settings["framework"])
        os.environ.update(thread_environment(threads, device, runtime))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise fail(f"{config} is not the config.json of a run: {error}") from error

    from core.data.datasets import DatasetError
    from core.runs import records
    from core.runs.status import request_stop
    from core.training import run

    folder = config.absolute().parent
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: request_stop(folder.parent, folder.name))
    try:
        run.train_run(folder.parent, records.check_name(folder.name), data_dir)
    except (run.TrainingError, DatasetError, records.RecordError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error


@app.command()
def runs(
    artifacts: ArtifactsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the runs with their status."""
    from core.commands import progress

    progress.print_runs(console, artifacts_dir(artifacts), as_json)


@app.command()
def delete(
    run: Annotated[str, typer.Argument(help="Its name, as `runs` shows it")],
    artifacts: ArtifactsOption = None,
) -> None:
    """Delete a run of your own."""
    from core.runs import records
    from core.runs.status import run_status

    folder = artifacts_dir(artifacts)
    try:
        if run_status(folder, run).active:
            raise fail(f"{run} is still in a race; stop it first")
        records.delete_run(folder, run)
    except records.RecordError as error:
        raise fail(str(error)) from error
    console.print(f"deleted {run}")


@app.command()
def parity(
    architecture: Annotated[str, typer.Option(help="Preset; dropout is left out")] = "small-cnn",
    optimizer: Annotated[str, typer.Option(help="sgd, adam, rmsprop or adadelta")] = "sgd",
    steps: Annotated[int, typer.Option(min=1, max=200, help="Batches that every framework sees")] = 50,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that the frameworks start equal: same weights, same batches, the largest differences."""
    from pydantic import ValidationError
    from rich.table import Table

    from core.training.parity import ParityError, measure_parity, passed

    try:
        result = measure_parity(architecture, optimizer, steps, data_dir=data_dir)
    except ValidationError as error:
        raise fail(_explain(error)) from None
    except ParityError as error:
        raise fail(str(error)) from error
    if as_json:
        print(json.dumps(result, indent=1))
    else:
        table = Table(title=f"Largest difference from {exhibits.title(result['reference'])}")
        for column in ("framework", "logits at the start", f"loss over {result['steps']} steps"):
            table.add_column(column, justify="left" if column == "framework" else "right")
        for name, row in result["frameworks"].items():
            table.add_row(exhibits.title(name), f"{row['logits']:.1e}", f"{row['loss']:.1e}")
        console.print(table)
        verdict = "within" if passed(result) else "NOT within"
        console.print(f"{verdict} the tolerance of {result['tolerance']:g}")
    if not passed(result):
        raise typer.Exit(1)


@app.command(hidden=True)
def reference(
    source: Annotated[Path, typer.Argument(help="Artifacts folder of a race")],
    artifacts: ArtifactsOption = None,
) -> None:
    """Make the finished runs of a folder the reference runs that ship with the project."""
    from core.runs import records
    from core.runs.reference import adopt

    try:
        for run in records.run_names(source):
            console.print(adopt(source, run, artifacts_dir(artifacts)), highlight=False)
    except records.RecordError as error:
        raise fail(str(error)) from error


@app.command(hidden=True)
def readme() -> None:
    """Write the made parts of the README again: the reference runs' table and the tree."""
    from core.commands.readme import PROJECT, made_anew

    path = PROJECT / "README.md"
    path.write_text(made_anew(path.read_text(encoding="utf-8"), artifacts_dir()), encoding="utf-8")


# ── reading flags ───────────────────────────────────────────────────────────────────


def _frameworks(text: str) -> list[str]:
    known = exhibits.names()
    chosen = known if text == "all" else [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        raise fail(
            f"--frameworks: {', '.join(unknown) or 'nothing'} is unknown; choose all or {', '.join(known)}"
        )
    return list(dict.fromkeys(chosen))


def _numbers(flag: str, text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise fail(f"{flag} takes whole numbers with commas between them, not {text!r}") from None


def _config(framework: str, architecture: str, **values):
    from pydantic import ValidationError

    from core.config import RunConfig

    try:
        return RunConfig.from_preset(framework, architecture, **values)
    except ValidationError as error:
        raise fail(_explain(error)) from None


def _explain(error) -> str:
    """What is wrong with a flag and what it may be, of every flag in a pydantic error."""
    lines = []
    for problem in error.errors():
        place = f"--{problem['loc'][0]}: ".replace("_", "-") if problem["loc"] else ""
        given = f" (not {problem['input']!r})" if place else ""
        lines.append(place + problem["msg"].removeprefix("Value error, ") + given)
    return "; ".join(lines)
