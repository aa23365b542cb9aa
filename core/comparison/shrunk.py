"""What shrinking did to a model, in words: answers that change, size and speed, the gate, four bits."""

from collections.abc import Sequence

from core.comparison.findings import NO_DIFFERENCE
from core.comparison.published import Published, at_least
from core.comparison.significance import SIGNIFICANCE
from core.runs.shrunk import GATE, VARIANTS, Drawn, Shrunk, instead_of
from core.words import UNKNOWN, file_size, milliseconds, number_word, p_value, percent, points, whole

# What each runtime runs in fewer bits, and what it runs as floats.
PAIRS = (("onnx-int8", "onnx"), ("tflite-int8", "tflite"))
FASTER = 1.15  # times: medians in turns that lie closer than that can be the machine's mood
SMALLER = 1.1  # times
FOUR_BITS = "c-int4"


def changes(shrunk: Shrunk) -> str:
    """Such as "7 of 10,000 answers change: 3 better, 4 worse; no real difference" (McNemar's test)."""
    total = f"{shrunk.images:,}"
    if not shrunk.changed:
        return f"None of {total} answers changes"
    verb = "answer changes" if shrunk.changed == 1 else "answers change"
    counts = [f"{shrunk.better} better", f"{shrunk.worse} worse"]
    if rest := shrunk.changed - shrunk.better - shrunk.worse:
        counts.append(f"{rest} wrong either way")
    told = f"{shrunk.changed:,} of {total} {verb}: {', '.join(counts)}"
    if shrunk.p < SIGNIFICANCE:
        return f"{told}; a real difference (p = {p_value(shrunk.p)})".replace("= <", "<")
    return f"{told}; {NO_DIFFERENCE}"


def on_drawn(drawn: Drawn) -> str:
    """Such as "12 of 4,203 change, 97.9 % → 97.8 % right"."""
    before, after = (percent(right / drawn.images, 1) for right in (drawn.float_correct, drawn.correct))
    if not drawn.changed:
        return f"none of {drawn.images:,} changes, {after} right"
    verb = "changes" if drawn.changed == 1 else "change"
    return f"{drawn.changed:,} of {drawn.images:,} {verb}, {before} → {after} right"


def gate(losing: Shrunk, variants: Sequence[Shrunk]) -> str:
    """What a variant loses that loses too much, and which of its siblings does not."""
    title = VARIANTS[losing.variant].title
    lost = (
        f"{title} loses {points(losing.lost / 100)} points of accuracy ({percent(losing.accuracy)} instead "
    )
    said = f"{lost}of {percent(losing.float_accuracy)}): more than {GATE:g} is too much for a smaller file."
    other = instead_of(losing, variants)
    if other is None:
        return f"{said} None of the other variants avoids that."
    kept = f"{VARIANTS[other.variant].title} ({percent(other.accuracy)}, {file_size(other.bytes_on_disk)})"
    return f"{said} Take {kept}."


def size_and_speed(variants: Sequence[Shrunk]) -> list[tuple[str, str]]:
    """How much smaller 8 bits are than floats in each runtime, and whether faster here: finding, figures."""
    made = {shrunk.variant: shrunk for shrunk in variants}
    return [_against(made[few], made[full]) for few, full in PAIRS if few in made and full in made]


def _against(few: Shrunk, full: Shrunk) -> tuple[str, str]:
    ratio = full.bytes_on_disk / few.bytes_on_disk
    smaller = f"{_times(ratio)} smaller" if ratio >= SMALLER else "no smaller"
    said = f"In 8 bits, the file for {VARIANTS[few.variant].runtime} is {smaller}"
    if (now := _latencies(few)) is None or (before := _latencies(full)) is None:
        return f"{said}.", ""
    one, many = (_speed(*pair) for pair in zip(now, before, strict=True))
    how = one if one == many else f"{one} for one image, {many} for a thousand"
    took = [f"{latency(after)} instead of {latency(first)}" for after, first in zip(now, before, strict=True)]
    return f"{said}; on this processor it is {how}.", f"One image takes {took[0]}, a thousand take {took[1]}."


def _latencies(shrunk: Shrunk) -> tuple[float, float] | None:
    one, thousand = shrunk.latency_one_ms, shrunk.latency_thousand_ms
    return (one, thousand) if one and thousand else None


def _speed(now: float, before: float) -> str:
    """Such as "not faster", "not faster but slower" or "1.4 times as fast"."""
    if before >= FASTER * now:
        return f"{_times(before / now)} as fast"
    return "not faster but slower" if now >= FASTER * before else "not faster"


def latency(value: float | None) -> str:
    """Milliseconds, with decimals that tell models apart: "0.043 ms", "3.45 ms", "19.8 ms", "1,410 ms"."""
    if value is None:
        return UNKNOWN
    if value >= 20:
        return whole(value, "ms")
    return milliseconds(value, 3 if value < 0.1 else 2 if value < 10 else 1)


def _times(ratio: float) -> str:
    """Such as "four times", or "2.6 times" where it is no whole number."""
    near = round(ratio)
    return f"{number_word(near) if abs(ratio - near) < 0.06 * near else f'{ratio:.1f}'} times"


def four_bits(variants: Sequence[Shrunk]) -> str:
    """Where the variant of four bits a weight stands among the published networks; empty without one."""
    shrunk = next((one for one in variants if one.variant == FOUR_BITS), None)
    if shrunk is None:
        return ""
    said = (
        f"With 4 bits a weight, the network takes {file_size(shrunk.bytes_of_weights)} and {_reads(shrunk)}."
    )
    other = at_least(shrunk.accuracy)
    if other is None:
        return f"{said} None of the published networks here reads as well."
    return f"{said} {_not_reached(shrunk, other)}"


def _reads(shrunk: Shrunk) -> str:
    return f"reads {percent(shrunk.accuracy)} of the test images right"


def _not_reached(shrunk: Shrunk, other: Published) -> str:
    near = f"{other.name}, reads {percent(other.accuracy)} with {file_size(other.size)}"
    ratio = shrunk.bytes_of_weights / other.size
    if ratio <= 1:
        return f"That is no larger than the published network that reads as well ({near})."
    return (
        f"That is not reached here: {near}, {_times(ratio)} smaller. It learned with so few bits from the "
        "start and is another network; here the weights of a finished model were only rounded."
    )


def form(variant: str) -> str:
    """What a weight of this variant takes: "float", "8 bits" or "4 bits"."""
    return {"int8": "8 bits", "int4": "4 bits"}.get(variant.rpartition("-")[2], "float")
