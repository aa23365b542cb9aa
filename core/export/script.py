"""A run as one Python file of one framework: the exhibit's own code, specialised to what the run used."""

import textwrap

from core import frameworks
from core.export.recorded import Recorded
from core.export.sections import sections
from core.words import percent


def build_script(recorded: Recorded) -> str:
    """The file's text.

    Raises:
        core.export.recorded.ExportError: the run cannot be repeated by one file.
    """
    first, *parts, last = sections(recorded)
    head = f'"""{headline(recorded)}\n\n{textwrap.fill(about(recorded), 100)}\n"""\n\n{first.code}'
    main = f'def main():\n{textwrap.indent(last.code, "    ")}\n\nif __name__ == "__main__":\n    main()\n'
    blocks = [(part.title, part.code) for part in parts] + [(last.title, main)]
    return "\n\n".join([head, *(f"# ── {title} ──\n\n\n{code}" for title, code in blocks)])


def headline(recorded: Recorded) -> str:
    """What the file is, in a line."""
    config = recorded.config
    told = f"{config.network.name} on {recorded.dataset.title} in {frameworks.title(config.framework)}"
    return f"{told}: {percent(recorded.accuracy)}."


def about(recorded: Recorded) -> str:
    """Where the file comes from, and what its last line says."""
    return (
        f"Digit Derby wrote this file from the record of the run {recorded.run}. It trains the same network "
        "on the same images in the same order from the same start, and ends with the recorded test accuracy "
        "and its own. Install requirements.txt first."
    )
