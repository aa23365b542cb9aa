"""Shrinking for the browser and the command line: `python -m core shrink …` as a child."""

import subprocess
from contextlib import suppress

import psutil

from core.machine.telling import TellingProcess

FAREWELL = 1.0  # seconds to clean up behind it; what a killed one leaves goes with the next one that begins


class Shrinking(TellingProcess):
    """One run whose variants are made; it ends with the process that began it."""

    def __init__(self, run: str, *options: str) -> None:
        """Starts it, with further options of `python -m core shrink`."""
        self.run, self.stopped = run, False
        super().__init__("shrink", run, "--lines", *options, stdin=subprocess.PIPE)

    def said(self) -> str:
        """As of every such process; one that was killed says nothing itself."""
        return super().said() or f"its process ended without a word (exit code {self.process.poll()})"

    def stop(self) -> None:
        """Ends it with all that it started; what was there before stays as it was."""
        self.stopped = True
        started: list[psutil.Process] = []
        with suppress(psutil.NoSuchProcess):  # it ended a moment ago
            started = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        self.wait(FAREWELL)
        self.process.kill()
        for process in started:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
