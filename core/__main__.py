"""`python -m core …`: see core/commands/app.py."""

from core.commands.app import app

app(prog_name="python -m core")
