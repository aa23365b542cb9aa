"""What a run got of the processors, and what others took from it meanwhile: was the machine busy?

Only what others took makes a machine busy, never the time that a run itself leaves unused: a framework
that waits for its own threads is as slow on an idle machine.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

BUSY = 0.1  # of what the run could use: more taken by others, and its times say nothing
# The system counts in hundredths of a second, for each processor: less than this may be rounding.
LEAST_SECONDS = 0.1
_TASKS = Path("/proc/self/task")


@dataclass(frozen=True)
class Reading:
    """What the system has counted up to one moment, all in seconds."""

    wall: float
    cores: int  # that this process may use, over which `idle` and `stolen` add up
    idle: float
    stolen: float  # by the virtual machine's host; 0 where the system does not tell
    own: float  # processor time of this process, its threads and its children
    waits: dict[str, float]  # thread → time that it was ready to run and did not; empty where not told


def read() -> Reading:
    """What the system counts at this moment."""
    every = psutil.cpu_times(percpu=True)
    allowed = psutil.Process().cpu_affinity() if sys.platform == "linux" else range(len(every))
    # A sandbox may count nothing: then there are no cores to speak of, and nobody else is seen on them.
    times = [every[core] for core in allowed if core < len(every) and any(every[core])]
    return Reading(
        wall=time.perf_counter(),
        cores=len(times),
        idle=sum(core.idle + getattr(core, "iowait", 0.0) for core in times),
        stolen=sum(getattr(core, "steal", 0.0) for core in times),
        own=_own_seconds(),
        waits=_waits(),
    )


def _own_seconds() -> float:
    """Processor time of this process and of its children, those that ended included."""
    process = psutil.Process()
    ended = process.cpu_times()
    seconds = time.process_time() + ended.children_user + ended.children_system
    for child in process.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.Error:
            continue  # it ended meanwhile: its parent has its time
        seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def _waits() -> dict[str, float]:
    """Each thread's time in line for a processor (`schedstat`, second number, nanoseconds)."""
    waits = {}
    for task in _TASKS.iterdir() if _TASKS.is_dir() else ():
        try:
            waits[task.name] = int((task / "schedstat").read_text(encoding="ascii").split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            continue  # the thread ended, or this kernel does not count
    return waits


@dataclass
class LoadMeter:
    """Adds up who had the processors over the stretches between `start` and `stop`."""

    read: Callable[[], Reading] = read
    wall_s: float = 0.0
    cpu_s: float = 0.0  # of this process, its threads and children
    others_s: float = 0.0  # processor time of everybody else
    stolen_s: float = 0.0
    waited_s: float = 0.0  # all threads together
    cores: int = 1
    _since: Reading | None = None

    def start(self) -> None:
        """Counts from now on."""
        self._since = self.read()

    def stop(self) -> None:
        """Adds what was counted since `start`; nothing when that was not called."""
        if self._since is None:
            return
        since, now = self._since, self.read()
        self._since, self.cores = None, now.cores
        wall, own = now.wall - since.wall, now.own - since.own
        idle, stolen = now.idle - since.idle, now.stolen - since.stolen
        self.wall_s += wall
        self.cpu_s += own
        self.stolen_s += stolen
        # What nobody else accounts for. Idle time is measured, processor time of all only sampled. Not cut
        # off at nought: what is rounded up in one stretch is rounded down in another.
        self.others_s += now.cores * wall - idle - stolen - own
        # A thread that ended takes its count along; a new one begins at nought.
        self.waited_s += sum(seconds - since.waits.get(thread, 0.0) for thread, seconds in now.waits.items())

    @property
    def taken_s(self) -> float:
        """Processor time that others had, the virtual machine's host among them."""
        return max(self.others_s, 0.0) + self.stolen_s

    @property
    def taken(self) -> float:
        """What others had as a fraction of the machine."""
        return self.taken_s / (self.cores * self.wall_s) if self.cores * self.wall_s > 0 else 0.0

    def busy(self, threads: int) -> bool:
        """Whether others had, or made its threads wait for, more than BUSY of what the run could use.

        A run's threads also wait for one another: TensorFlow alone on two cores spends 0.7 of its wall
        time so. Of all waiting, others are to blame for the part that they had of the processor time.
        """
        if self.wall_s <= 0:
            return False
        waited = self.waited_s * self.taken_s / max(self.taken_s + self.cpu_s, 1e-9)
        least = max(BUSY * min(threads, self.cores) * self.wall_s, LEAST_SECONDS)
        return max(self.taken_s, waited) > least

    def summary(self) -> dict[str, float]:
        """What was counted, for the result."""
        return {
            "others_s": max(self.others_s, 0.0),
            "stolen_s": self.stolen_s,
            "waited_s": self.waited_s,
        }
