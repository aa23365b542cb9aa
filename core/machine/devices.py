"""Which devices each runtime finds, asked in a child process each: `python -m core.machine.devices torch`."""

import json
import os
import subprocess
import sys
import threading

from core import frameworks
from core.machine import processes
from core.machine.environment import thread_environment

TIMEOUT = 120  # seconds; TensorFlow's import takes 4 on an idle machine


class DeviceSearch:
    """Asks every runtime once, in the background, from `begin` on. Make one per server and share it."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}  # runtime → devices, best first
        self.problems: dict[str, str] = {}  # runtime → why it could not be asked
        exhibits = {frameworks.runtime(name): name for name in reversed(frameworks.names())}
        self.exhibits = dict(sorted(exhibits.items()))  # runtime → one framework that it holds
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Starts asking; nothing when it was called before."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._search, name="device search", daemon=True)
                self._thread.start()

    @property
    def begun(self) -> bool:
        """Whether `begin` was called."""
        return self._thread is not None

    @property
    def done(self) -> bool:
        """Whether every runtime has answered."""
        return len(self.found) + len(self.problems) == len(self.exhibits)

    def wait(self, seconds: float) -> bool:
        """Waits for the answers, once `begin` was called; whether they are all there."""
        if self._thread:
            self._thread.join(seconds)
        return self.done

    def _search(self) -> None:
        for runtime, framework in self.exhibits.items():
            try:
                self.found[runtime] = ask(framework)
            except (OSError, subprocess.SubprocessError, ValueError) as error:
                self.problems[runtime] = _reason(error)


def ask(framework: str) -> list[str]:
    """What the framework's `devices()` says, best first, from a process of its own.

    Raises:
        subprocess.SubprocessError, OSError: the process failed or did not end.
        ValueError: no framework of this name, or it answered something else than a list.
    """
    variables = thread_environment(1, runtime=frameworks.runtime(framework))
    answer = processes.run(__name__, framework, variables=variables, timeout=TIMEOUT)
    answer.check_returncode()
    devices = json.loads(answer.stdout.splitlines()[-1] if answer.stdout.strip() else "")
    if not isinstance(devices, list):
        raise ValueError(f"{framework} answered {devices!r}")
    return [str(device) for device in devices]


def _reason(error: Exception) -> str:
    lines = (getattr(error, "stderr", None) or "").strip().splitlines()
    return lines[-1] if lines else str(error)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)  # the answer can wait: a visitor's page or race that starts meanwhile goes first
    print(json.dumps(frameworks.load(sys.argv[1]).devices()))
