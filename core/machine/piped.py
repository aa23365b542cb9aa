"""A child process that is asked through its standard input and answers on its standard output."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import IO

from core.machine import processes


class PipedProcess:
    """The child as the asking side sees it; reading no more questions, it ends with who started it."""

    def __init__(self, module: str, *arguments: str, variables: Mapping[str, str] | None = None) -> None:
        """Starts `python -m module`, as `core.machine.processes.start` does, with its errors."""
        # What the frameworks print; read when the child died.
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = processes.start(
            module,
            *arguments,
            variables=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
        )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self.process.pid

    @property
    def questions(self) -> IO[bytes]:
        """Where it is asked."""
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def answers(self) -> IO[bytes]:
        """Where it answers."""
        assert self.process.stdout is not None
        return self.process.stdout

    def last_words(self) -> str:
        """The last line that it printed, empty when it printed none."""
        end = self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(0, end - 2000))
        lines = self._printed.read().decode("utf-8", "replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return said[-1][:200] if said else ""

    def close(self) -> None:
        """Ends it at once, and closes the pipes; `last_words` can still be asked."""
        self.process.kill()
        self.process.wait()
        self.answers.close()
        with suppress(BrokenPipeError):  # the rest of a request that it will not read any more
            self.questions.close()


def take_answers_apart() -> IO[bytes]:
    """The child's standard output, for answers alone: what is printed from now on goes to the errors.

    Ctrl-C is left to the process that asks.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers
