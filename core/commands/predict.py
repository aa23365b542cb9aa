"""`python -m core predict`: the road from a drawing to a prediction, for many files at once."""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.commands.terminal import ArtifactsOption, JsonOption, console, fail
from core.places import artifacts_dir
from core.words import UNKNOWN, confidence

if TYPE_CHECKING:
    import numpy as np

    from core.prediction.predictor import Predictor

BATCH = 512  # pictures asked together: enough for vectorised work, little enough to stay in memory


def predict(
    pictures: Annotated[list[Path], typer.Argument(help="PNG, JPEG or WebP files, or folders of them")],
    runs: Annotated[
        str | None,
        typer.Option(help="Runs with commas between them, or all [default: one reference run a framework]"),
    ] = None,
    as_json: JsonOption = False,
    artifacts: ArtifactsOption = None,
) -> None:
    """Read pictures of one digit each with the models of several runs."""
    from core.prediction.predictor import Predictor

    folder = artifacts_dir(artifacts)
    chosen = _chosen_runs(folder, runs)
    paths = list(_picture_paths(pictures))
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
        print(json.dumps(results, allow_nan=False))
    else:
        _print_table(results, chosen)
    for run, reason in failures.items():
        line = f"[bold red]error:[/] {escape(f'{run}: {reason}')}"
        Console(stderr=True).print(line, highlight=False, soft_wrap=True)
    if failures or all("error" in result for result in results):
        raise typer.Exit(1)


def _chosen_runs(artifacts: Path, text: str | None) -> list[str]:
    """The runs that `--runs` names; a name that cannot answer ends the command with what can."""
    from core.prediction.models import default_runs, model_file, saved_models
    from core.runs.records import RecordError

    saved = saved_models(artifacts)
    if not saved:
        raise fail(f"no run in {artifacts} has a saved model; train one with `python -m core race`")
    if text is None:
        return default_runs(artifacts)
    names = list(saved) if text == "all" else [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        try:
            model_file(artifacts, name)
        except RecordError as error:
            raise fail(f"--runs: {error}; choose all or from {', '.join(saved)}") from None
    if not names:
        raise fail(f"--runs names nothing; choose all or from {', '.join(saved)}")
    return list(dict.fromkeys(names))


def _picture_paths(arguments: Iterable[Path]) -> Iterator[Path]:
    """Files as named, and the pictures in each folder and its sub-folders, sorted."""
    from core.drawing.pictures import SUFFIXES

    for path in arguments:
        if path.is_dir():
            yield from sorted(
                file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file()
            )
        else:
            yield path


def _predict_batch(
    predictor: "Predictor", runs: list[str], paths: list[Path], failures: dict[str, str]
) -> list[dict[str, Any]]:
    """One JSON object a picture; models that have no answer are added to `failures`."""
    import numpy as np

    from core.machine.environment import available_cores
    from core.prediction.answers import Failure
    from core.prediction.likeness import reads_digits
    from core.prediction.models import model_file

    with ThreadPoolExecutor(available_cores()) as pool:
        prepared = list(pool.map(_prepare, paths))
    results = [_unanswered(path, image) for path, image in zip(paths, prepared, strict=True)]
    readable = [result for result in results if "predictions" in result]
    images = [image for image in prepared if not isinstance(image, str)]
    if not images:
        return results
    answers = predictor.predict(runs, np.stack(images))
    heard = [run for run, answer in answers.items() if not isinstance(answer, Failure)]
    if any(reads_digits(model_file(predictor.artifacts, run).dataset) for run in heard):
        _add_likeness(readable, [image[np.newaxis] for image in images])
    for run, answer in answers.items():
        if isinstance(answer, Failure):
            failures[run] = answer.reason
            continue
        said = {"run": run, "framework": model_file(predictor.artifacts, run).framework}
        milliseconds = round(answer.milliseconds / len(images), 4)
        for result, probabilities in zip(readable, answer.probabilities, strict=True):
            result["predictions"].append(
                {
                    **said,
                    "digit": int(probabilities.argmax()),
                    "probabilities": [round(float(value), 6) for value in probabilities],
                    "milliseconds": milliseconds,
                }
            )
    return results


def _unanswered(path: Path, image: "np.ndarray | str") -> dict[str, Any]:
    """A picture's JSON object before anybody has answered; without an image, the reason in its place."""
    if isinstance(image, str):
        return {"picture": str(path), "error": image}
    return {"picture": str(path), "unlike": None, "likeness": None, "predictions": []}


def _add_likeness(results: list[dict[str, Any]], images: "list[np.ndarray]") -> None:
    """Says of each picture whether it, or any digit in it, is unlike any digit.

    Args:
        results: one JSON object a picture; "unlike" and "likeness" are set.
        images: the digits of each picture, (digits, 28, 28) uint8.
    """
    import numpy as np

    from core.prediction.likeness import BORDER, judge

    values = judge().likeness(np.concatenate(images))
    ends = np.cumsum([len(digits) for digits in images])
    for result, likeness in zip(results, np.split(values, ends[:-1]), strict=True):
        least = float(likeness.min())
        result["unlike"], result["likeness"] = least < BORDER, round(least, 6)


def _prepare(path: Path) -> "np.ndarray | str":
    """The 28 × 28 that the models see, or the reason why there is none."""
    from core.drawing.ink import EmptyDrawing
    from core.drawing.pictures import PictureError, open_picture
    from core.drawing.preprocessing import prepare_digit

    try:
        return prepare_digit(open_picture(path))
    except (PictureError, EmptyDrawing) as error:
        return str(error)


def _print_table(results: list[dict[str, Any]], runs: list[str]) -> None:
    table = Table(title="Predictions")
    table.add_column("picture", overflow="fold")
    for run in runs:
        table.add_column(run, justify="right", overflow="fold")
    table.add_column("like a digit?")
    for result in results:
        if "error" in result:
            table.add_row(escape(result["picture"]), escape(result["error"]))
            continue
        said = {entry["run"]: entry for entry in result["predictions"]}
        table.add_row(escape(result["picture"]), *(_cell(said.get(run)) for run in runs), _judged(result))
    console.print(table)


def _cell(entry: dict[str, Any] | None) -> str:
    return UNKNOWN if entry is None else f"{entry['digit']}  {confidence(max(entry['probabilities']))}"


def _judged(result: dict[str, Any]) -> str:
    if result["unlike"] is None:
        return UNKNOWN
    return f"{'unlike any digit' if result['unlike'] else 'yes'} ({result['likeness']:.2f})"
