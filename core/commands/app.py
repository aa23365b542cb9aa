"""`python -m core …`: everything that the browser does, from a terminal.

Commands import what they need when they run: `train` must set thread counts before NumPy loads.
"""

import typer

from core import frameworks
from core.commands.compare import compare, report
from core.commands.data import data
from core.commands.export import export
from core.commands.maintenance import delete, readme, reference
from core.commands.parity import parity
from core.commands.predict import predict
from core.commands.races import race, runs, train
from core.commands.shrink import shrink
from core.commands.tune import tune
from core.words import number_word

app = typer.Typer(
    help=f"One CNN, {number_word(len(frameworks.names()))} frameworks, one fair race.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(data, name="data")
for command in (compare, report, export, predict, race, tune, train, runs, delete, parity):
    app.command()(command)
for command in (reference, readme, shrink):
    app.command(hidden=True)(command)
