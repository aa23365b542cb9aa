"""A child process that tells what it is at, in lines of JSON, and in the end what came of it."""

import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass

from core.machine import processes

MOST_READ = 2**20  # bytes of what it printed
MOST_SAID = 6  # lines of its last words
TELLING = 0.05  # the share from which on the time so far tells how long the rest will take


@dataclass(frozen=True)
class Stage:
    """What a process is at, and the share of all its work that is done."""

    stage: str
    share: float
    waited: bool = False  # others went first: the time so far does not tell how long the rest will take


class TellingProcess:
    """`python -m core …`. It goes on when the visitor leaves, as the command in a terminal would."""

    def __init__(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> None:
        """Starts the command line with these arguments; with a pipe there it can notice that it is alone."""
        self.output = tempfile.TemporaryFile()  # noqa: SIM115 - read while the process writes to it
        self.began = time.monotonic()
        self._foreseen = (0.0, 0.0)  # a share, and when all is done as far as that tells
        self.process = processes.start(
            processes.COMMAND_LINE, *arguments, stdin=stdin, stdout=self.output, stderr=subprocess.STDOUT
        )

    @property
    def running(self) -> bool:
        """Whether it still goes on."""
        return self.process.poll() is None

    @property
    def succeeded(self) -> bool:
        """Whether it did what it was asked for."""
        return self.process.poll() == 0

    def wait(self, seconds: float) -> None:
        """Returns when it has ended, or after so many seconds."""
        processes.ended_within(self.process, seconds)

    def stage(self) -> Stage:
        """What it is at."""
        told = [line for line in self._lines() if line.startswith("{")]
        try:
            return Stage(**json.loads(told[-1]))
        except (IndexError, ValueError, TypeError):
            return Stage("starting", 0.0)  # nothing yet, or a line that is being written

    def seconds_left(self, share: float) -> float | None:
        """How long the rest takes if it goes on as until this share was reached.

        None while too little is done to say, and once it has taken longer than that. Between two shares it
        counts down: a long step would otherwise seem to put the end off.
        """
        if share < TELLING:
            return None
        now = time.monotonic()
        if share != self._foreseen[0]:
            self._foreseen = (share, now + (now - self.began) * (1 - share) / share)
        return max(0.0, self._foreseen[1] - now) or None

    def said(self) -> str:
        """What the command said in the end: what it did, or why it did nothing."""
        words = [line for line in self._lines() if line.strip() and not line.startswith("{")]
        return "\n".join(words[-MOST_SAID:]).removeprefix("error: ")

    def _lines(self) -> list[str]:
        content = os.pread(self.output.fileno(), MOST_READ, 0)
        return content.decode("utf-8", "replace").splitlines()
