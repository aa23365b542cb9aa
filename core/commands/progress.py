"""Races and runs in the terminal: progress bars, tables."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from core import frameworks
from core.races.again import setup_again
from core.races.race import Watcher
from core.runs import records
from core.runs.metrics import BUSY, NOT_LEARNED, clock_marks, read_diagnosis
from core.runs.status import run_status
from core.words import UNKNOWN, counted, percent, whole

if TYPE_CHECKING:
    from core.config import RunConfig


class ProgressWatcher(Watcher):
    """One Rich progress bar per run."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bars: dict[str, _Bar] = {}  # run → its bar
        self._told_busy = False

    def on_wait(self, ahead: list[str]) -> None:
        """Says who trains first."""
        self.console.print(f"waiting for {counted(len(ahead), 'earlier race')}: {', '.join(ahead)}")

    def on_run_start(self, run: str, config: "RunConfig") -> None:
        """Opens the run's bar below those of the runs before."""
        self.bars[run] = _Bar(self.console, f"{frameworks.title(config.framework)} s{config.seed}")

    def on_event(self, run: str, event: dict[str, Any]) -> None:
        """Moves the bar."""
        bar = self.bars[run]
        match event["event"]:
            case "started":
                bar.update(total=event["total_steps"])
                self._say_when_busy(event)
            case "phase":
                bar.update(status=event["phase"])
            case "progress":
                bar.update(completed=event["step"])
            case "batch":
                speed = event["images_per_second"]
                status = f"loss {event['loss']:.4f}  accuracy {percent(event['accuracy'])}"
                status += f"  {whole(speed, 'images/s')}" if speed else ""
                bar.update(completed=event["step"], status=status)
            case "ended":
                bar.update(status=event["status"])
            case "epoch" if event["val_accuracy"] is not None:
                status = f"loss {event['loss']:.4f}  validation {percent(event['val_accuracy'])}"
                bar.update(completed=event["step"], status=status)

    def _say_when_busy(self, event: dict[str, Any]) -> None:
        """Once a race: nobody is refused, but should know before the times are there."""
        if event.get("busy") and not self._told_busy:
            self._told_busy = True
            share = percent(event["taken"], 0)
            message = f"The machine has other work ({share} of it): these times may not count."
            self.console.print(message, highlight=False, soft_wrap=True)

    def on_full(self, reason: str) -> None:
        """Says why the race does not end yet."""
        self.console.print(f"{reason}; waiting for room to write down how the runs ended (Ctrl-C ends it)")

    def on_run_end(self, run: str) -> None:
        """Leaves the finished bar standing."""
        self.bars.pop(run).stop()


class _Bar:
    """One run's progress bar, shown from the start until `stop`."""

    def __init__(self, console: Console, description: str) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<18}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[status]}"),
            TimeRemainingColumn(compact=True),
            console=console,
        )
        self._task = self._progress.add_task(description, total=None, status="starting")
        self._progress.start()

    def update(self, **changes: Any) -> None:
        """Moves it, or says something else behind it: `completed`, `total`, `status`."""
        self._progress.update(self._task, **changes)

    def stop(self) -> None:
        """Leaves it as it is."""
        self._progress.stop()


def print_results(console: Console, artifacts: Path, runs: list[str]) -> int:
    """Prints the race's table and why runs did not finish; returns how many failed or broke off."""
    table = Table(title="Results", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("framework", "seed", "status", "accuracy", "train s", "step 1 s", "images/s", "lines"):
        left = column in ("framework", "status")
        table.add_column(column, justify="left" if left else "right", no_wrap=True)
    broken, marked = [], []
    for run in runs:
        status = run_status(artifacts, run)
        try:
            config, _ = records.read_config(artifacts, run)
        except records.RecordError as error:
            broken.append((run, str(error)))  # deleted while the race went on
            continue
        row = [frameworks.title(config.framework), str(config.seed), status.state]
        if status.state not in ("finished", "stopped"):
            broken.append((run, status.reason))
        path = records.metrics_path(artifacts, run)
        if path.exists():
            result = records.read_object(path)
            marks = clock_marks(result.get("busy"), result.get("learned"))
            row += [
                percent(result["test_accuracy"]),
                f"{result['train_time_sec']:.1f}{'*' if marks else ''}",
                f"{result['timing']['first_step_s']:.2f}",
                whole(result["images_per_second"] or 0),
                str(result["effective_loc"]),
            ]
            marked += [(run, mark, result) for mark in marks]
        table.add_row(*row)
    console.print(table)
    _print_marks(console, artifacts, marked)
    for run, reason in broken:
        console.print(f"[bold red]{run}[/]: {escape(reason)}", highlight=False, soft_wrap=True)
    return len(broken)


def _print_marks(console: Console, artifacts: Path, marked: list[tuple[str, str, dict[str, Any]]]) -> None:
    """Which times are in no ranking and why, and what to type for better ones."""
    for mark in dict.fromkeys(mark for _, mark, _ in marked):
        runs = [run for run, why, _ in marked if why == mark]
        console.print(f"* {mark}, so not ranked by time: {', '.join(runs)}", highlight=False, soft_wrap=True)
        learned = [run for run, why, result in marked if why == mark and result.get("learned") is not False]
        if mark == BUSY and (setup := setup_again(artifacts, learned)):
            console.print(f"  Race again: {setup.command()}", highlight=False, markup=False, soft_wrap=True)
    results = {run: result for run, mark, result in marked if mark == NOT_LEARNED}
    told = {run: read_diagnosis(result) for run, result in results.items()}
    for diagnosis in dict.fromkeys(sentence for sentence, _ in told.values() if sentence):
        alike = [run for run, (sentence, _) in told.items() if sentence == diagnosis]
        console.print(f"  {diagnosis}", highlight=False, markup=False, soft_wrap=True)
        if (setup := setup_again(artifacts, alike)) and (remedy := told[alike[0]][1]):
            command = setup.mended(remedy).command()
            console.print(f"  Mended: {command}", highlight=False, markup=False, soft_wrap=True)


def print_runs(console: Console, artifacts: Path, as_json: bool) -> None:
    """Prints every run with its status; a file that cannot be read is named with the reason."""
    rows = [_row(artifacts, run) for run in records.run_names(artifacts)]
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    if not rows:
        console.print("no runs yet; start with: python -m core race --frameworks all")
        return
    table = Table()
    for column in ("run", "status", "test accuracy", "train s"):
        table.add_column(column, justify="left" if column in ("run", "status") else "right", overflow="fold")
    for row in rows:
        accuracy, seconds = row["test_accuracy"], row["train_time_sec"]
        table.add_row(
            row["run"],
            ", ".join([row["status"], *clock_marks(row["busy"], row["learned"])]),
            percent(accuracy),
            UNKNOWN if seconds is None else f"{seconds:.1f}",
        )
    console.print(table)
    for row in rows:
        if row["status"] == "unreadable":
            console.print(f"[bold red]{row['run']}[/]: {escape(row['reason'])}", highlight=False)


def _row(artifacts: Path, run: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    try:
        status = run_status(artifacts, run)
        state, reason = str(status.state), status.reason
        if records.metrics_path(artifacts, run).exists():
            result = records.read_object(records.metrics_path(artifacts, run))
        else:
            result = records.read_config(artifacts, run)[0].model_dump(mode="json")
    except records.RecordError as error:
        state, reason = "unreadable", str(error)
    keys = ("framework", "architecture", "dataset", "seed", "test_accuracy", "train_time_sec")
    values = {key: result.get(key) for key in keys}
    for key in ("test_accuracy", "train_time_sec"):
        if not isinstance(values[key], int | float):
            values[key] = None
    told = {key: result.get(key) for key in ("busy", "learned", "diagnosis")}
    return {"run": run, "status": state, "reason": reason, **values, **told}
