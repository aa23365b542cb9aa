"""The machine that a run trained on: versions, processor, threads, memory."""

import hashlib
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from core import frameworks

# What every runtime computes with. Each exhibit names what only it needs.
_COMMON_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_COMMON_VARIABLES = {
    # Idle threads spin for a moment, then sleep. Measured with PyTorch on two cores: threads that sleep
    # at once double the time of a step, threads that spin on take ten times as long beside a browser.
    "GOMP_SPINCOUNT": "10000",
    "OPENBLAS_THREAD_TIMEOUT": "4",
    "PYTHONUNBUFFERED": "1",
    # TensorFlow and PyTorch round to 19 bits in different places on a GPU; here none of them does.
    "NVIDIA_TF32_OVERRIDE": "0",
}


def available_cores() -> int:
    """The processor cores that this process may use: in a container often fewer than there are."""
    return len(psutil.Process().cpu_affinity()) if sys.platform == "linux" else os.cpu_count() or 1


def thread_environment(threads: int, device: str = "auto", runtime: str | None = None) -> dict[str, str]:
    """Environment variables that must be set before NumPy or a framework is imported.

    OpenMP, OpenBLAS, MKL and the frameworks read their thread counts only once; a hidden GPU keeps
    every framework on the CPU when the run asks for it.

    Args:
        threads: processor threads.
        device: "cpu" hides the GPUs.
        runtime: whose exhibits' variables to add; None for all of them.
    """
    names = frameworks.names() if runtime is None else frameworks.held_by(runtime)
    exhibits = [frameworks.constants(name) for name in names]
    counted = [variable for exhibit in exhibits for variable in exhibit.get("THREAD_VARIABLES", ())]
    variables = dict.fromkeys([*_COMMON_THREAD_VARIABLES, *counted], str(threads)) | _COMMON_VARIABLES
    for exhibit in exhibits:
        variables |= exhibit.get("ENVIRONMENT", {})
    if device == "cpu":
        variables["CUDA_VISIBLE_DEVICES"] = "-1"
    return variables


def describe(threads: int) -> dict[str, Any]:
    """What decides speed and rounding on this machine, as plain JSON types."""
    imported = {name: package for name, package in frameworks.packages().items() if name in sys.modules}
    cpu, cores = cpu_name(), os.cpu_count()
    return {
        "versions": {package: _version(name, package) for name, package in imported.items()},
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "cpu": cpu,
        "cores": cores,
        "threads": threads,
        "machine": hashlib.sha256(f"{platform.node()} {cpu} {cores}".encode()).hexdigest()[:8],
    }


def _version(name: str, package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # not installed, only on the path
        return str(getattr(sys.modules[name], "__version__", "unknown"))


def cpu_name() -> str:
    """The processor's model as the system names it."""
    cpuinfo = Path("/proc/cpuinfo")  # platform.processor() is empty on most Linux systems
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_mb() -> float:
    """Resident memory of this process now, in MB (2²⁰ bytes)."""
    return psutil.Process().memory_info().rss / 2**20


def peak_memory_mb() -> float:
    """The most resident memory that this process ever held, in MB (2²⁰ bytes)."""
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset / 2**20
    if sys.platform == "linux":  # ru_maxrss would begin with the memory of the process that started this one
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes on macOS
