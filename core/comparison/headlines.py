"""A comparison in three sentences, for who has not asked yet: who reads best, is quickest, is shortest."""

from dataclasses import dataclass

import pandas as pd

from core import frameworks
from core.charts.colours import order
from core.comparison.compare import Comparison
from core.comparison.findings import framework_tests
from core.comparison.significance import level_with_fastest
from core.words import listed, number_word, percent, span, whole


@dataclass(frozen=True)
class Headline:
    """A finding as a newspaper has it: `title` says it all, `detail` gives the figures."""

    title: str
    detail: str


def headlines(comparison: Comparison) -> list[Headline]:
    """What the chosen runs show; empty when they cannot be ranked."""
    if comparison.group is None:
        return []
    ranking = comparison.ranking()
    found = [_readers(comparison, ranking), _clock(comparison, ranking), _code(ranking)]
    return [headline for headline in found if headline]


def _readers(comparison: Comparison, ranking: pd.DataFrame) -> Headline:
    """Who reads best, as far as the tests tell them apart."""
    accuracies = ranking.test_accuracy
    best, high, low = accuracies.index[0], accuracies.iloc[0], accuracies.iloc[-1]
    tests = framework_tests(comparison)
    against = {name: tests.get(frozenset((best, name))) for name in accuracies.index[1:]}
    if not against or None in against.values():
        return Headline(
            f"{frameworks.title(best)} reads {percent(high)}",
            "Of the pictures that it had never seen. Whether that is more than luck was not tested.",
        )
    tied = [best, *(name for name, test in against.items() if test and not test.real)]
    if len(tied) == len(accuracies):
        return Headline("Nobody reads better", f"{_apart_by(comparison, high, low)}, too close to call.")
    return Headline(
        f"{_who(tied, 'reads', 'read')} best",
        f"{percent(high)}; {frameworks.title(accuracies.index[-1])}, at the end, {percent(low)}. "
        "That is more than luck.",
    )


def _apart_by(comparison: Comparison, high: float, low: float) -> str:
    if percent(high) == percent(low):
        return f"All reach {percent(high)}"
    words = f"{percent(high)} against {percent(low)}"
    if not comparison.test_sets:
        return words
    count = len(comparison.test_sets[0].labels)
    pictures = round((high - low) * count)
    return f"{words}: {number_word(pictures)} of {whole(count)} pictures"


def _clock(comparison: Comparison, ranking: pd.DataFrame) -> Headline | None:
    """Who trains fastest, when times count."""
    times = ranking.train_time_sec.dropna().sort_values()
    if len(times) < 2:
        return None
    best, slowest = times.index[0], times.index[-1]
    close = level_with_fastest(comparison.time_tests, {str(name): time for name, time in times.items()})
    took = span(times[best], times[close].max())
    if len(close) == len(times):
        return Headline("All are about as quick", f"{took} of training, too close to call.")
    tied = ", too close to call" if len(close) > 1 else ""
    factor = times[slowest] / times[best]
    return Headline(
        f"{_who(close, 'is', 'are')} quickest",
        f"{took} of training{tied}; {frameworks.title(slowest)} needs {factor:.1f} times as long.",
    )


def _code(ranking: pd.DataFrame) -> Headline | None:
    """Whose code is shortest."""
    lines = ranking.effective_loc.dropna().sort_values()
    if len(lines) < 2 or lines.iloc[0] == lines.iloc[-1]:
        return None
    shortest = list(lines.index[lines == lines.iloc[0]])
    return Headline(
        f"{_who(shortest, 'says', 'say')} it shortest",
        f"{lines.iloc[0]:.0f} lines of code; {frameworks.title(lines.index[-1])} needs {lines.iloc[-1]:.0f}.",
    )


def _who(names: list[str], one: str, several: str) -> str:
    titles = [frameworks.title(name) for name in order(names)]
    return f"{listed(titles)} {one if len(names) == 1 else several}"
