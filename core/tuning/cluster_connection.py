"""The way to a Dask scheduler: its address, the files for TLS, and a client that is connected."""

import logging
import os
import queue
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import Client
    from tornado.ioloop import IOLoop

CONNECT = 10.0  # seconds until a scheduler that does not answer is none
NOISY = ("distributed", "distributed.client", "distributed.comm", "tornado")


class ClusterError(RuntimeError):
    """The cluster cannot be used, or is gone; the message says why and what to do."""


@dataclass(frozen=True)
class Tls:
    """Files (PEM) for an encrypted connection: the authority's certificate, one's own, and its key."""

    ca_file: str
    cert: str
    key: str

    @classmethod
    def of(cls, ca_file: str | None = None, cert: str | None = None, key: str | None = None) -> "Tls | None":
        """From options, else DIGIT_DERBY_CLUSTER_CA, _CERT and _KEY; None where nothing says any.

        Raises:
            ClusterError: one or two of the three are missing.
        """
        given = {"CA": ca_file, "CERT": cert, "KEY": key}
        values = {
            name: value or os.environ.get(f"DIGIT_DERBY_CLUSTER_{name}", "") for name, value in given.items()
        }
        if not any(values.values()):
            return None
        lacking = [f"DIGIT_DERBY_CLUSTER_{name}" for name, value in values.items() if not value]
        if lacking:
            raise ClusterError(f"TLS takes three files; missing: {' and '.join(lacking)}, or its option")
        return cls(values["CA"], values["CERT"], values["KEY"])


def cluster_address(option: str | None = None) -> str | None:
    """The scheduler's address: the option, else DIGIT_DERBY_CLUSTER, else None: no cluster."""
    return option or os.environ.get("DIGIT_DERBY_CLUSTER") or None


def connect(address: str, tls: Tls | None) -> "Client":
    """A client of the scheduler; without `tls` it does what Dask's own configuration says.

    Raises:
        ClusterError: nobody answers as one.
    """
    from distributed import Client
    from distributed.security import Security

    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is raised, in a sentence

    def open_client() -> "Client":
        security = None if tls is None else Security(
            tls_ca_file=tls.ca_file, tls_client_cert=tls.cert, tls_client_key=tls.key, require_encryption=True
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other versions: whose matter is said for each worker
            return Client(
                address, loop=_event_loop(), timeout=CONNECT, security=security, set_as_default=False,
                name="digit-derby",
            )  # fmt: skip

    answer = _within(CONNECT + 1, open_client)
    if isinstance(answer, Client):
        return answer
    why = str(answer).partition("\n")[0] or type(answer).__name__
    raise ClusterError(
        f"no Dask scheduler answers at {address} within {CONNECT:.0f} s ({why}); is the address right, "
        "and does `python -m dask scheduler` run there?"
    ) from answer


@cache
def _event_loop() -> "IOLoop":
    """Dask's event loop, one for the whole process, running in a thread of its own.

    Dask would start one for each client, under a lock that the end of a forgotten client takes too: when the
    garbage collector meets one in the new loop's thread, both wait for each other until the start gives up.
    """
    from tornado.ioloop import IOLoop

    loop = IOLoop(make_current=False)
    running = threading.Event()
    loop.add_callback(running.set)
    threading.Thread(target=loop.start, name="Dask's event loop", daemon=True).start()
    running.wait()
    return loop


def _within(seconds: float, ask: Callable[[], "Client"]) -> "Client | Exception":
    """What `ask` returns or raises; Dask itself waits for ever for a server that accepts and says nothing."""
    answers: queue.SimpleQueue[Client | Exception] = queue.SimpleQueue()

    def answer() -> None:
        try:
            answers.put(ask())
        except Exception as error:  # raised by whoever waits for it
            answers.put(error)

    threading.Thread(target=answer, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        return TimeoutError("something accepts connections there and says nothing")
