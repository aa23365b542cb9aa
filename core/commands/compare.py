"""`python -m core compare` and `report`: the tables, groups and tests of the Compare page."""

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core import frameworks
from core.commands.terminal import ArtifactsOption, fail, refusing
from core.places import artifacts_dir
from core.words import missing

if TYPE_CHECKING:
    import pandas as pd

    from core.comparison.compare import Comparison
    from core.comparison.groups import Group
    from core.comparison.significance import PairTest

WhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", help="Only runs with this value, such as dataset=mnist or seed=0,1; repeatable"),
]
RunsOption = Annotated[str | None, typer.Option("--runs", help="Only these runs, with commas between them")]
StudyOption = Annotated[
    str | None, typer.Option("--study", help="The fits of this study, by accuracy on validation images")
]


class Format(StrEnum):
    """How the comparison is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"


def compare(
    artifacts: ArtifactsOption = None,
    where: WhereOption = None,
    runs: RunsOption = None,
    study: StudyOption = None,
    format: Annotated[Format, typer.Option("--format", help="table, csv, json or markdown")] = Format.TABLE,
) -> None:
    """Compare results: all runs, the fair rankings, and whether the differences are real."""
    from core.comparison.results import ResultsReader, public_table

    folder = artifacts_dir(artifacts)
    study = None if study is None else _called(folder, study)
    results = ResultsReader(folder, study).read()
    frame = _chosen(results.frame, where, runs)
    for name, reason in results.problems.items():
        if format is not Format.JSON:
            print(f"not read: {name} {reason}", file=sys.stderr)
    if format is Format.CSV:
        public_table(frame).to_csv(sys.stdout, index=False)
    elif study is not None:
        _print_study(study, frame, results.problems, format)
    elif format is Format.JSON:
        print(json.dumps(comparison_object(folder, frame, results.problems), indent=1, allow_nan=False))
    else:
        _print_text(folder, frame, format)


def report(
    output: Annotated[Path, typer.Argument(help="The HTML file to write")] = Path("report.html"),
    artifacts: ArtifactsOption = None,
    where: WhereOption = None,
    runs: RunsOption = None,
) -> None:
    """Write a comparison as one HTML file that opens offline [default: the first fair group]."""
    from core.comparison.compare import compare_runs, cut_note
    from core.comparison.groups import comparable_groups
    from core.comparison.results import ResultsReader
    from core.export.report import build_report

    if not output.absolute().parent.is_dir():
        raise fail(f"cannot write {output}: there is no folder {output.absolute().parent}")
    folder = artifacts_dir(artifacts)
    frame = _chosen(ResultsReader(folder).read().frame, where, runs)
    groups = comparable_groups(frame, apart=True)
    if not runs and not where and groups:
        frame = frame.loc[groups[0].runs]
    if frame.empty:
        raise fail(f"there are no such results in {folder}")
    try:
        output.write_text(build_report(folder, compare_runs(folder, frame)), encoding="utf-8")
    except OSError as error:
        raise fail(f"cannot write {output}: {error.strerror or error}") from error
    print(f"wrote {output}")
    if note := cut_note(len(frame)):
        print(note)


def comparison_object(artifacts: Path, frame: "pd.DataFrame", problems: dict[str, str]) -> dict[str, Any]:
    """The whole comparison as plain JSON types.

    Args:
        artifacts: the folder of the runs.
        frame: rows of `Results.frame`.
        problems: file name → why it could not be read.
    """
    from core.comparison.groups import comparable_groups, unranked
    from core.comparison.results import public_rows

    groups = [_group_object(artifacts, frame, group) for group in comparable_groups(frame, apart=True)]
    rows = public_rows(frame)
    return {"runs": rows, "not_read": problems, "groups": groups, "not_ranked": unranked(frame)}


def _group_object(artifacts: Path, frame: "pd.DataFrame", group: "Group") -> dict[str, Any]:
    from core.comparison.compare import compare_runs
    from core.comparison.findings import findings

    comparison = compare_runs(artifacts, frame.loc[group.runs])
    tested = comparison.one_seed()
    return {
        "title": group.title,
        "settings": group.settings,
        "runs": group.runs,
        "runs_compared": list(comparison.frame.run),
        "same_machine": comparison.same_machine,
        "ranking": json.loads(
            comparison.ranking().reset_index().to_json(orient="records", double_precision=15)
        ),
        "findings": [asdict(finding) for finding in findings(comparison)],
        "tests_over_seeds": _test_objects(comparison.accuracy_tests),
        "time_tests": _test_objects(comparison.time_tests),
        "tests_between_runs": _test_objects(comparison.run_tests()),
        "runs_tested": list(tested.probabilities) if tested else [],
        "without_predictions": comparison.without_predictions,
        "not_ranked_by_time": comparison.untimed,
    }


def _test_objects(tests: list["PairTest"]) -> list[dict[str, Any]]:
    return [{**asdict(test), "real": test.real} for test in tests]


# ── text ────────────────────────────────────────────────────────────────────────────


def _print_text(artifacts: Path, frame: "pd.DataFrame", format: Format) -> None:
    from core.comparison.compare import compare_runs, cut_note
    from core.comparison.findings import findings
    from core.comparison.groups import comparable_groups, unranked
    from core.comparison.tables import ranking_table, run_table

    if frame.empty:
        print(f"No results in {artifacts}. Train some with `python -m core race`.")
        return
    show = _Printer(format)
    show.table("Runs", run_table(frame))
    for group in comparable_groups(frame, apart=True):
        if len(group.frameworks) < 2:
            continue
        comparison = compare_runs(artifacts, frame.loc[group.runs])
        show.table(group.title, ranking_table(comparison.ranking()))
        show.lines([note] if (note := cut_note(len(group.runs))) else [])
        show.lines([f"{found.question}: {found.answer}. {found.detail}" for found in findings(comparison)])
        _print_tests(show, comparison)
    left_out = unranked(frame)
    show.lines([f"{run} is not ranked: {reason}" for run, reason in left_out.items()])
    show.lines(_untimed_lines(artifacts, frame))


# ── fits of a study ─────────────────────────────────────────────────────────────────


def study_object(study: str, frame: "pd.DataFrame", problems: dict[str, str]) -> dict[str, Any]:
    """A study's fits as plain JSON types; everything in it is about validation images.

    Args:
        study: its name.
        frame: its fits, rows of `Results.frame`.
        problems: file name → why it could not be read.
    """
    from core.comparison.fits import NOT_PAIRED, FitComparison, fit_findings
    from core.comparison.results import public_rows

    comparison = FitComparison(frame)
    candidates = comparison.candidates.rename_axis("trial").reset_index()
    return {
        "study": study,
        "scored_on": "validation",
        "candidates": json.loads(candidates.to_json(orient="records", double_precision=15)),
        "fits": public_rows(frame),
        "findings": [asdict(finding) for finding in fit_findings(comparison)],
        "not_read": problems,
        "not_tested": NOT_PAIRED,
    }


def _print_study(study: str, frame: "pd.DataFrame", problems: dict[str, str], format: Format) -> None:
    from core.comparison import fits

    if frame.empty:
        raise fail(f"--study: there are no finished fits of a study {study}")
    if format is Format.JSON:
        print(json.dumps(study_object(study, frame, problems), indent=1, allow_nan=False))
        return
    comparison = fits.FitComparison(frame)
    show = _Printer(format)
    show.lines([fits.SCORED_ON])
    title = f"Candidates of {study}, by validation accuracy"
    show.table(title, fits.candidates_table(comparison), True)
    show.lines([fits.headline(comparison)[1], *fits.not_ranked(comparison)])
    show.lines([f"{one.question}: {one.answer}. {one.detail}" for one in fits.fit_findings(comparison)])
    show.table(f"Fits of {study}", fits.fits_table(comparison))
    show.lines([f"Not tested: {fits.NOT_PAIRED}"])


# ── lines below the tables ──────────────────────────────────────────────────────────


def _untimed_lines(artifacts: Path, frame: "pd.DataFrame") -> list[str]:
    """The runs whose times do not count, what they say of themselves, and how to race them again."""
    from core.comparison.results import marks_in_words
    from core.races.again import setup_again

    lines = []
    marks = marks_in_words(frame)
    for run in frame.index[marks != ""]:
        line = f"{run} is not ranked by time: {marks[run]}."
        if not missing(frame.diagnosis[run]):
            line += f" {frame.diagnosis[run]}"
        elif setup := setup_again(artifacts, [run]):
            line += f" Race again: {setup.command()}"
        lines.append(line)
    return lines


def _print_tests(show: "_Printer", comparison: "Comparison") -> None:
    from core.comparison.findings import explain_p, explain_runs, explain_seeds, explain_times, pair_table

    names = {name: frameworks.title(name) for name in comparison.frame.framework}
    if first := comparison.accuracy_tests or comparison.run_tests():
        show.lines([explain_p(first)])
    if tests := comparison.accuracy_tests:
        show.table("Is the difference real? Over seeds", pair_table(tests, names), True)
        show.lines([explain_seeds(tests)])
        if comparison.time_tests and comparison.same_machine:
            show.table("Train times", pair_table(comparison.time_tests, names, "s"), True)
            show.lines([explain_times(comparison.time_tests)])
    tests, test_set = comparison.run_tests(), comparison.one_seed()
    if tests and test_set:
        table = pair_table(tests, comparison.labels_of(test_set))
        show.table("Is the difference real? Between single runs", table, True)
        show.lines([explain_runs(tests)])


class _Printer:
    """Tables and lines, for a terminal or as Markdown."""

    def __init__(self, format: Format) -> None:
        self.markdown = format is Format.MARKDOWN
        # A pipe has no width; a table cut to 80 columns would lose figures there.
        self.console = Console(markup=False, width=None if sys.stdout.isatty() else 1000)

    def table(self, title: str, frame: "pd.DataFrame", all_columns: bool = False) -> None:
        """Prints a table of text under its title; columns that hold one value go into a line below it."""
        if self.markdown:
            escaped = frame.map(lambda value: str(value).replace("|", "\\|").replace("\n", " "))
            print(f"## {title}\n\n| {' | '.join(frame.columns)} |\n|{'---|' * len(frame.columns)}")
            print(
                "\n".join(f"| {' | '.join(row)} |" for row in escaped.itertuples(index=False, name=None)),
                end="\n\n",
            )
            return
        shared = [column for column in frame.columns if frame[column].nunique() == 1]
        shared = shared if len(frame) > 1 and not all_columns else []
        table = Table(title=escape(title), title_justify="left")
        for column in frame.columns.drop(shared):
            table.add_column(column, overflow="fold")
        for row in frame.drop(columns=shared).itertuples(index=False, name=None):
            table.add_row(*row)
        self.console.print(table)
        if shared:
            alike = ", ".join(f"{column} {frame[column].iloc[0]}" for column in shared)
            self.console.print(f"Alike: {alike}", highlight=False)
        self.console.print()

    def lines(self, lines: list[str]) -> None:
        """Prints sentences, as a list in Markdown."""
        if lines:
            print("\n".join(("- " if self.markdown else "") + line for line in lines), end="\n\n")


# ── reading flags ───────────────────────────────────────────────────────────────────


def _called(folder: Path, study: str) -> str:
    """The study's name, where it was said by its title."""
    from core.runs.records import RecordError
    from core.tuning import studies

    with refusing(RecordError, flag="--study"):
        return studies.called(folder, study)


def _chosen(frame: "pd.DataFrame", where: list[str] | None, runs: str | None) -> "pd.DataFrame":
    from core.comparison.results import filter_runs
    from core.runs.records import RecordError

    conditions: dict[str, list[str]] = {}
    for condition in where or ():
        column, equals, values = condition.partition("=")
        if not equals:
            raise fail(f"--where takes column=value, not {condition!r}")
        named = [value.strip() for value in values.split(",")]
        if column.strip() == "framework":
            aliases = frameworks.aliases()
            named = [aliases.get(name.lower(), name) for name in named]
        conditions[column.strip()] = named
    with refusing(RecordError, flag="--where"):
        frame = filter_runs(frame, conditions)
    if not runs:
        return frame
    names = list(dict.fromkeys(name.strip() for name in runs.split(",") if name.strip()))
    unknown = [name for name in names if name not in frame.index]
    if unknown:
        raise fail(f"--runs: there is no result of {', '.join(unknown)}")
    return frame.loc[names]
