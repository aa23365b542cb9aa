"""The machine that a run trained on: versions, processor, threads, memory."""

import hashlib
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

# Import name → distribution name, of what can change a result.
_PACKAGES = {
    "numpy": "numpy",
    "torch": "torch",
    "tensorflow": "tensorflow",
    "keras": "keras",
    "scikeras": "scikeras",
    "sklearn": "scikit-learn",
}


def available_cores() -> int:
    """The processor cores that this process may use: in a container often fewer than there are."""
    return len(psutil.Process().cpu_affinity()) if sys.platform == "linux" else os.cpu_count() or 1


def thread_environment(threads: int, device: str = "auto") -> dict[str, str]:
    """Environment variables that must be set before NumPy or a framework is imported.

    OpenMP, OpenBLAS, MKL and TensorFlow read their thread counts only once; a hidden GPU keeps
    every framework on the CPU when the run asks for it.
    """
    count = str(threads)
    variables = {
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "VECLIB_MAXIMUM_THREADS": count,
        # Idle threads spin for a moment, then sleep. Measured with PyTorch on two cores: threads that sleep
        # at once double the time of a step, threads that spin on take ten times as long beside a browser.
        "GOMP_SPINCOUNT": "10000",
        "OPENBLAS_THREAD_TIMEOUT": "4",
        "TF_NUM_INTRAOP_THREADS": count,
        "TF_NUM_INTEROP_THREADS": count,
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "2",  # warnings and errors only
        # PyTorch always computes with oneDNN, TensorFlow by itself only on some processors.
        "TF_ENABLE_ONEDNN_OPTS": "1",
        "PYTHONUNBUFFERED": "1",
        # TensorFlow and PyTorch round to 19 bits in different places on a GPU; here none of them does.
        "NVIDIA_TF32_OVERRIDE": "0",
    }
    if device == "cpu":
        variables["CUDA_VISIBLE_DEVICES"] = "-1"
    return variables


def describe(threads: int) -> dict[str, Any]:
    """What decides speed and rounding on this machine, as plain JSON types."""
    imported = {name: package for name, package in _PACKAGES.items() if name in sys.modules}
    cpu, cores = cpu_name(), os.cpu_count()
    return {
        "versions": {package: version(package) for package in imported.values()},
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "cpu": cpu,
        "cores": cores,
        "threads": threads,
        "machine": hashlib.sha256(f"{platform.node()} {cpu} {cores}".encode()).hexdigest()[:8],
    }


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
