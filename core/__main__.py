"""`python -m core …`: see core/cli.py."""

from core.cli import app

app(prog_name="python -m core")
