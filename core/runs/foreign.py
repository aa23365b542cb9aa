"""What notebooks and other programs write, in our words; and what a visitor tells of such a run."""

import re
from functools import cache
from typing import Any

from core import frameworks
from core.fields import FIELDS
from core.runs.records import RecordError
from core.words import missing

# What notebooks call a framework besides `core.frameworks.aliases`: letters only → one of those.
_ALSO = {
    "gradienttape": "tensorflow",
    "tftape": "tensorflow",
    "tfkeras": "keras",
    "tensorflowkeras": "keras",
    "kerastensorflow": "keras",
}
# Words of a device's description → the device; the first that fit decide.
_DEVICES = (
    ("cpu", r"cpu"),
    ("mps", r"mps|metal|apple"),
    ("cuda", r"cuda|gpu|nvidia|geforce|rtx|gtx|tesla"),
    ("cpu", r"intel|xeon|core i\d|amd|ryzen|epyc"),
)
# What can be told: everything but where a run went on from, which is a run of this folder.
TELLABLE = tuple(field for field in FIELDS.values() if field.name != "start_from")


def framework(name: str | None) -> str | None:
    """The key of the framework that goes by this name ("keras", "Torch 2.1"), else the name as it is."""
    return None if name is None else _names().get(_letters(name), name)


@cache
def _names() -> dict[str, str]:
    known = {_letters(name): key for name, key in frameworks.aliases().items()}
    return known | {name: known[alias] for name, alias in _ALSO.items() if alias in known}


def _letters(name: str) -> str:
    """Only the letters of a name: no case, no version, no signs."""
    return re.sub(r"[^a-z]", "", re.sub(r"\bv?\d[\d.]*\S*", "", name.lower()))


def device(text: str | None) -> str | None:
    """The device that a description names ("cuda:0", "CPU (Intel i7)"), else the text as it is."""
    if text is None:
        return None
    known = [name for name, words in _DEVICES if re.search(rf"(?<![a-z]){words}(?![a-z])", text.lower())]
    both = {"cpu", "cuda"} <= set(known) and re.search("cpu", text.lower())
    return text if both or not known else known[0]


def fill_in(metrics: dict[str, Any], told: dict[str, Any]) -> list[str]:
    """Puts what was told where the metrics file says nothing; returns the names of those fields.

    Raises:
        RecordError: a value that the field cannot have.
    """
    config = metrics.get("config")
    if config is None:
        config = metrics["config"] = {}
    if not told or not isinstance(config, dict):
        return []
    heard = []
    for field in TELLABLE:
        if field.name not in told or not missing((metrics if field.top_level else config).get(field.name)):
            continue
        _check(field.name, told[field.name])
        (metrics if field.top_level else config)[field.name] = told[field.name]
        heard.append(field.name)
    if heard:
        config.setdefault("architecture", metrics.get("architecture"))  # the layers follow from it
    return heard


def _check(name: str, value: Any) -> None:
    field = FIELDS[name]
    if field.kind == "choice" and value not in field.choices:
        raise RecordError(f"{field.word} was told to be {value!r}; it is one of {', '.join(field.choices)}")
    if field.kind == "number":
        least, largest = field.limits
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= largest:
            raise RecordError(f"{field.word} was told to be {value!r}; it lies from {least} to {largest}")
