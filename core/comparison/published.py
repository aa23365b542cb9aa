"""Networks for MNIST on microcontrollers that somebody published: bytes of weights, and test accuracy."""

from dataclasses import dataclass

DATASET = "mnist"


@dataclass(frozen=True)
class Published:
    """One published network; `size` is that of its weights in bytes, `accuracy` a fraction."""

    name: str
    size: float
    accuracy: float
    source: str


_CNN = "cpldcpu/BitNetMCU, docs/documentation_cnn.md (2025)"
_DENSE = "cpldcpu/BitNetMCU, docs/documentation_2026.md (2026)"

# All of them learned with few bits from the start, on images made 16 × 16. The CNNs' sizes are told in bits
# there, that of the dense blocks in KiB.
PUBLISHED = (
    Published("BitNetMCU CNN, 16 wide, 2 bits", 42_880 / 8, 0.9906, _CNN),
    Published("BitNetMCU CNN, 32 wide, 2 bits", 58_624 / 8, 0.9928, _CNN),
    Published("BitNetMCU CNN, 48 wide, 2 bits", 74_368 / 8, 0.9944, _CNN),
    Published("BitNetMCU overlapping dense blocks, 4 bits", 9.7 * 1024, 0.9937, _DENSE),
    Published("BitNetMCU CNN, 64 wide, 2 bits", 90_112 / 8, 0.9955, _CNN),
    Published("BitNetMCU CNN, 96 wide, three values", 106_854 / 8, 0.9958, _CNN),
)
SOURCES = f"{_CNN}; {_DENSE}"


def at_least(accuracy: float) -> Published | None:
    """The smallest published network that reads at least as well; None where none does."""
    return min((one for one in PUBLISHED if one.accuracy >= accuracy), key=lambda one: one.size, default=None)
