"""`python -m core predict`: the road from a drawing to a prediction, for many files at once."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.commands.terminal import ArtifactsOption, JsonOption, console, fail
from core.places import artifacts_dir
from core.words import UNKNOWN, confidence, counted, joined

if TYPE_CHECKING:
    import numpy as np

    from core.data.catalogue import Way
    from core.drawing.numbers import Number
    from core.prediction.predictor import Predictor

MOST_COLUMNS = 10_000  # characters of a line in the table
BATCH = 512  # pictures asked together: enough for vectorised work, little enough to stay in memory


@dataclass(frozen=True)
class Unread:
    """Why a picture has no answer; `empty` when the file is well but shows no digit."""

    reason: str
    empty: bool


@dataclass
class Result:
    """A picture, the digits found in it, and what each model reads there, as JSON objects."""

    path: Path
    said: "dict[Way, Number] | Unread"  # what is read in it, in each way that a model asks for
    predictions: list[dict[str, Any]] = field(default_factory=list)
    likeness: float | None = None  # of its least digit-like digit; None where no asked model learned digits

    @property
    def unlike(self) -> bool | None:
        """Whether it, or any digit in it, is unlike any digit."""
        from core.prediction.likeness import BORDER

        return None if self.likeness is None else self.likeness < BORDER


def predict(
    pictures: Annotated[list[Path], typer.Argument(help="PNG, JPEG or WebP files, or folders of them")],
    runs: Annotated[
        str | None,
        typer.Option(help="Runs with commas between them, or all [default: one reference run a framework]"),
    ] = None,
    frameworks: Annotated[
        str | None, typer.Option(help="Of these runs only those of some frameworks, such as torch,tf")
    ] = None,
    as_json: JsonOption = False,
    artifacts: ArtifactsOption = None,
) -> None:
    """Read pictures of a digit or a number each with the models of several runs."""
    from core.prediction.models import model_file
    from core.prediction.predictor import Predictor

    folder = artifacts_dir(artifacts)
    chosen = _of_frameworks(_chosen_runs(folder, runs), folder, frameworks)
    paths, skipped = _picture_paths(pictures)
    if not paths:
        raise fail(f"no PNG, JPEG or WebP pictures in {', '.join(map(str, pictures))}")
    predictor = Predictor(folder)
    predictor.warm(chosen)  # the workers load while the first pictures are prepared
    failures: dict[str, str] = {}
    try:
        results = [
            result
            for start in range(0, len(paths), BATCH)
            for result in _predict_batch(predictor, chosen, paths[start : start + BATCH], failures)
        ]
    finally:
        predictor.close()
    if as_json:
        print(json.dumps([_picture_object(result) for result in results], allow_nan=False))
    else:
        _print_table(results, {run: model_file(folder, run).framework for run in chosen})
    for run, reason in failures.items():
        line = f"[bold red]error:[/] {escape(f'{run}: {reason}')}"
        Console(stderr=True).print(line, highlight=False, soft_wrap=True)
    if skipped:
        print(f"{counted(skipped, 'file')} skipped: not named as PNG, JPEG or WebP", file=sys.stderr)
    unread = [result.said for result in results if isinstance(result.said, Unread)]
    if failures or len(unread) == len(results) or not all(picture.empty for picture in unread):
        raise typer.Exit(1)


def _chosen_runs(artifacts: Path, text: str | None) -> list[str]:
    """The runs that `--runs` names; a name that cannot answer ends the command with what can."""
    from core.prediction.models import default_runs, model_file, model_files
    from core.runs.records import RecordError

    saved = model_files(artifacts)
    digits = [run for run, file in saved.items() if file.reads_digits]
    if not saved:
        raise fail(f"no run in {artifacts} has a saved model; train one with `python -m core race`")
    if not digits and text in (None, "all"):
        raise fail(f"no run in {artifacts} reads digits; name others with --runs: {', '.join(saved)}")
    if text is None:
        return default_runs(saved)
    names = digits if text == "all" else [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        try:
            model_file(artifacts, name)
        except RecordError as error:
            raise fail(f"--runs: {error}; choose all or from {', '.join(saved)}") from None
    if not names:
        raise fail(f"--runs names nothing; choose all or from {', '.join(saved)}")
    return list(dict.fromkeys(names))


def _of_frameworks(runs: list[str], artifacts: Path, text: str | None) -> list[str]:
    """Those of the runs that the frameworks trained which `--frameworks` names, however it calls them."""
    if text is None:
        return runs
    from core.prediction.models import model_file
    from core.races.setup import read_frameworks, refusal

    try:
        wanted = read_frameworks(text)
    except ValueError as error:
        raise fail(f"--{refusal('frameworks', text, error)}") from None
    trained = {run: model_file(artifacts, run).framework for run in runs}
    if not (chosen := [run for run in runs if trained[run] in wanted]):
        there = ", ".join(dict.fromkeys(trained.values()))
        raise fail(f"--frameworks: none of these runs is of {', '.join(wanted)}, only of {there}")
    return chosen


def _picture_paths(arguments: Iterable[Path]) -> tuple[list[Path], int]:
    """Files as named and the pictures in folders and their sub-folders, sorted; how many others lie there."""
    from core.drawing.formats import SUFFIXES

    paths, skipped = [], 0
    for path in arguments:
        if not path.is_dir():
            paths.append(path)
            continue
        files = [file for file in sorted(path.rglob("*")) if file.is_file() and not file.name.startswith(".")]
        pictures = [file for file in files if file.suffix.lower() in SUFFIXES]
        paths += pictures
        skipped += len(files) - len(pictures)
    return paths, skipped


def _predict_batch(
    predictor: "Predictor", runs: list[str], paths: list[Path], failures: dict[str, str]
) -> list[Result]:
    """What is said of each picture; models that have no answer are added to `failures`."""
    from core.data.catalogue import find_dataset
    from core.machine.environment import available_cores
    from core.prediction.models import model_file

    ways: dict[Way, list[str]] = {}
    for run in runs:
        way = find_dataset(model_file(predictor.artifacts, run).dataset).way
        ways.setdefault(way, []).append(run)
    with ThreadPoolExecutor(available_cores()) as pool:
        read = pool.map(partial(_read, list(ways)), paths)
        results = [Result(path, said) for path, said in zip(paths, read, strict=True)]
    for way, asked in ways.items():
        readable = [(result, result.said[way]) for result in results if not isinstance(result.said, Unread)]
        if readable:
            _ask(predictor, asked, readable, failures)
    for result in results:
        result.predictions.sort(key=lambda said: runs.index(said["run"]))
    return results


def _ask(
    predictor: "Predictor", runs: list[str], readable: "list[tuple[Result, Number]]", failures: dict[str, str]
) -> None:
    """Adds to each result what the runs, which all read in the same way, say of it."""
    import numpy as np

    from core.prediction.answers import Failure
    from core.prediction.likeness import reads_digits
    from core.prediction.models import model_file

    images = np.concatenate([number.images for _, number in readable])
    answers = predictor.predict(runs, images)
    heard = [run for run, answer in answers.items() if not isinstance(answer, Failure)]
    if any(reads_digits(model_file(predictor.artifacts, run).dataset) for run in heard):
        _add_likeness(readable)
    for run, answer in answers.items():
        if isinstance(answer, Failure):
            failures[run] = answer.reason
            continue
        saved = model_file(predictor.artifacts, run)
        said = {"run": run, "framework": saved.framework}
        each, start = answer.milliseconds / len(images), 0
        for result, number in readable:
            stop = start + len(number.digits)
            rows = answer.probabilities[start:stop]
            result.predictions.append({**said, **_prediction(number, rows, each, saved.class_names)})
            start = stop


def _add_likeness(readable: "list[tuple[Result, Number]]") -> None:
    """Says of each picture how far its least digit-like digit is like a digit."""
    import numpy as np

    from core.prediction.likeness import judge

    values = judge().likeness(np.concatenate([number.images for _, number in readable]))
    ends = np.cumsum([len(number.digits) for _, number in readable])
    for (result, _), likeness in zip(readable, np.split(values, ends[:-1]), strict=True):
        result.likeness = float(likeness.min())


def _prediction(
    number: "Number", probabilities: "np.ndarray", each: float, class_names: tuple[str, ...]
) -> dict[str, Any]:
    """What one model reads; a number of several digits lists what it says of each.

    Args:
        number: N digits.
        probabilities: (N, classes).
        each: milliseconds that the model takes for one digit.
        class_names: what the model tells apart; "digit" is the position among them.
    """
    likeliest = [int(digit) for digit in probabilities.argmax(axis=1)]
    rounded = [[round(float(value), 6) for value in row] for row in probabilities]
    one = len(likeliest) == 1
    prediction: dict[str, Any] = {
        "number": joined([class_names[place] for place in likeliest]),
        "digit": likeliest[0] if one else None,
        "probabilities": rounded[0] if one else None,
        "milliseconds": round(each * len(likeliest), 4),
    }
    if not one:
        prediction["digits"] = [
            {"digit": digit, "probabilities": row, "box": list(part.box)}
            for digit, row, part in zip(likeliest, rounded, number.digits, strict=True)
        ]
    return prediction


def _read(ways: "list[Way]", path: Path) -> "dict[Way, Number] | Unread":
    """What is in a picture, read in each of these ways, or the reason why nothing is."""
    from core.drawing.ink import EmptyDrawing
    from core.drawing.numbers import TooManyDigits
    from core.drawing.pictures import PictureError, open_picture, original_size
    from core.prediction.signs import read

    try:
        picture = open_picture(path)
        return {way: read(picture, way, original_size(picture)) for way in ways}
    except PictureError as error:
        return Unread(str(error), empty=False)
    except (EmptyDrawing, TooManyDigits) as error:
        return Unread(str(error), empty=True)


def _picture_object(result: Result) -> dict[str, Any]:
    """One picture as JSON."""
    likeness = None if result.likeness is None else round(result.likeness, 6)
    judged = {"picture": str(result.path), "unlike": result.unlike, "likeness": likeness}
    if isinstance(result.said, Unread):
        return {**judged, "error": result.said.reason}
    return {**judged, "predictions": result.predictions}


def _print_table(results: list[Result], models: dict[str, str]) -> None:
    """A line for each picture: what each model reads and how sure it is, in columns that stay straight.

    Args:
        results: the pictures in their order.
        models: run → framework.
    """
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("picture", no_wrap=True, vertical="bottom")
    for name in _short_names(models).values():
        table.add_column(escape(name), justify="right", no_wrap=True, vertical="bottom")
    table.add_column("like a digit?", no_wrap=True, vertical="bottom")
    names = _picture_names([result.path for result in results])
    for name, result in zip(names, results, strict=True):
        if not isinstance(result.said, Unread):
            said = {entry["run"]: entry for entry in result.predictions}
            table.add_row(escape(name), *(_cell(said.get(run)) for run in models), _judged(result))
    if table.row_count:  # a line that is longer than the terminal rather than cut columns
        print("What each model reads, and how sure it is of it in %")
        wide = console.measure(table, options=console.options.update(width=MOST_COLUMNS)).maximum
        Console(width=max(console.width, wide)).print(table)
    for name, result in zip(names, results, strict=True):
        if isinstance(result.said, Unread):
            console.print(f"{escape(name)}: {escape(result.said.reason)}", highlight=False, soft_wrap=True)


def _short_names(models: dict[str, str]) -> dict[str, str]:
    """Run → its framework's title, and below it the rest of its name where others share the framework."""
    from core import frameworks
    from core.runs.records import REFERENCE

    shared = Counter(models.values())
    names = {}
    for run, framework in models.items():
        names[run] = frameworks.title(framework)
        if shared[framework] > 1:
            names[run] += "\n" + run.removeprefix(REFERENCE).replace(f"{framework}-", "", 1)
    return names


def _picture_names(paths: list[Path]) -> list[str]:
    """The pictures' paths without the folder that all lie in."""
    if len(paths) < 2:
        return [path.name for path in paths]
    parent = os.path.commonpath([path.parent for path in paths])
    return [os.path.relpath(path, parent) for path in paths]


def _cell(entry: dict[str, Any] | None) -> str:
    """The number, and how sure the model is of the digit that it is least sure of."""
    if entry is None:
        return UNKNOWN
    rows = [part["probabilities"] for part in entry.get("digits", [entry])]
    sure = confidence(min(max(row) for row in rows)).removesuffix(" %").replace("> ", ">")
    return f"{entry['number']} {sure:>6}"


def _judged(result: Result) -> str:
    if result.likeness is None:
        return UNKNOWN
    return f"{'unlike any digit' if result.unlike else 'yes'} ({result.likeness:.2f})"
