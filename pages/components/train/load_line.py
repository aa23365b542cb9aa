"""Whether this machine has other work just now: said before a race is started, whose times it would spoil."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from core.machine.load import BUSY, LoadMeter, Reading, read
from core.words import percent

LEAST = 2.0  # seconds to count over; a page that has just loaded keeps its browser busy for one
STALE = 20.0  # what was counted over longer says nothing of now
LOOK = 2.5  # seconds between looks, while it is not known or others have the machine


@dataclass
class MachineLoad:
    """What others have of the machine, looked at together by all visitors."""

    read: Callable[[], Reading] = read
    clock: Callable[[], float] = time.perf_counter
    taken: float | None = None  # as a fraction of the machine, None while nobody knows
    _meter: LoadMeter | None = None
    _since: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> float | None:
        """What others had since the last look; it is counted anew every LEAST seconds at most."""
        with self._lock:
            now = self.clock()
            if self._meter is not None and now - self._since < LEAST:
                return self.taken
            self.taken = None
            if self._meter is not None and now - self._since < STALE:
                self._meter.stop()
                self.taken = self._meter.taken
            self._meter, self._since = LoadMeter(read=self.read), now
            self._meter.start()
            return self.taken


@st.cache_resource(max_entries=1, show_spinner=False)
def machine_load() -> MachineLoad:
    """One for all visitors."""
    return MachineLoad()


def show_load() -> None:
    """A line when others have the machine; looks again by itself until they have not."""
    taken = machine_load().look()
    st.fragment(_line, run_every=LOOK if taken is None or taken > BUSY else None)()


def _line() -> None:
    taken = machine_load().look()
    if taken is not None and taken > BUSY:
        st.warning(
            f"This machine is busy: other programs have {percent(taken, 0)} of it. "
            "Times measured now may not count; better wait, or close what you do not need.",
            icon=":material/speed:",
        )
