"""`python -m core parity`: do the frameworks start equal?"""

import json
from typing import Annotated, Any

import typer

from core.commands.terminal import DataDirOption, JsonOption, console, fail


def parity(
    architecture: Annotated[str, typer.Option(help="Preset; dropout is left out")] = "small-cnn",
    optimizer: Annotated[str, typer.Option(help="sgd, adam, rmsprop or adadelta")] = "sgd",
    steps: Annotated[int, typer.Option(min=1, max=200, help="Batches that every framework sees")] = 50,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that the frameworks start equal: same weights, same batches, the largest differences."""
    from pydantic import ValidationError

    from core.races.setup import refusal
    from core.training.parity import ParityError, measure_parity, passed

    try:
        result = measure_parity(architecture, optimizer, steps, data_dir=data_dir)
    except ValidationError as error:
        problem = error.errors()[0]
        raise fail(f"--{refusal(str(problem['loc'][0]), str(problem['input']), error)}") from None
    except ParityError as error:
        raise fail(str(error)) from error
    if as_json:
        print(json.dumps(result, indent=1))
    else:
        _print_differences(result, passed(result))
    if not passed(result):
        raise typer.Exit(1)


def _print_differences(result: dict[str, Any], within: bool) -> None:
    from rich.table import Table

    from core import frameworks

    table = Table(title=f"Largest difference from {frameworks.title(result['reference'])}")
    for column in ("framework", "logits at the start", f"loss over {result['steps']} steps"):
        table.add_column(column, justify="left" if column == "framework" else "right")
    for name, row in result["frameworks"].items():
        table.add_row(frameworks.title(name), f"{row['logits']:.1e}", f"{row['loss']:.1e}")
    console.print(table)
    console.print(f"{'within' if within else 'NOT within'} the tolerance of {result['tolerance']:g}")
