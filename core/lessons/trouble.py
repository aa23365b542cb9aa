"""The cards about runs in trouble: a table of rules, each with the figure that triggers it.

Every trigger says in a comment where it comes from and what the reference runs show, which never reach it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.lessons import remedies, symptoms
from core.lessons.case import Case
from core.training.diagnosis import CHANCE, ROSE, STILL


@dataclass(frozen=True)
class Rule:
    """A kind of trouble: the figure of a run, from where on it is trouble, what to say and to change.

    `card` is the card that it stands on, of whose rules a run gets the first that fits; `figure` is None
    where a run does not tell it; `otherwise` is the way on where no field of the set-up would help.
    """

    name: str
    card: str
    figure: Callable[[Case], float | None]
    trigger: float
    seen: Callable[[Case], str]
    why: str
    remedy: Callable[[Case], Mapping[str, Any]]
    below: bool = False  # trouble is a figure of at most `trigger`, not of at least
    otherwise: str = ""  # "again" or "draw"

    def fits(self, case: Case) -> bool:
        """Whether the run is in this trouble."""
        figure = self.figure(case)
        if figure is None:
            return False
        return figure <= self.trigger if self.below else figure >= self.trigger


# ── the table ───────────────────────────────────────────────────────────────────────

TITLES = {  # what is said of the runs on a card
    "not-learned": "did not learn",
    "by-heart": "learned too much by heart",
    "memory": "ran out of memory",
    "slow": "trained very slowly",
    "drawings": "misread your drawings",
}
_BY_HEART = "It remembers its training images instead of what such images have in common: overfitting."


def _told(case: Case) -> str:
    return case.diagnosis


def _recorded(case: Case) -> Mapping[str, Any]:
    return case.remedy


RULES = (
    # The run's record says why. In times the loss of guessing; reference runs stay below 0.3.
    Rule(
        "diverges", "not-learned", symptoms.peak, ROSE, _told,
        "Each step went too far, so the next mistake was greater still: it diverged.", _recorded,
    ),
    # The last loss, as a fraction away from that of guessing; reference runs end more than 0.98 away.
    Rule(
        "stands still", "not-learned", symptoms.away_from_guessing, STILL, _told,
        "To the network every class is as likely as before: it found no way down.", _recorded, below=True,
    ),
    # How likely guessing reads as many test images; for reference runs less than one in 10^300.
    Rule("guesses", "not-learned", symptoms.chance, CHANCE, _told, "", _recorded),
    # A fraction of the images. Reference runs reach 0.003 at most, those of MNIST without augmentation;
    # 50 of the built-in digits, learned by heart, 0.3. Three in a hundred is more than most set-ups gain.
    Rule(
        "overfits", "by-heart", symptoms.gap, 0.03, symptoms.seen_gap, _BY_HEART,
        remedies.against_overfitting,
    ),
    # In times the lowest. It never rises for three epochs in a reference run (1.0); by half is past doubt.
    Rule(
        "trains on for too long", "by-heart", symptoms.rise, 1.5, symptoms.seen_rise, _BY_HEART,
        remedies.to_the_best_epoch,
    ),
    # Of the machine's memory. Reference runs take 20 MB a step; a framework takes some times what a step
    # makes, so that a quarter is enough to blame it for a process that was killed.
    Rule(
        "runs out of memory", "memory", symptoms.memory, 0.25, symptoms.seen_memory,
        "All images of a step are in memory at once, with what every layer makes of them.",
        remedies.less_at_once,
    ),
    # Of the guide's loop, or of the fastest run of the same kind here where that is faster still. Reference
    # runs of NumPy, the slowest, reach 0.64, and 0.5 or more with every other preset; the others beat the
    # loop. Machines alone move times by a third.
    Rule(
        "trains very slowly", "slow", symptoms.speed, 0.25, symptoms.seen_speed,
        "Every step costs time of its own, however few images it has, and one thread uses one core.",
        remedies.quicker, below=True, otherwise="again",
    ),
    # A fraction of the images. Of 992 digits by pens that they never met, taken 10, 20, 50, 100, 200 or all
    # at a time, reference runs reach 0.034 at most, those of MNIST without augmentation.
    Rule(
        "misreads drawings", "drawings", symptoms.misread, 0.05, symptoms.seen_drawn,
        "It learned from other hands and other pens than yours.", remedies.other_hands, otherwise="draw",
    ),
)  # fmt: skip


# ── cards ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Part:
    """Runs of one set-up with the same trouble: what is seen (sentence → runs), what would mend it."""

    seen: Mapping[str, tuple[str, ...]]
    remedy: Mapping[str, Any]
    otherwise: str

    @property
    def runs(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(run for runs in self.seen.values() for run in runs)


@dataclass(frozen=True)
class Card:
    """One trouble of some runs."""

    name: str  # a key of TITLES
    frameworks: tuple[str, ...]  # of its runs
    why: str
    parts: tuple[Part, ...]

    @property
    def runs(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(run for part in self.parts for run in part.runs)


def rules_that_fit(case: Case) -> list[Rule]:
    """Of each card the first rule that fits."""
    found: dict[str, Rule] = {}
    for rule in RULES:
        if rule.card not in found and rule.fits(case):
            found[rule.card] = rule
    return list(found.values())


def cards(cases: Iterable[Case]) -> list[Card]:
    """At most one card for each of TITLES, in that order."""
    found = [(rule, case) for case in cases for rule in rules_that_fit(case)]
    by_card = {name: [(rule, case) for rule, case in found if rule.card == name] for name in TITLES}
    return [_card(name, ill) for name, ill in by_card.items() if ill]


def _card(name: str, ill: list[tuple[Rule, Case]]) -> Card:
    alike: dict[tuple, list[tuple[Rule, Case]]] = {}
    for rule, case in ill:
        alike.setdefault((rule.name, _set_up(case), str(rule.remedy(case))), []).append((rule, case))
    why = " ".join(dict.fromkeys(rule.why for rule, _ in ill if rule.why))
    who = tuple(dict.fromkeys(case.framework for _, case in ill))
    return Card(name, who, why, tuple(_part(part) for part in alike.values()))


def _set_up(case: Case) -> str:
    return "" if case.config is None else case.config.model_dump_json(exclude={"framework", "seed"})


def _part(alike: list[tuple[Rule, Case]]) -> Part:
    seen: dict[str, tuple[str, ...]] = {}
    for rule, case in alike:
        sentence = rule.seen(case)
        seen[sentence] = (*seen.get(sentence, ()), case.run)
    rule, case = alike[0]
    return Part(seen, rule.remedy(case), rule.otherwise)
