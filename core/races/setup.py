"""The set-up of a race: one reader for the Train page's form, its address and the command line."""

import shlex
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError

from core import frameworks
from core.architectures import Architecture, with_preset
from core.charts.colours import order
from core.config import RunConfig
from core.fields import FIELDS, as_text
from core.machine.environment import available_cores
from core.runs.records import MOST_TITLE

# What all runs of a race share, the network first: it decides what the others are by default.
_OTHERS = (name for name, field in FIELDS.items() if not field.several and name != "architecture")
SHARED = ("architecture", *_OTHERS)
NAME = "name"  # of the race, beside what decides its runs
KEYS = (*(field.key for field in FIELDS.values() if field.place != "follows"), NAME)  # options of the command
ADDRESS_KEYS = (*(field.key for field in FIELDS.values() if field.in_form), NAME)
MOST_SEEDS = 20
# How a model goes on with somebody's own digits: chosen by `tests/benchmarks/further.py`.
FURTHER: dict[str, Any] = {"learning_rate": 0.0005, "schedule": "one-cycle", "train_size": 20_000}
T = TypeVar("T")


class Dataset(Protocol):
    """What a set-up has to know of a dataset (`core.data.catalogue.DatasetInfo` does)."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, as many as the network has outputs."""

    @property
    def content(self) -> str:
        """A hash of an imported dataset, else empty."""


@dataclass(frozen=True)
class Setup:
    """Frameworks × seeds, all trained with the same values (`RunConfig` without framework and seed).

    `name` is what the visitor calls the race, empty for none; it decides nothing.
    """

    frameworks: tuple[str, ...]
    seeds: tuple[int, ...]
    values: dict[str, Any]
    name: str = ""

    @classmethod
    def default(cls, architecture: str = "small-cnn") -> "Setup":
        """All frameworks with the preset's recipe and every core of this machine."""
        return cls(all_frameworks(), (0,), preset_values(architecture))

    @classmethod
    def further_training(cls, run: str, config: RunConfig, epochs: int = 1) -> "Setup":
        """One run that goes on from `run`, which was trained as `config`, with the visitor's digits added."""
        values = {name: getattr(config, name) for name in SHARED}
        values |= {"epochs": epochs, "device": "auto", "threads": default_threads()} | FURTHER
        values |= {"start_from": run, "own_digits": True}
        return cls((config.framework,), (config.seed,), values)

    @classmethod
    def of(cls, configs: Sequence[RunConfig]) -> "Setup":
        """The race that trains these runs again: all that share the first one's values."""
        values = {name: getattr(configs[0], name) for name in SHARED}
        alike = [one for one in configs if all(getattr(one, name) == values[name] for name in SHARED)]
        chosen = tuple(dict.fromkeys(one.framework for one in alike))
        seeds = tuple(dict.fromkeys(one.seed for one in alike))
        return cls(chosen, seeds, _without_the_presets_own(values))

    def mended(self, remedy: Mapping[str, Any]) -> "Setup":
        """The same with other values in some fields; what is no field that the runs share is passed over."""
        return replace(self, values=self.values | {name: remedy[name] for name in SHARED if name in remedy})

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
            texts["frameworks"] = as_text(self.frameworks)
        if self.seeds != default.seeds:
            texts["seeds"] = as_text(self.seeds)
        for name in SHARED:
            if FIELDS[name].place == "follows":
                continue
            unlike = "small-cnn" if name == "architecture" else default.values[name]
            if self.values[name] != unlike:
                texts[FIELDS[name].key] = as_text(self.values[name])
        return texts | ({NAME: self.name} if self.name else {})

    def arguments(self) -> list[str]:
        """The options of `python -m core race` that start exactly this race."""
        switches = {field.key for field in FIELDS.values() if field.kind == "switch"}
        arguments = []
        for key, text in self.changes().items():
            arguments += [f"--{key}"] if key in switches else [f"--{key}", text]
        return arguments

    def command(self) -> str:
        """The line to type in a terminal."""
        return shlex.join(["python", "-m", "core", "race", *self.arguments()])


def all_frameworks() -> tuple[str, ...]:
    """Every framework, in the order in which they are shown."""
    return tuple(order(frameworks.names()))


def default_threads() -> int:
    """How many threads a run gets unless somebody says: one a core."""
    return min(available_cores(), int(FIELDS["threads"].limits[1]))


def preset_values(architecture: str) -> dict[str, Any]:
    """Every field that the runs share, with the preset's recipe filled in."""
    config = RunConfig.from_preset("any", architecture, threads=default_threads())
    return {name: getattr(config, name) for name in SHARED}


# ── reading texts ───────────────────────────────────────────────────────────────────


def from_texts(texts: Mapping[str, str], datasets: Mapping[str, Dataset]) -> tuple[Setup, list[str]]:
    """Reads what `Setup.changes` writes, wherever it was typed: form, address or command line.

    Args:
        texts: the values under `KEYS`; others are passed over.
        datasets: those there are, by name.

    Returns:
        The set-up, with defaults in place of what cannot be used, and one sentence about each of those.
    """
    problems: list[str] = []
    values: dict[str, Any] = preset_values("small-cnn")
    for name in SHARED:
        key = FIELDS[name].key
        if key not in texts or FIELDS[name].place == "follows":
            continue
        try:
            value = _checked(values, name, texts[key], datasets)
        except ValueError as error:
            problems.append(refusal(key, texts[key], error))
            continue
        if name == "architecture":
            values = preset_values(value)  # comes first; the rest changes its recipe
        values[name] = value
    values |= _following(values["dataset"], datasets)
    chosen = _read(texts, "frameworks", read_frameworks, "all", problems)
    seeds = _read(texts, "seeds", read_seeds, "0", problems)
    name = _read(texts, NAME, read_name, "", problems)
    return Setup(chosen, seeds, _without_the_presets_own(values), name), problems


def refusal(key: str, text: str, error: ValueError) -> str:
    """What cannot be used and what could be, in one line: every answer to a bad value is this one."""
    reason = str(error)
    if isinstance(error, ValidationError):
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
    shown = text if len(text) <= 40 else text[:40] + "…"
    return f"{key}: {shown!r} cannot be used ({reason[:1].lower()}{reason[1:]})"


def _following(dataset: str, datasets: Mapping[str, Dataset]) -> dict[str, Any]:
    """The fields that follow from the dataset."""
    if dataset not in datasets:
        return {}
    return {
        "classes": len(datasets[dataset].class_names),
        "dataset_content": datasets[dataset].content or None,
    }


def _checked(values: dict[str, Any], name: str, text: str, datasets: Mapping[str, Dataset]) -> Any:
    """The field's value from its text, valid together with the others."""
    if name == "dataset" and text not in datasets:
        raise ValueError(f"choose from {', '.join(datasets)}")
    raw = numbers(text) if FIELDS[name].kind == "numbers" else text
    return getattr(RunConfig.model_validate({"framework": "any", **values, name: raw}), name)


def _read(
    texts: Mapping[str, str], key: str, read: Callable[[str], T], default: str, problems: list[str]
) -> T:
    try:
        return read(texts.get(key, default))
    except ValueError as error:
        problems.append(refusal(key, texts[key], error))
        return read(default)


def _without_the_presets_own(values: dict[str, Any]) -> dict[str, Any]:
    """The values with None, which keeps the preset's, for layers that say the same as the preset."""
    preset = values["architecture"]
    own = zip(("filters", "dense_units", "dropout"), with_preset(preset, None, None, None), strict=True)
    return values | {name: None for name, value in own if values[name] == value}


def numbers(text: str) -> tuple[int, ...]:
    """Whole numbers between commas; "none" for no number at all.

    Raises:
        ValueError: anything else.
    """
    try:
        return tuple(int(part) for part in text.split(",") if part.strip()) if text != "none" else ()
    except ValueError:
        raise ValueError("whole numbers with commas between them are allowed") from None


def read_frameworks(text: str) -> tuple[str, ...]:
    """Frameworks between commas, each once, in this order; "all" for every one, "torch" for PyTorch.

    Raises:
        ValueError: none, or one that is not there.
    """
    known = all_frameworks()
    if text == "all":
        return known
    words, aliases = [part.strip() for part in text.split(",") if part.strip()], frameworks.aliases()
    asked = [aliases.get(word.lower(), word) for word in words]
    if not asked or set(asked) - set(known):
        raise ValueError(f"choose all or {', '.join(known)}")
    return tuple(dict.fromkeys(asked))


def read_seeds(text: str) -> tuple[int, ...]:
    """Seeds between commas, each once.

    Raises:
        ValueError: none, too many, or something that is not a seed.
    """
    seeds = tuple(dict.fromkeys(numbers(text)))
    least, largest = FIELDS["seed"].limits
    if not 1 <= len(seeds) <= MOST_SEEDS or any(not least <= seed <= largest for seed in seeds):
        raise ValueError(f"1 to {MOST_SEEDS} whole numbers from 0 on, with commas between them")
    return seeds


def read_name(text: str) -> str:
    """A name for a race in one line, without what cannot be shown; empty for none.

    Raises:
        ValueError: longer than a run's own name may be.
    """
    shown = text.encode("utf-8", "ignore").decode()  # a terminal's bytes that are no UTF-8 are left out
    name = " ".join("".join(" " if unicodedata.category(one) == "Cc" else one for one in shown).split())
    if len(name) > MOST_TITLE:
        raise ValueError(f"at most {MOST_TITLE} characters are allowed")
    return name
