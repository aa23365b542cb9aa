"""A race that waits for its turn: the same process, which gave its memory back and imports little.

The command line's libraries take twice what this takes, and a race may wait for hours.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from core.machine.processes import COMMAND_LINE
from core.races.race import Watcher, train_in_turn
from core.races.turns import Place
from core.runs.status import request_stop
from core.words import counted

if TYPE_CHECKING:
    from core.config import RunConfig

WORD = "waiting"  # the first argument of `python -m core` that leads here
POSSIBLE = hasattr(signal, "pthread_sigmask")  # elsewhere a process cannot be replaced by another program
_HELD_BACK = (signal.SIGINT, signal.SIGTERM)


def wait_lightly(runs: list[str], artifacts: Path, place: Place, data_dir: Path | None) -> NoReturn:
    """Starts this process anew, which keeps its number, its place and its output, and waits there."""
    settings = {
        "runs": runs,
        "artifacts": str(artifacts),
        "place": place.number,
        "data_dir": str(data_dir) if data_dir else None,
    }
    sys.stdout.flush()
    sys.stderr.flush()
    signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)  # until the program that comes listens
    os.execv(sys.executable, [sys.executable, "-m", COMMAND_LINE, WORD, json.dumps(settings)])


def main() -> None:
    """Goes on where `wait_lightly` stopped."""
    settings = json.loads(sys.argv[2])
    runs, artifacts, place = settings["runs"], Path(settings["artifacts"]), Place(settings["place"])
    data_dir = Path(settings["data_dir"]) if settings["data_dir"] else None
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as cleanly as Ctrl-C
    try:
        _listen(runs, artifacts)
        train_in_turn(runs, artifacts, place, data_dir, LightWatcher())
    finally:
        place.leave()
    from core.commands import progress
    from core.commands.terminal import lasting_console

    if progress.print_results(lasting_console(), artifacts, runs):
        raise SystemExit(1)


def _listen(runs: list[str], artifacts: Path) -> None:
    """Answers who ends it from here on; whoever did so meanwhile wanted its runs left out."""
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD_BACK)
    except KeyboardInterrupt:
        for run in runs:
            request_stop(artifacts, run)


class LightWatcher(Watcher):
    """Prints one line while the race waits, and brings the progress bars with its first run."""

    def __init__(self) -> None:
        self._bars = Watcher()

    def on_wait(self, ahead: list[str]) -> None:
        """Says who trains first."""
        print(f"waiting for {counted(len(ahead), 'earlier race')}: {', '.join(ahead)}", flush=True)

    def on_run_start(self, run: str, config: "RunConfig") -> None:
        """Opens the run's bar."""
        from core.commands.progress import ProgressWatcher
        from core.commands.terminal import lasting_console

        if not isinstance(self._bars, ProgressWatcher):
            self._bars = ProgressWatcher(lasting_console())
        self._bars.on_run_start(run, config)

    def on_event(self, run: str, event: dict[str, Any]) -> None:
        """Moves the bar."""
        self._bars.on_event(run, event)

    def on_run_end(self, run: str) -> None:
        """Leaves the finished bar standing."""
        self._bars.on_run_end(run)

    def on_full(self, reason: str) -> None:
        """Says why the race does not end yet."""
        print(reason, flush=True)
