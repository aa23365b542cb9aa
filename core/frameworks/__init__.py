"""The exhibits: one file per framework, found by looking at this folder.

Each declares what is its own as plain constants, which are read without importing it:

RUNTIME            which worker process can hold it; exhibits of one runtime share a process
MODEL_FILE         the name of the file that `save` writes
PACKAGES           import name → name on PyPI, of what can change its results
ENVIRONMENT        variables that must be set before it is imported (optional)
THREAD_VARIABLES   further variables that get the number of threads (optional)
"""

import ast
import importlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from core.frameworks._lines import assigned_names, effective_lines

FOLDER = Path(__file__).parent
SHORT = {"tf": "tensorflow", "np": "numpy"}  # what people write for a word that is known
SURROUNDINGS = ("PACKAGES", "ENVIRONMENT", "THREAD_VARIABLES")  # about the process, not the network


def names() -> list[str]:
    """Every framework's key: the names of the files in this folder, sorted."""
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py"))


def source(name: str) -> str:
    """The exhibit's own text.

    Raises:
        ValueError: no framework of this name.
    """
    if name not in names():
        raise ValueError(f"framework {name!r} is unknown; choose from {', '.join(names())}")
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")


@cache
def constants(name: str) -> dict[str, Any]:
    """The exhibit's constants and its "title", the docstring's first line, read without importing it.

    Whatever is no name with a literal value (`os.environ["X"] = …`, a function's result) is passed over.

    Raises:
        ValueError: no framework of this name.
    """
    tree = ast.parse(source(name))
    found: dict[str, Any] = {"title": (ast.get_docstring(tree) or name).splitlines()[0]}
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
            with suppress(ValueError, TypeError):  # no literal
                value = ast.literal_eval(statement.value)
                found |= dict.fromkeys(assigned_names(statement), value)
    return found


def title(name: object) -> str:
    """What the app calls a framework, such as "PyTorch": the exhibit's first line up to the colon.

    A name that is none of ours is given back as it is written; what is no name at all is "unknown".
    """
    return _titles().get(name, name) if isinstance(name, str) else "unknown"


@cache
def _titles() -> dict[str, str]:
    return {name: constants(name)["title"].partition(":")[0] for name in names()}


def aliases() -> dict[str, str]:
    """Whatever people call a framework, in lower case → its name.

    A word is decided by the title first ("tensorflow" is whose title says so, not all that import it),
    then by the runtime ("torch"), then by the packages ("sklearn"); one that fits several there is none.
    """
    table = {name: name for name in names()}
    for words_of in (_title_words, _runtime_word, _package_words):
        meant: dict[str, list[str]] = {}
        for name in names():
            for word in words_of(name):
                meant.setdefault(word.lower(), []).append(name)
        table = {word: found[0] for word, found in meant.items() if len(found) == 1} | table
    return {short: table[word] for short, word in SHORT.items() if word in table} | table


def _title_words(name: str) -> set[str]:
    return {title(name), title(name).split()[0]}


def _runtime_word(name: str) -> set[str]:
    return {runtime(name)}


def _package_words(name: str) -> set[str]:
    packages = constants(name).get("PACKAGES", {})
    return {*packages, *packages.values()}


def runtime(name: str) -> str:
    """Which worker process can hold it, such as "torch"; those of "numpy" need none."""
    return constants(name)["RUNTIME"]


def held_by(runtime_name: str) -> list[str]:
    """The frameworks that a process of this runtime can hold, sorted."""
    return [name for name in names() if runtime(name) == runtime_name]


def runtime_title(runtime_name: str) -> str:
    """What the app calls a runtime: its framework's title, or of several the one that has its name."""
    titles = [title(name) for name in held_by(runtime_name)]
    return next((text for text in titles if runtime_name in text.lower()), ", ".join(titles))


def packages() -> dict[str, str]:
    """Import name → name on PyPI, of everything that the exhibits name."""
    return {key: value for name in names() for key, value in constants(name).get("PACKAGES", {}).items()}


@cache
def effective_loc(name: str) -> int:
    """Lines of the exhibit that hold code: no blank lines, comments or docstrings.

    Every exhibit has the same functions, so the whole file is counted in each; what else stands
    in a file (NumPy's layers, say) is what this framework leaves to its user. What it declares about
    the process around it does not count.

    Raises:
        ValueError: no framework of this name.
    """
    return len(effective_line_numbers(name))


def effective_line_numbers(name: str) -> set[int]:
    """Which lines of the exhibit, from 1, `effective_loc` counts."""
    return effective_lines(source(name), leaving_out=SURROUNDINGS)


def load(name: str) -> ModuleType:
    """Imports the exhibit and with it its framework.

    Never call this in the Streamlit process, and only for one runtime in a process:
    torch and TensorFlow together crash.
    """
    source(name)
    return importlib.import_module(f"{__name__}.{name}")
