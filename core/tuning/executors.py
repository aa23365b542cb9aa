"""What trains the fits of a study, wherever that is: on this machine or on a cluster."""

from dataclasses import dataclass
from typing import Literal, Protocol

from core.tuning.fits import Fit


@dataclass(frozen=True)
class Done:
    """A fit that ended. Finished: its metrics file is in the artifacts folder. Failed: its events say why."""

    fit: Fit
    status: Literal["finished", "failed"]
    reason: str = ""


class Executor(Protocol):
    """Trains fits. One whose worker dies is trained again elsewhere; one that kills three fails."""

    width: int  # fits that it trains at once

    def submit(self, fit: Fit) -> None:
        """Takes a fit, whose run folder is made by the time it trains."""

    def wait(self, timeout: float) -> list[Done]:
        """Those that ended since the last call; returns with the first, or with none after `timeout` s."""

    def close(self) -> None:
        """Kills what trains, within three seconds, and gives back what was taken."""
