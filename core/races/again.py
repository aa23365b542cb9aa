"""Races that repeat runs: the same set-up once more, or the same clocks in turns."""

from collections.abc import Iterable
from pathlib import Path

from core.config import RunConfig
from core.races.setup import SHARED, Setup
from core.runs import records

TURNS = 3  # of a race for the clock: fewer say nothing about how much a run varies


def setup_again(artifacts: Path, runs: Iterable[str]) -> Setup | None:
    """The set-up that trains these runs once more; None where none of them says how it was trained.

    Of runs with different set-ups those count that share the first one's.
    """
    configs = []
    for run in runs:
        try:
            configs.append(records.read_config(artifacts, run)[0])
        except records.RecordError:
            continue  # a metrics file from elsewhere
    return Setup.of(configs) if configs else None


def repeatable(artifacts: Path, runs: Iterable[str]) -> list[str]:
    """Of these runs one of each kind, framework and values, that can be trained again.

    The seed decides no time, so runs that differ in nothing else are one kind.
    """
    kinds: dict[tuple, str] = {}
    for run in runs:
        try:
            config, _ = records.read_config(artifacts, run)
        except records.RecordError:
            continue
        kinds.setdefault((config.framework, *(getattr(config, name) for name in SHARED)), run)
    return list(kinds.values())


def configs_again(artifacts: Path, runs: Iterable[str]) -> list[RunConfig]:
    """How these runs were trained, in this order.

    Raises:
        core.runs.records.RecordError: one of them does not say.
    """
    return [records.read_config(artifacts, run)[0] for run in runs]


def again_arguments(runs: Iterable[str], turns: int = TURNS) -> list[str]:
    """The options of `python -m core race` that repeat these runs in turns."""
    return ["--again", ",".join(runs), "--repeats", str(turns)]
