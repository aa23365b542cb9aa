"""The set-up of a race: one form for the Train page's fields, its URL and the command line."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from core import frameworks
from core.architectures import PRESETS, Architecture
from core.config import LIMITS, RunConfig
from core.machine.environment import available_cores

# What a visitor can change, besides frameworks and seeds; flags and URL keys are these with dashes.
FIELDS = (
    "architecture", "dataset", "protocol",
    "epochs", "batch_size", "optimizer", "learning_rate", "momentum", "schedule", "decay",
    "filters", "dense_units", "dropout",
    "scaling", "augment", "validation_size", "train_size",
    "device", "threads",
)  # fmt: skip
KEYS = ("frameworks", "seeds", *(field.replace("_", "-") for field in FIELDS))
MOST_SEEDS = 20


@dataclass(frozen=True)
class Setup:
    """Frameworks × seeds, all trained with the same values (`RunConfig` without framework and seed)."""

    frameworks: tuple[str, ...]
    seeds: tuple[int, ...]
    values: dict[str, Any]

    @classmethod
    def default(cls, architecture: str = "small-cnn") -> "Setup":
        """All frameworks with the preset's recipe and every core of this machine."""
        return cls(tuple(frameworks.names()), (0,), preset_values(architecture))

    def configs(self) -> list[RunConfig]:
        """One validated configuration per run, in the order in which they train.

        Raises:
            pydantic.ValidationError: a value out of range, or values that do not go together.
        """
        return [
            RunConfig(framework=framework, seed=seed, **self.values)
            for seed in self.seeds
            for framework in self.frameworks
        ]

    def network(self) -> Architecture:
        """The layers that every run trains."""
        return RunConfig(framework="any", **self.values).network

    def changes(self) -> dict[str, str]:
        """What differs from the default set-up of the preset, as text under `KEYS`."""
        default = Setup.default(self.values["architecture"])
        texts = {}
        if self.frameworks != default.frameworks:
            texts["frameworks"] = ",".join(self.frameworks)
        if self.seeds != default.seeds:
            texts["seeds"] = ",".join(map(str, self.seeds))
        for field in FIELDS:
            value = self.values[field]
            unlike = "small-cnn" if field == "architecture" else default.values[field]
            if value != unlike:
                texts[field.replace("_", "-")] = as_text(value)
        return texts

    def arguments(self) -> list[str]:
        """The flags of `python -m core race` that start exactly this race."""
        arguments = []
        for key, text in self.changes().items():
            if key == "augment":
                arguments.append("--augment")
            else:
                arguments += [f"--{key}", text]
        return arguments

    def command(self) -> str:
        """The line to type in a terminal."""
        return shlex.join(["python", "-m", "core", "race", *self.arguments()])


def default_threads() -> int:
    """How many threads a run gets unless somebody says: one a core."""
    return min(available_cores(), LIMITS["threads"][1])


def preset_values(architecture: str) -> dict[str, Any]:
    """Every field with the preset's recipe filled in."""
    config = RunConfig.from_preset("any", architecture, threads=default_threads())
    return {field: getattr(config, field) for field in FIELDS}


def as_text(value: Any) -> str:
    """A value as the URL and the command line write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return str(value)


def from_texts(texts: Mapping[str, str]) -> tuple[Setup, list[str]]:
    """Reads what `Setup.changes` writes, from a URL that anybody may have edited.

    Returns:
        The set-up, with defaults in place of what cannot be used, and one sentence about each of those.
    """
    problems: list[str] = []
    architecture = texts.get("architecture", "small-cnn")
    if architecture not in PRESETS:
        problems.append(_refusal("architecture", architecture, f"choose from {', '.join(PRESETS)}"))
        architecture = "small-cnn"
    setup = Setup.default(architecture)
    values = dict(setup.values)
    for field in FIELDS[1:]:
        key = field.replace("_", "-")
        if key in texts:
            try:
                values[field] = _checked(values, field, texts[key])
            except ValueError as error:
                problems.append(_refusal(key, texts[key], _reason(error)))
    chosen = _frameworks(texts.get("frameworks", "all"), problems)
    return Setup(chosen, _seeds(texts.get("seeds", "0"), problems), values), problems


def _refusal(key: str, text: str, reason: str) -> str:
    shown = text if len(text) <= 40 else text[:40] + "…"
    return f"{key}: {shown!r} cannot be used ({reason}); the default stays."


def _reason(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    message = error.errors()[0]["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def _checked(values: dict[str, Any], field: str, text: str) -> Any:
    """The field's value from its text, valid together with the others."""
    raw: Any = text
    if field == "filters":
        raw = numbers(text)
    return getattr(RunConfig.model_validate({"framework": "any", **values, field: raw}), field)


def numbers(text: str) -> tuple[int, ...]:
    """Whole numbers between commas; "none" for no number at all.

    Raises:
        ValueError: anything else.
    """
    try:
        return tuple(int(part) for part in text.split(",") if part.strip()) if text != "none" else ()
    except ValueError:
        raise ValueError("whole numbers with commas between them are allowed") from None


def _frameworks(text: str, problems: list[str]) -> tuple[str, ...]:
    known = frameworks.names()
    if text == "all":
        return tuple(known)
    asked = [part.strip() for part in text.split(",") if part.strip()]
    chosen = tuple(name for name in known if name in asked)
    if not chosen or set(asked) - set(known):
        problems.append(_refusal("frameworks", text, f"choose from {', '.join(known)}"))
    return chosen or tuple(known)


def _seeds(text: str, problems: list[str]) -> tuple[int, ...]:
    try:
        return read_seeds(text)
    except ValueError as error:
        problems.append(_refusal("seeds", text, str(error)))
        return (0,)


def read_seeds(text: str) -> tuple[int, ...]:
    """Seeds between commas, each once.

    Raises:
        ValueError: none, too many, or something that is not a seed.
    """
    seeds = tuple(dict.fromkeys(numbers(text)))
    if not 1 <= len(seeds) <= MOST_SEEDS or any(not 0 <= seed < 2**31 for seed in seeds):
        raise ValueError(f"1 to {MOST_SEEDS} whole numbers from 0 on, with commas between them")
    return seeds
