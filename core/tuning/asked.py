"""What a study is asked to do: one reader for the Tune page's form, its address and the command line.

Every option of a race fixes a field of all runs. A searched field has a key of its own in the address,
`search-learning-rate=log:1e-4..1e-1`, and is `--search learning-rate=log:1e-4..1e-1` on the command line,
once for each field.
"""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from core.fields import FIELDS, as_text
from core.races import setup
from core.races.launch import new_race_name
from core.races.setup import SHARED, Setup, default_threads, preset_values, refusal
from core.tuning import space
from core.tuning.study import CLUSTER, StudySpec

SEARCH = "search-"  # before a field's key in an address
OWN_KEYS = (
    "strategy", "trials", "minutes", "folds", "objective", "workers", "cluster", "common", "final-seeds",
)  # fmt: skip
SEARCH_KEYS = tuple(SEARCH + FIELDS[name].key for name in space.SEARCHABLE)
ADDRESS_KEYS = (*setup.ADDRESS_KEYS, *SEARCH_KEYS, *OWN_KEYS)
DEFAULT_TRIALS = 30  # where neither number nor time was asked for


# ── reading texts ───────────────────────────────────────────────────────────────────


def from_texts(
    texts: Mapping[str, str], datasets: Mapping[str, setup.Dataset], searches: Sequence[str] = ()
) -> tuple[StudySpec | None, list[str]]:
    """Reads what `changes` writes, wherever it was typed: form, address or command line.

    Args:
        texts: the values under the keys of a race and `ADDRESS_KEYS`; others are passed over.
        datasets: those there are, by name.
        searches: searched fields as the command takes them, "learning_rate=log:1e-4..1e-1".

    Returns:
        The study, or None where something cannot be used, and one sentence about each of those.
    """
    chosen, problems = setup.from_texts(texts, datasets)
    wanted = _searched(texts, searches, problems)
    own = _own_settings(texts, problems)
    if problems:
        return None, problems
    fixed = {
        name: _as_in_json(chosen.values[name]) for name in SHARED if name not in (*wanted, "fold", "folds")
    }
    if "threads" not in texts:
        fixed["threads"] = threads_each(own["workers"])
    spec = StudySpec(
        name=slug(chosen.name) or new_race_name(),
        title=chosen.name,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        frameworks=chosen.frameworks,
        seeds=chosen.seeds,
        fixed=fixed,
        search=wanted,
        **own,
    )
    problems = [*_at_odds(spec), *_space_problems(spec)]
    return (None if problems else spec), problems


def slug(title: str) -> str:
    """A name for folder and runs from what a visitor calls a study; empty where no letter can stay."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].strip("-")


def threads_each(workers: int) -> int:
    """How many threads a fit gets unless somebody says: the cores, shared among the workers."""
    return max(1, default_threads() // workers)


def _as_in_json(value: Any) -> Any:
    """The value as it comes back from study.json, so that a study equals itself read again."""
    return list(value) if isinstance(value, tuple) else value


def _searched(texts: Mapping[str, str], searches: Sequence[str], problems: list[str]) -> dict[str, str]:
    """The searched fields with their texts, in the order of the table of fields."""
    asked = [(key.removeprefix(SEARCH), text) for key, text in texts.items() if key.startswith(SEARCH)]
    for search in searches:
        field, equals, text = search.partition("=")
        if equals:
            asked.append((field, text))
        else:
            problems.append(refusal("search", search, ValueError("it is field=values")))
    wanted: dict[str, str] = {}
    for field, text in asked:
        try:
            name = space.read_dimension(field, text).field
        except space.SpaceError as error:
            problems.append(f"search {error}")
            continue
        if name in wanted:
            problems.append(f"search {FIELDS[name].key}: is there twice")
        elif _is_fixed(texts, name):
            problems.append(f"search {FIELDS[name].key}: cannot be searched and fixed at once")
        wanted[name] = text.strip()
    return {name: wanted[name] for name in space.SEARCHABLE if name in wanted}


def _is_fixed(texts: Mapping[str, str], name: str) -> bool:
    """Whether an option fixes the field; a switch that is off says nothing."""
    text = texts.get(FIELDS[name].key)
    return text is not None and not (FIELDS[name].kind == "switch" and text == "false")


def _own_settings(texts: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """What a study has beside the fields of its runs."""

    values: dict[str, Any] = {}
    for key in OWN_KEYS:
        name = key.replace("-", "_")
        values[name] = StudySpec.model_fields[name].default
        if text := texts.get(key, "").strip():
            try:
                values[name] = _READERS[key](text)
            except ValueError as error:
                problems.append(refusal(key, text, error))
    if values["trials"] is None:
        values["trials"] = default_trials(values["strategy"], values["minutes"])
    return values


def default_trials(strategy: str, minutes: float | None) -> int | None:
    """How many trials there are unless somebody says; None for a whole grid, or while there is time."""
    if strategy == "halving":
        return DEFAULT_TRIALS  # it has to know how many it halves
    return None if strategy == "grid" or minutes is not None else DEFAULT_TRIALS


def _cluster(text: str) -> str:
    if not re.fullmatch(CLUSTER, text):
        raise ValueError("the address of a scheduler is such as tcp://192.168.1.10:8786")
    return text


# What a text may be is what `StudySpec` takes.
_READERS: dict[str, Callable[[str], Any]] = {
    key: TypeAdapter(StudySpec.__annotations__[key.replace("-", "_")]).validate_python for key in OWN_KEYS
} | {"cluster": _cluster}


# ── what does not go together ───────────────────────────────────────────────────────


def _at_odds(spec: StudySpec) -> list[str]:
    """A sentence about each two settings of which one rules the other out."""
    problems = []
    if not spec.search and spec.folds is None:
        problems.append("search: nothing is searched; name a field, or folds that try one set-up")
    if spec.folds is not None and spec.fixed["start_from"]:
        problems.append("start-from: cannot be used with folds (that run has seen the images of other folds)")
    if spec.fixed["validation_size"] == 0:
        problems.append("validation-size: 0 cannot be used (a candidate's score is that on these images)")
    if spec.cluster and (spec.fixed["own_digits"] or spec.fixed["start_from"]):
        problems.append("cluster: cannot be used with own-digits or start-from, which lie on this machine")
    if spec.objective != "accuracy":
        problems += _against_true_times(spec)
    return problems


def _against_true_times(spec: StudySpec) -> list[str]:
    alone = f"must be left out with {spec.objective}: times measured beside other runs are not true"
    problems = [f"workers: {alone}"] if spec.workers > 1 else []
    problems += [f"cluster: {alone}"] if spec.cluster else []
    if spec.strategy == "halving":
        problems.append(
            f"strategy: halving cannot search for {spec.objective}, which a short run may not reach"
        )
    return problems


def _space_problems(spec: StudySpec) -> list[str]:
    try:
        space.check(spec)
    except space.SpaceError as error:
        return [f"search {error}"]
    return []


# ── writing them ────────────────────────────────────────────────────────────────────


def changes(spec: StudySpec) -> dict[str, str]:
    """What was said, and no more: as text under the keys that `from_texts` reads."""
    values = preset_values(spec.fixed["architecture"]) | spec.fixed
    threads = values["threads"]
    values["threads"] = default_threads()
    texts = Setup(spec.frameworks, spec.seeds, values, spec.title).changes()
    if threads != threads_each(spec.workers):
        texts["threads"] = as_text(threads)
    texts |= {SEARCH + FIELDS[name].key: text for name, text in spec.search.items()}
    default = {name: field.default for name, field in StudySpec.model_fields.items()}
    default["trials"] = default_trials(spec.strategy, spec.minutes)
    for key in OWN_KEYS:
        name = key.replace("-", "_")
        if (value := getattr(spec, name)) != default[name]:
            texts[key] = as_text(int(value) if isinstance(value, float) and value % 1 == 0 else value)
    return texts


def arguments(spec: StudySpec) -> list[str]:
    """The options of `python -m core tune` that start exactly this study."""
    switches = {"common", *(field.key for field in FIELDS.values() if field.kind == "switch")}
    found = []
    for key, text in changes(spec).items():
        if key.startswith(SEARCH):
            found += ["--search", f"{key.removeprefix(SEARCH)}={text}"]
        else:
            found += [f"--{key}"] if key in switches else [f"--{key}", text]
    return found


def command(spec: StudySpec) -> str:
    """The line to type in a terminal."""
    return shlex.join(["python", "-m", "core", "tune", *arguments(spec)])
