"""A variant opened to be measured: by the runtime that will run it, as nearly as this machine has it."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from core.export.recorded import ExportError
from core.prediction.models import ModelFile
from core.prediction.variants import Reader, run_variant
from core.runs.shrunk import VARIANTS

PACKAGES = {"ONNX Runtime": "onnxruntime", "LiteRT": "ai-edge-litert"}


@dataclass(frozen=True)
class Opened:
    """A loaded variant."""

    reader: Reader
    by: str  # what runs it, with its version
    as_it_will_run: bool  # no: another program does the same sums, and its times say nothing


def open_variant(saved: ModelFile, threads: int) -> Opened:
    """Loads a variant; a C header is compiled, or calculated by NumPy where there is no compiler.

    Raises:
        ExportError: the compiler does not take the header.
        Exception: whatever a runtime raises at a file that it cannot read.
    """
    runtime = VARIANTS[saved.variant].runtime
    if package := PACKAGES.get(runtime):
        return Opened(run_variant(saved, threads), f"{package} {version(package)}", True)
    from core.prediction.c_model import CModel, CompilerError, compiler

    if found := compiler():
        try:
            model = CModel(Path(saved.path).parent)
        except CompilerError as error:
            raise ExportError(f"the header is not kept unasked: {error}") from error
        return Opened(model, f"the header, compiled by {Path(found).name}", True)
    return Opened(run_variant(saved), "NumPy in the same whole numbers: there is no C compiler here", False)
