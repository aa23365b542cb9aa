"""The way to a Dask scheduler: its address, the files for TLS, and a client that is connected."""

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import Client

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
    security = None
    try:
        if tls:
            security = Security(
                tls_ca_file=tls.ca_file,
                tls_client_cert=tls.cert,
                tls_client_key=tls.key,
                require_encryption=True,
            )
        return Client(address, timeout=CONNECT, security=security, set_as_default=False, name="digit-derby")
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        why = str(error).partition("\n")[0] or type(error).__name__
        raise ClusterError(
            f"no Dask scheduler answers at {address} within {CONNECT:.0f} s ({why}); is the address right, "
            "and does `python -m dask scheduler` run there?"
        ) from error
