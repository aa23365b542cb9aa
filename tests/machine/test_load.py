"""Was the machine busy? Made readings, and what the system really counts."""

import subprocess
import sys
import threading
import time
from dataclasses import replace

import psutil
import pytest

from core.machine import load
from core.machine.load import LoadMeter, Reading
from core.places import PROJECT
from support.browser import wait_for

START = Reading(wall=100.0, cores=2, idle=50.0, stolen=3.0, own=7.0, waits={"1": 1.0, "2": 0.5})
SPIN = "while True: pass"


def meter(wall, cores=2, idle=0.0, stolen=0.0, own=0.0, **waits) -> LoadMeter:
    """A meter over one stretch in which the system counted so much."""
    end = Reading(
        wall=START.wall + wall,
        cores=cores,
        idle=START.idle + idle,
        stolen=START.stolen + stolen,
        own=START.own + own,
        waits={thread: START.waits.get(thread, 0.0) + more for thread, more in waits.items()},
    )
    readings = iter([replace(START, cores=cores), end])
    counted = LoadMeter(read=lambda: next(readings))
    counted.start()
    counted.stop()
    return counted


@pytest.mark.parametrize(
    ("counted", "threads", "busy"),
    [
        (dict(wall=10, own=12, idle=8), 2, False),  # alone, and idle for 40 % of what it could use
        (dict(wall=10, own=12, idle=6.1), 2, False),  # somebody watches
        (dict(wall=10, own=12, idle=5.9), 2, True),
        (dict(wall=10, own=10, idle=0), 2, True),  # a loop beside it
        (dict(wall=10, own=10, idle=8.9), 1, True),  # a tenth of one core is enough beside one thread
        (dict(wall=10, own=12, idle=5.5, stolen=2.1), 2, True),
        (dict(wall=10, own=12, idle=6.5, stolen=1.5), 2, False),
        (dict(wall=0.3, own=0.4, idle=0.13), 2, False),  # seven hundredths of a second may be rounding
        (dict(wall=0.3, own=0.3, idle=0.0), 2, True),
        (dict(wall=10, cores=64, own=100, idle=535), 64, False),
        (dict(wall=10, cores=0, own=10), 2, False),  # the system counts nothing
    ],
)
def test_busy_is_what_others_took_never_the_runs_own_idle_time(counted, threads, busy):
    assert meter(**counted).busy(threads) is busy


def test_threads_that_wait_for_one_another_make_no_machine_busy():
    # TensorFlow alone on two cores: more threads than cores, all of them its own.
    assert not meter(wall=10, own=17.8, idle=2.1, **{"1": 4.0, "2": 3.0}).busy(2)


def test_threads_that_wait_for_others_make_it_busy():
    # Others had less than a tenth, but each time in front of somebody.
    waiting = {"1": 20.0, "2": 18.0}
    assert meter(wall=10, own=16, idle=2.2, **waiting).busy(2)
    assert not meter(wall=10, own=16, idle=2.2, **{"1": 1.0, "2": 0.0}).busy(2)


def test_a_new_threads_waiting_counts_from_its_beginning_and_an_ended_ones_is_gone():
    assert meter(wall=10, own=10, idle=10, **{"2": 0.25, "3": 0.5}).waited_s == 0.75


def test_stretches_add_up():
    readings = iter(
        [
            START,
            replace(START, wall=101.0, idle=51.0, own=7.5),
            replace(START, wall=110.0, idle=60.0, own=8.0),  # between the stretches nobody counts
            replace(START, wall=112.0, idle=60.5, own=10.0),
        ]
    )
    counted = LoadMeter(read=lambda: next(readings))
    for _ in range(2):
        counted.start()
        counted.stop()
    assert (counted.wall_s, counted.cpu_s, counted.others_s) == (3.0, 2.5, 2.0)
    counted.stop()  # without a start
    assert counted.wall_s == 3.0


def test_nothing_counted_is_not_busy():
    assert not LoadMeter().busy(2)
    assert LoadMeter().taken == 0


# ── the real system ─────────────────────────────────────────────────────────────────


def test_threads_and_children_are_the_processs_own():
    counted = LoadMeter()
    counted.start()
    child = subprocess.Popen([sys.executable, "-c", SPIN])
    thread = threading.Thread(target=_spin, args=(0.2,))
    thread.start()
    thread.join()
    wait_for(lambda: psutil.Process(child.pid).cpu_times().user > 0.1)
    counted.stop()
    child.kill()
    child.wait()
    assert counted.cpu_s > 0.2  # even where others leave little
    counted.start()
    counted.stop()
    before = counted.cpu_s
    counted.start()  # the child has ended: what it took is not counted twice
    counted.stop()
    assert counted.cpu_s - before < 0.1


def _spin(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux counts what threads wait")
def test_linux_tells_what_threads_wait():
    assert load.read().waits


MEASURE = """
import time
from core.machine.load import LoadMeter
meter = LoadMeter()
meter.start()
time.sleep(2)
meter.stop()
print(meter.busy(1))
"""


def test_a_loop_beside_it_is_others_time():
    loop = subprocess.Popen([sys.executable, "-c", SPIN])
    try:  # from a process beside the loop: here it would be a child of the one that measures
        measured = [sys.executable, "-c", MEASURE]
        seen = subprocess.run(measured, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60)
    finally:
        loop.kill()
        loop.wait()
    assert seen.stdout.split() == ["True"]
