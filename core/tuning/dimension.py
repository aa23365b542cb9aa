"""One searched field: a list of values, or a range on a linear or a logarithmic scale."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, isfinite, log, log10
from typing import TYPE_CHECKING, Any, Literal

from core.fields import FIELDS, RunField, as_text
from core.words import listed

if TYPE_CHECKING:
    import numpy as np

SEARCHABLE = (
    "filters", "dense_units", "dropout", "epochs", "batch_size", "optimizer", "learning_rate", "momentum",
    "schedule", "decay", "augment", "scaling", "train_size",
)  # fmt: skip
POINTS = 5  # of a range in a grid, evenly apart on its scale, both ends among them
DIGITS = 4  # that a drawn number keeps: nobody tells finer steps apart, and they can be read and typed
NARROWEST = 1e-6  # range, as a share of its largest value
Scale = Literal["list", "lin", "log"]


class SpaceError(ValueError):
    """What cannot be searched, in one sentence that begins with the field."""


@dataclass(frozen=True)
class Dimension:
    """The values of a searched field: `values` of a list, or everything between the `ends` of a range."""

    field: str
    scale: Scale
    values: tuple[Any, ...] = ()
    ends: tuple[Any, ...] = ()  # least and largest, whole for a whole number

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        return FIELDS[self.field].whole

    @property
    def ordered(self) -> bool:
        """Whether it is a list of numbers from the least to the largest."""
        return FIELDS[self.field].kind == "number" and list(self.values) == sorted(self.values)

    @property
    def size(self) -> int | None:
        """How many values there are; None where there is no end of them."""
        if self.scale == "list":
            return len(self.values)
        return self.ends[1] - self.ends[0] + 1 if self.whole else None

    def points(self) -> list[Any]:
        """The values that a grid tries: the list, or five points of the range; whole ones only once."""
        if self.scale == "list":
            return list(self.values)
        shares = [step / (POINTS - 1) for step in range(POINTS)]
        return list(dict.fromkeys(self.at(share) for share in shares))

    def at(self, share: float, more: int = 0) -> Any:
        """The value so far along the range: 0 is its least, 1 its largest; with `more` digits than usual."""
        least, largest = self.ends
        if share in (0, 1):
            return self.ends[int(share)]
        if self.scale == "log":
            return self.rounded(exp(log(least) + share * (log(largest) - log(least))), more)
        return self.rounded(least + share * (largest - least), more)

    def rounded(self, value: float, more: int = 0) -> Any:
        """The nearest value that can be read: whole, or with few digits (and `more`), within the range."""
        least, largest = self.ends
        close = round(log10(largest / (largest - least)))  # digits that the ends have in common
        digits = DIGITS + close + more
        shown = round(value) if self.whole else float(f"{value:.{digits}g}")
        return min(max(shown, least), largest)

    def draw(self, rng: "np.random.Generator", more: int = 0) -> Any:
        """A value by chance, each of the list or place on the scale as likely; with `more` digits."""
        if self.scale == "list":
            return self.values[int(rng.integers(len(self.values)))]
        if not self.whole:
            return self.at(float(rng.random()), more)
        least, largest = self.ends[0] - 0.5, self.ends[1] + 0.5  # the ends as likely as what is between
        if self.scale == "log":
            return self.rounded(exp(rng.uniform(log(least), log(largest))))
        return self.rounded(rng.uniform(least, largest))


def read_dimension(field: str, text: str) -> Dimension:
    """The values that a text such as "log:1e-4..1e-1" or "sgd,adam" means for a field.

    Args:
        field: its name as in `RunConfig` or, with dashes, as in addresses.
        text: what was typed.

    Raises:
        SpaceError: a field that cannot be searched, or values that it cannot have.
    """
    name = field.strip().replace("-", "_")
    if name not in SEARCHABLE:
        raise SpaceError(f"{field.strip()}: cannot be searched (choose from {', '.join(_keys())})")
    scale, colon, rest = text.strip().partition(":")
    try:
        if colon and scale in ("lin", "log"):
            return _read_range(FIELDS[name], scale, rest)
        return _read_list(FIELDS[name], text)
    except ValueError as error:
        shown = text if len(text) <= 40 else text[:40] + "…"
        raise SpaceError(f"{FIELDS[name].key}: {shown!r} cannot be used ({error})") from None


def _keys() -> list[str]:
    return [FIELDS[name].key for name in SEARCHABLE]


def _read_range(field: RunField, scale: str, text: str) -> Dimension:
    if field.kind != "number":
        raise ValueError(f"only numbers have a range; {_possible(field)}")
    first, dots, last = text.partition("..")
    if not dots or not first.strip() or not last.strip():
        raise ValueError(f"a range is {scale}:least..largest")
    least, largest = _parsed(field, first), _parsed(field, last)
    if scale == "log" and least <= 0:
        raise ValueError("a log scale has no zero and nothing below it; begin above 0 or use lin:")
    if least > largest:
        raise ValueError("it is reversed: the least comes first")
    if least == largest:
        raise ValueError("it begins where it ends; give the one value without lin: or log:")
    if not field.whole and largest - least < NARROWEST * largest:
        raise ValueError("its ends are too close together to be told apart")
    ends = (_number(field, first), _number(field, last))
    return Dimension(field.name, "log" if scale == "log" else "lin", ends=ends)


def _read_list(field: RunField, text: str) -> Dimension:
    separator = ";" if field.kind == "numbers" else ","
    parts = [part.strip() for part in text.split(separator)]
    if not text.strip():
        raise ValueError(f"it is empty; {_possible(field)}")
    if "" in parts:
        raise ValueError("there is nothing between two separators")
    values = [_READERS[field.kind](field, part) for part in parts]
    twice = [value for place, value in enumerate(values) if value in values[:place]]
    if twice:
        raise ValueError(f"{as_text(twice[0])} is there twice")
    return Dimension(field.name, "list", values=tuple(values))


def _parsed(field: RunField, text: str) -> float:
    try:
        return int(text) if isinstance(field.limits[0], int) else float(text)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is none of its numbers; {_possible(field)}") from None


def _number(field: RunField, text: str) -> float:
    """A number within the limits of its field."""
    value = _parsed(field, text)
    least, largest = field.limits
    if not isfinite(value) or not least <= value <= largest:
        raise ValueError(f"{text.strip()} is outside its limits; {_possible(field)}")
    return value


def _numbers(field: RunField, text: str) -> list[int]:
    """Whole numbers between commas, as a list, which is what JSON makes of them too."""
    if text == "none":
        return []
    parts = text.split(",")
    if any(not part.strip() for part in parts):
        raise ValueError("there is nothing between two separators")
    return [int(_number(field, part)) for part in parts]


def _choice(field: RunField, text: str) -> str:
    if text not in field.choices:
        raise ValueError(f"{text!r} is none of its values; {_possible(field)}")
    return text


def _switch(field: RunField, text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is none of its values; {_possible(field)}")
    return text == "true"


_READERS: dict[str, Callable[[RunField, str], Any]] = {
    "number": _number, "numbers": _numbers, "choice": _choice, "switch": _switch,
}  # fmt: skip


def _possible(field: RunField) -> str:
    """What can be searched, as the end of a sentence."""
    least, largest = (as_text(limit) for limit in field.limits)
    if field.kind == "choice":
        return f"possible are {listed(field.choices)}"
    if field.kind == "switch":
        return "possible are true and false"
    if field.kind == "numbers":
        return f"numbers from {least} to {largest}, commas between them and a semicolon between candidates"
    numbers = "whole numbers" if field.whole else "numbers"
    return f"possible are {numbers} from {least} to {largest}, as a,b,c or as a range, log:a..b or lin:a..b"
