"""Which runs may be ranked together, and what to call them."""

import hashlib
from dataclasses import dataclass, replace

import pandas as pd

from core import frameworks
from core.charts.colours import order
from core.comparison.results import in_words, of_study
from core.fields import FIELDS, USED_WITH
from core.runs import records
from core.words import counted, moment, show

# Everything beyond framework and seed that decides a result: runs are ranked together when all match.
SETTINGS = {field.name: field.word for field in FIELDS.values() if field.compared != "never"}
_NEEDED_SETTINGS = [field.name for field in FIELDS.values() if field.compared == "always"]
NEEDED = ("framework", "test_accuracy", *_NEEDED_SETTINGS)  # unknown means not rankable


# ── names ───────────────────────────────────────────────────────────────────────────


def run_labels(frame: pd.DataFrame) -> dict[str, str]:
    """A short name for each run: its own title or its framework, and what tells it from the others.

    A title that several have, such as the name of their race, stands behind the framework where it tells.
    """
    frame = frame.assign(race_title=frame.title.where(frame.title != frame.run))
    titled = frame.race_title.notna() & ~frame.title.duplicated(keep=False)
    labels = frame.title.where(titled | frame.framework.isna(), frame.framework.map(frameworks.title))
    speaks_for_itself = ("race_title", "dataset", "architecture", "protocol", "created", "run")
    for column in ("race_title", *SETTINGS, "seed", "created", "run"):
        if frame[column].nunique(dropna=False) < 2:
            continue
        values = _moments(frame.created) if column == "created" else in_words(frame[column])
        differs = values.groupby(labels).transform("nunique") > 1  # among the runs called alike so far
        tells = differs & ~titled & frame[column].notna()
        word = "" if column in speaks_for_itself else f"{SETTINGS.get(column, column)} "
        labels = labels.where(~tells, labels + f", {word}" + values)
    labels = labels.where(~labels.duplicated(keep=False), labels + " · " + frame.run)
    return dict(zip(frame.run, labels, strict=True))


def _moments(created: pd.Series) -> pd.Series:
    """Times as people say them; what is no time stays as it is."""
    times = pd.to_datetime(created, errors="coerce", utc=True, format="ISO8601")
    words = [moment(time.astimezone()) for time in times.dropna().dt.to_pydatetime()]
    return in_words(created).mask(times.notna(), pd.Series(words, times.dropna().index, dtype=object))


# ── groups ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Group:
    """Runs that may be ranked together."""

    settings: dict[str, str]  # in words, keys of SETTINGS
    runs: list[str]
    frameworks: list[str]
    seeds: int
    reference: bool  # holds nothing but reference runs
    of_study: bool  # holds nothing but the fresh runs at the end of studies
    newest: str
    machine: str
    title: str = ""  # such as "mnist · small-cnn · controlled · 5 epochs (5 frameworks, 3 seeds)"

    @property
    def key(self) -> str:
        """A short name for links; the same as long as the settings are."""
        words = "\n".join(f"{name}={value}" for name, value in self.settings.items())
        words += f"\n{self.reference} {self.machine}"
        return hashlib.sha256(words.encode()).hexdigest()[:8]


def unranked(frame: pd.DataFrame) -> dict[str, str]:
    """Runs that no ranking takes, each with the reason."""
    reasons: dict[str, list[str]] = {}
    for column in NEEDED:
        for run in frame.index[frame[column].isna()]:
            reasons.setdefault(run, []).append(SETTINGS.get(column, column).replace("_", " "))
    found = {run: f"the file does not say: {', '.join(missing)}" for run, missing in reasons.items()}
    for run in frame.index[frame.status == "stopped"]:
        found.setdefault(run, "it was stopped before its last epoch")
    return found


def comparable_groups(frame: pd.DataFrame, apart: bool = False) -> list[Group]:
    """The groups that can be ranked: two frameworks or more first.

    A visitor's own come before those of the reference runs, the newest first; of these the plain come first.
    What studies alone trained comes last: nobody raced it.

    Args:
        frame: rows of `Results.frame`.
        apart: keep reference runs, and runs of different machines, in groups of their own. They may be
            ranked together, but their times may not, and a reference run repeats what a seed says.
    """
    ranked = frame[frame[list(NEEDED)].notna().all(axis=1) & (frame.status != "stopped")]
    if ranked.empty:
        return []
    settings = settings_in_words(ranked)
    keys = [settings[key] for key in SETTINGS]
    if apart:
        keys += [ranked.origin == "reference", in_words(ranked.machine)]
    groups = [
        _group(settings.loc[index[0]].to_dict(), ranked.loc[index])
        for index in settings.groupby(keys, sort=False).groups.values()
    ]
    groups = _titled(groups)
    latest = sorted(groups, key=_newest, reverse=True)
    own = [group for group in latest if not (group.reference or group.of_study)]
    plainest = [group for group in latest[::-1] if group.reference]  # made first
    searched = [group for group in latest if group.of_study]
    return sorted([*own, *plainest, *searched], key=lambda group: -min(len(group.frameworks), 2))


def _newest(group: Group) -> str:
    return group.newest


def _group(settings: dict[str, str], rows: pd.DataFrame) -> Group:
    return Group(
        settings=settings,
        runs=list(rows.run),
        frameworks=order(list(rows.framework.unique())),
        seeds=max(1, rows.seed.nunique()),
        reference=bool((rows.origin == "reference").all()),
        of_study=bool(of_study(rows).all()),
        newest=max(rows.created.fillna("")),
        machine="+".join(sorted(set(rows.machine.map(show)))),
    )


def _titled(groups: list[Group]) -> list[Group]:
    """The groups with their titles: the main settings, and of the others what tells two groups apart."""
    names: dict[str, list[Group]] = {_main_settings(group): [] for group in groups}
    for group in groups:
        names[_main_settings(group)].append(group)
    titled = []
    for group in groups:
        parts, alike = [_main_settings(group)], names[_main_settings(group)]
        for key in [key for key in SETTINGS if len({other.settings[key] for other in alike}) > 1]:
            parts.append(f"{SETTINGS[key]} {group.settings[key]}")
        if len({other.machine for other in alike}) > 1:
            parts.append(f"machine {group.machine}")
        counts = f"{counted(len(group.frameworks), 'framework')}, {counted(group.seeds, 'seed')}"
        titled.append(replace(group, title=f"{' · '.join(parts)} ({counts})"))
    return titled


def _main_settings(group: Group) -> str:
    parts = [group.settings[name] for name in ("dataset", "architecture", "protocol")]
    parts.append(counted(int(float(group.settings["epochs"])), "epoch"))
    parts += ["augmented"] * (group.settings["augment"] == "yes")
    return ("Reference: " if group.reference else "") + " · ".join(parts)


def settings_in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """SETTINGS of each run as text that is equal where runs may be ranked together."""
    settings = pd.DataFrame({key: in_words(frame[key]) for key in SETTINGS})
    # Constants of an optimizer or schedule that was not used decide nothing.
    for name, (other, needed) in USED_WITH.items():
        settings.loc[frame[other] != needed, name] = "–"
    # An imported dataset is what it holds, whatever somebody called it.
    known = frame.dataset_content.notna()
    if known.any():
        names = settings.dataset[known].groupby(frame.dataset_content[known].astype(str)).transform("min")
        settings.loc[known, "dataset"] = names
    # Each framework that goes on from its own reference run started from the same point.
    settings["start_from"] = [
        start.replace(f"-{name}-", "-…-", 1) if records.is_reference(start) else start
        for start, name in zip(settings.start_from, frame.framework.astype(str), strict=True)
    ]
    return settings


def differences(frame: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """The settings in which the runs differ: setting in words → value in words → runs."""
    settings = settings_in_words(frame)
    return {
        SETTINGS[key]: {str(value): list(index) for value, index in settings.groupby(key).groups.items()}
        for key in SETTINGS
        if settings[key].nunique() > 1
    }
