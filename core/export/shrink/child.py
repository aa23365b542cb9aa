"""Shrinking for the browser: `python -m core shrink …` as a child."""

from contextlib import suppress

import psutil

from core.machine.telling import TellingProcess


class Shrinking(TellingProcess):
    """One run whose variants are made."""

    def __init__(self, run: str) -> None:
        """Starts it."""
        self.run, self.stopped = run, False
        super().__init__("shrink", run, "--lines")

    def stop(self) -> None:
        """Ends it with all that it started; variants that were written whole stay."""
        self.stopped = True
        with suppress(psutil.NoSuchProcess):  # it ended a moment ago
            started = psutil.Process(self.process.pid).children(recursive=True)
            self.process.terminate()
            for process in started:
                with suppress(psutil.NoSuchProcess):
                    process.terminate()
        self.process.wait()
