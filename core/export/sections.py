"""The parts of a script or a notebook: what a run used of its exhibit, of the data's code, and its values."""

import ast
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core import architectures, frameworks
from core.export.edits import Places
from core.export.folding import Known, fold
from core.export.linking import (
    Linked,
    Piece,
    Source,
    module_source,
    module_text,
    read_source,
    sorted_imports,
    without_unused_methods,
)
from core.export.optimizer import optimizer_written_out
from core.export.recorded import Recorded, check_repeatable
from core.export.running import running_cells
from core.export.values import FIELDS, environment_lines, file_values, run_values

STANDALONE = "core.export.standalone"
LAYERS = ("Conv", "Relu", "Pool", "Dropout", "Flatten", "Dense")


@dataclass(frozen=True)
class Section:
    """A part of the file: a title, what happens there in a sentence or two, and its code in short cells."""

    title: str
    story: str
    cells: list[str]

    @property
    def code(self) -> str:
        """The cells below each other."""
        return spaced(self.cells)


def sections(recorded: Recorded, notebook: bool = False) -> list[Section]:
    """The parts in their order; the last one runs the others.

    Raises:
        core.export.recorded.ExportError: the run cannot be repeated by one file.
    """
    check_repeatable(recorded)
    running = running_cells(recorded, notebook)
    exhibit, linked = read_source(specialised(recorded)), Linked()
    network, training, predicting = (_link(linked, name, exhibit) for name in ("build", "train", "predict"))
    start = _starting_point(recorded, linked)
    data = _data(recorded, linked, "".join(running))
    return [
        Section("Set-up", "Threads first, because libraries read them once. Then the run's own values.",
                _set_up(recorded, linked, "".join(running))),
        Section("Data", "The images, and the order in which the run met them.", cells(data)),
        Section("Network", "Its layers, and the weights that it starts with.", cells([*start, *network])),
        Section("Training", "Forward, loss, backward, step: once for every batch.", cells(training)),
        Section("Prediction", "For each image, the probability of every class.", cells(predicting)),
        Section("Run", "Read the images, train, try the test images once, compare with the record.", running),
    ]  # fmt: skip


# ── the exhibit ─────────────────────────────────────────────────────────────────────


def specialised(recorded: Recorded) -> str:
    """The exhibit with the run's values written in; what the run did not use may still stand there."""
    config = recorded.config
    source = optimizer_written_out(frameworks.source(config.framework), config)
    return fold(source, _known(recorded, "config"))


def _known(recorded: Recorded, name: str) -> Known:
    """What is known where the run's configuration goes by this name."""
    config = recorded.config
    texts = {f"{name}.{field}": field.upper() for field in FIELDS}
    texts |= {
        f"{name}.learning_rates": "learning_rate_table",
        "architecture.weight_shapes()": "WEIGHT_SHAPES",
        "architecture.input_shape": repr(config.network.input_shape),
    }
    values: dict[str, Any] = {kind: getattr(architectures, kind) for kind in LAYERS}
    values |= {name: config, "architecture": config.network}
    values["weights"] = ... if config.protocol == "controlled" else None
    return Known(values, texts, frozenset({name, "architecture"}))


def _link(linked: Linked, name: str, exhibit: Source) -> list[Piece]:
    """As `Linked.link`, with a softmax of its own where nothing else of the file brings SciPy along."""
    scipy = "from scipy.special import softmax"
    pieces = linked.link([name], exhibit)
    if scipy in linked.imports and "KerasClassifier" not in exhibit.imports:
        linked.imports.remove(scipy)
        pieces = linked.link(["softmax"], module_source(STANDALONE)) + pieces
    return pieces


def _starting_point(recorded: Recorded, linked: Linked) -> list[Piece]:
    """The shared starting weights and the schedule's table, where the run has them."""
    pieces = []
    if recorded.config.protocol == "controlled":
        text = fold(module_text("core.architectures"), _known(recorded, "config"))
        pieces += linked.link(["initial_weights"], read_source(text))
    if any("learning_rate_table" in piece.used for piece in linked.pieces.values()):
        pieces += linked.link(["learning_rate_table"], read_source(_schedule(recorded)))
    return pieces


def _schedule(recorded: Recorded) -> str:
    """The configuration's schedule as a function of its own, with its helper."""
    text = module_text("core.config")
    places = Places(text)
    functions = {node.name: node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
    method, helper = functions["learning_rates"], functions["_cosine"]
    docstring, body = method.body[0], method.body[1:]
    head = textwrap.dedent("".join(places.whole_lines(method, docstring)))
    lines = textwrap.dedent("".join(places.whole_lines(body[0], body[-1])))
    head = head[: head.index('"""')].replace("def learning_rates(", "def learning_rate_table(")
    function = f'{head}"""The learning rate of every step."""\n{textwrap.indent(lines, "    ")}'
    other = "".join(places.whole_lines(helper, helper))
    return fold(f"import numpy as np\n\n\n{function}\n\n{other}", _known(recorded, "self"))


# ── the rest ────────────────────────────────────────────────────────────────────────


def _data(recorded: Recorded, linked: Linked, running: str) -> list[Piece]:
    """What reads, splits and orders the images and tells how it goes, as far as the lines that run use it."""
    elsewhere = running + spaced(piece.text for piece in linked.pieces.values())
    pieces = linked.link(["normalise", "stratified_order"], module_source("core.data.batches"))
    pieces += linked.link(sorted(_names(running)), module_source(STANDALONE))
    constants = [
        Piece(name, f"{name} = {value}\n", frozenset())
        for name, value in file_values(recorded).items()
        if name in linked.pieces
    ]
    stand_ins = {*file_values(recorded), *run_values(recorded)}
    return constants + [
        without_unused_methods(piece, elsewhere) if piece.name == "TrainingData" else piece
        for piece in pieces
        if piece.name not in stand_ins
    ]


def _set_up(recorded: Recorded, linked: Linked, running: str) -> list[str]:
    """Environment variables, imports, and the run's values as far as the file uses them."""
    used = _names(running).union(*(piece.used for piece in linked.pieces.values()))
    values = "".join(f"{name} = {text}\n" for name, text in run_values(recorded).items() if name in used)
    imports = sorted_imports(linked.imports - {"import os"})  # which stands above the variables
    return [environment_lines(recorded), f"{imports}\n", values]


def _names(code: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def cells(pieces: Iterable[Piece]) -> list[str]:
    """A cell for each function or class, with the constants before it."""
    found, waiting = [], ""
    for piece in pieces:
        if _is_block(piece.text):
            constants, waiting = waiting, ""
            found.append(f"{constants}\n\n{piece.text}".lstrip("\n"))
        else:
            waiting += piece.text
    return [*found, *filter(None, [waiting])]


def spaced(texts: Iterable[str]) -> str:
    """Texts below each other: two empty lines around functions and classes, one between other cells."""
    whole, before = "", ""
    for text in texts:
        blocks = _is_block(text) or _is_block(before)
        whole += ("\n\n" if blocks else "\n") * bool(whole) + text
        before = text
    return whole


def _is_block(text: str) -> bool:
    return re.search(r"^(?:def|class) ", text, re.MULTILINE) is not None
