"""Numbers and names in words: one way to write each, for pages, report and terminal.

Every training process and the first page import this: nothing but the standard library.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import isnan
from typing import Any

UNKNOWN = "–"  # stands where a number is missing
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def missing(value: Any) -> bool:
    """Whether nobody says: None or NaN."""
    return value is None or (isinstance(value, float) and isnan(value))


# ── shares ──────────────────────────────────────────────────────────────────────────


def percent(fraction: float | None, digits: int = 2) -> str:
    """A fraction such as 0.9902 as "99.02 %"."""
    return UNKNOWN if fraction is None or isnan(fraction) else f"{100 * fraction:.{digits}f} %"


def points(fraction: float | None) -> str:
    """A difference of two fractions, or their spread, in percentage points: 0.0012 as "0.12"."""
    return UNKNOWN if fraction is None or isnan(fraction) else f"{100 * fraction:.2f}"


def interval(low: float | None, high: float | None) -> str:
    """An interval of fractions in per cent, such as "98.80 – 99.19"; the unit stands in the heading."""
    return UNKNOWN if low is None or isnan(low) else f"{points(low)} – {points(high)}"


def confidence(probability: float) -> str:
    """How sure a model is: one decimal, and never a 100 % that was only rounded up."""
    return percent(probability, 1) if probability < 0.9995 else "> 99.9 %"


def p_value(p: float) -> str:
    """A p value to three decimals, such as "0.041" or "< 0.001"."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


# ── time and size ───────────────────────────────────────────────────────────────────


def seconds(value: float | None) -> str:
    """Seconds to be compared with others: three digits or so, such as "8.4 s" or "1,234 s"."""
    if value is None or isnan(value):
        return UNKNOWN
    return f"{value:,.0f} s" if value >= 100 else f"{value:.1f} s"


def span(low: float | None, high: float | None) -> str:
    """From the fastest to the slowest of several times, such as "8.4 to 9.1 s"."""
    if low is None or high is None or isnan(low) or isnan(high):
        return UNKNOWN
    first, last = seconds(low), seconds(high)
    return last if first == last else f"{first.removesuffix(' s')} to {last}"


def duration(value: float | None) -> str:
    """Seconds as a clock shows them: "8.4 s", "42 s", "3:05 min", "1:02:09 h"."""
    if value is None or isnan(value):
        return UNKNOWN
    if value < 9.95:
        return f"{value:.1f} s"
    if value < 60:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} h" if hours else f"{minutes}:{rest:02} min"


def milliseconds(value: float | None, digits: int = 2) -> str:
    """Such as "0.84 ms"."""
    return UNKNOWN if value is None or isnan(value) else f"{value:.{digits}f} ms"


def megabytes(size: float | None, digits: int = 2) -> str:
    """Bytes as MB (10⁶), such as "1.66 MB"."""
    return UNKNOWN if size is None or isnan(size) else f"{size / 1e6:.{digits}f} MB"


def file_size(size: float | None) -> str:
    """Bytes in the unit that fits: "812 B", "5.4 kB", "207 kB", "1.66 MB"."""
    if size is None or isnan(size):
        return UNKNOWN
    if size < 999.5:
        return f"{size:.0f} B"
    if size < 999_500:
        return f"{size / 1e3:.{1 if size < 99_950 else 0}f} kB"
    return megabytes(size)


def moment(when: datetime, now: datetime | None = None) -> str:
    """A time of day as people say it: "Tue 04:43" within a week, "20 Nov 04:43", "20 Nov 2025 04:43"."""
    now = now or datetime.now(when.tzinfo)
    if timedelta(0) <= now - when < timedelta(days=6):
        return f"{when:%a %H:%M}"
    return f"{when.day} {when:%b %H:%M}" if when.year == now.year else f"{when.day} {when:%b %Y %H:%M}"


# ── counts ──────────────────────────────────────────────────────────────────────────


def whole(value: float | None, unit: str = "") -> str:
    """A large number without decimals, its thousands apart: "4,681", or "812 MB" with a unit."""
    return UNKNOWN if value is None or isnan(value) else f"{value:,.0f} {unit}".rstrip()


def counted(number: int, noun: str) -> str:
    """Such as "1 seed", "3 seeds"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def number_word(number: int) -> str:
    """A count as a sentence writes it: "five", and digits from eleven on."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def ordinal(number: int) -> str:
    """A place such as "1st", "2nd", "3rd", "11th"."""
    endings = {1: "st", 2: "nd", 3: "rd"} if number % 100 not in (11, 12, 13) else {}
    return f"{number}{endings.get(number % 10, 'th')}"


# ── anything ────────────────────────────────────────────────────────────────────────


def show(value: Any) -> str:
    """Any value of a table: yes or no, whole numbers without a point, a dash for what is missing.

    Two numbers look alike only when they are equal: settings in words decide what may be ranked.
    """
    value = value.item() if hasattr(value, "item") else value  # NumPy's bool is none of Python's
    if missing(value):
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    short = f"{value:.6g}"
    return short if float(short) == value else repr(value)


def joined(classes: Sequence[str]) -> str:
    """Classes read from left to right, such as "2026", or "shirt · shoe" where they are longer."""
    return ("" if all(len(name) == 1 for name in classes) else " · ").join(classes)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence, such as "A", "A and B", "A, B and C"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
