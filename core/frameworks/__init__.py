"""The exhibits: one file per framework, found by looking at this folder."""

import ast
import importlib
from functools import cache
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parent


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
def constants(name: str) -> dict[str, str]:
    """The exhibit's title and its constants (`RUNTIME`, `MODEL_FILE`), read without importing it."""
    tree = ast.parse(source(name))
    found = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    return {"title": ast.get_docstring(tree).splitlines()[0], **found}


def title(name: str) -> str:
    """What the app calls this framework, such as "PyTorch": the first line up to the colon."""
    return constants(name)["title"].partition(":")[0]


def runtime(name: str) -> str:
    """Which worker process can hold it: "torch", "tensorflow" or "numpy"."""
    return constants(name)["RUNTIME"]


def load(name: str) -> ModuleType:
    """Imports the exhibit and with it its framework.

    Never call this in the Streamlit process, and only for one runtime in a process:
    torch and TensorFlow together crash.
    """
    source(name)
    return importlib.import_module(f"core.frameworks.{name}")
