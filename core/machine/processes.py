"""Processes: what tells one from another, and how a child of this project is started."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from core.places import PROJECT, whole_paths

NICE = 10  # a tenth of a processor beside somebody who wants all of it
GRACE = 10.0  # seconds for a child that lost its parent: a library may hold its main thread for some
COMMAND_LINE = __name__.partition(".")[0]  # the module behind `python -m core …`


# ── marks ───────────────────────────────────────────────────────────────────────────


def process_mark(pid: int | None = None) -> dict[str, Any]:
    """What identifies a process beyond its number, which the system reuses: pid and when it started."""
    process = psutil.Process(pid)
    return {"pid": process.pid, "process_started": _started(process)}


def _started(process: psutil.Process) -> float:
    """Seconds from the machine's start to the process's: a clock that is set moves both times of day."""
    return process.create_time() - psutil.boot_time()


def is_alive(mark: Mapping[str, Any]) -> bool:
    """Whether the process with this `process_mark` still runs (a zombie does not)."""
    try:
        process = psutil.Process(int(mark["pid"]))
        # The system tells its start in whole seconds, which change with its clock also between two looks.
        same = abs(_started(process) - float(mark["process_started"])) < 2
        return same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, KeyError, TypeError, ValueError, OverflowError):
        return False


def give_way(alone: bool = False) -> None:
    """Lets this process go on with what the others leave it, where they want all of the processor.

    Args:
        alone: only the thread that calls; where threads cannot be told apart, nothing happens.
    """
    if sys.platform == "linux":
        threads = [threading.get_native_id()] if alone else map(int, os.listdir("/proc/self/task"))
        for thread in threads:
            with suppress(ProcessLookupError):  # it ended a moment ago
                os.setpriority(os.PRIO_PROCESS, thread, NICE)
    elif hasattr(os, "nice") and not alone:
        os.nice(max(0, NICE - os.nice(0)))


# ── children ────────────────────────────────────────────────────────────────────────


def start(
    module: str, *arguments: str, variables: Mapping[str, str] | None = None, **options: Any
) -> subprocess.Popen[bytes]:
    """Starts `python -m module` of this project and does not wait for it.

    Args:
        module: a module's `__name__`, or `COMMAND_LINE`.
        arguments: what follows it.
        variables: environment variables that the child gets besides this process's own.
        options: as of `subprocess.Popen`; without `stdin` the child reads nothing.

    Raises:
        OSError: the system cannot start it.
    """
    return subprocess.Popen(**_child(module, arguments, variables) | options)


def launch(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Starts `python -m core …` as a process of its own, which outlives this one.

    Args:
        log: the file that gets its output; what was in it goes.
        arguments: of the command line.

    Raises:
        OSError: the file cannot be written, or the system cannot start it.
    """
    with open(log, "wb") as output:
        process = start(
            COMMAND_LINE, *arguments, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    threading.Thread(target=process.wait, daemon=True).start()  # no zombie stays behind
    return process


def run(
    module: str,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Starts a child as `start` does, waits until it ends and returns what it printed.

    Raises:
        OSError: the system cannot start it.
        subprocess.TimeoutExpired: it did not end within `timeout` seconds and was killed.
    """
    child = _child(module, arguments, variables)
    return subprocess.run(**child, capture_output=True, text=True, timeout=timeout, check=False)


def ended_within(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a child has ended; waits for that, but no longer than so many seconds."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    return child.poll() is not None


def end_with_parent(sent: signal.Signals, grace: float = GRACE) -> None:
    """Ends this process once the other end of its standard input is gone: with its parent, even a killed one.

    To be called in a child that was started with a pipe there, by its main thread or before it begins.

    Args:
        sent: what this process is ended with; whoever handles it can clean up.
        grace: seconds for that; who needs more is ended at once.
    """
    threading.Thread(target=_end_with_parent, args=(sent, grace), daemon=True).start()


def _end_with_parent(sent: signal.Signals, grace: float) -> None:
    while os.read(0, 1):  # not Python's own stream, whose lock would trouble the end of the process
        pass
    main_thread = threading.main_thread().ident
    if main_thread and hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main_thread, sent)  # also wakes it where it waits for something
    else:
        signal.raise_signal(sent)
    time.sleep(grace)  # at its end the process does not wait for this thread
    os._exit(128 + sent)


def _child(module: str, arguments: tuple[str, ...], variables: Mapping[str, str] | None) -> dict[str, Any]:
    return {
        "args": [sys.executable, "-m", module, *arguments],
        "cwd": PROJECT,
        "env": {**os.environ, **whole_paths(), **(variables or {})},
        "stdin": subprocess.DEVNULL,
    }
