"""The runs that ship with the project: copies of ordinary runs under a fixed name."""

import re
import shutil
from pathlib import Path

from core import frameworks, records
from core.status import run_status


def reference_name(framework: str, architecture: str, augment: bool) -> str:
    """`reference-<framework>-<architecture>`, with `-augmented` for those trained on altered images."""
    return f"{records.REFERENCE}{framework}-{architecture}" + ("-augmented" if augment else "")


def adopt(source: Path, run: str, artifacts: Path) -> str:
    """Copies a finished run from `source` to `artifacts` as a reference run and returns its name.

    History and log stay behind: the metrics file holds the curves.

    Raises:
        core.records.RecordError: the run did not finish, or cannot be read.
    """
    status = run_status(source, run)
    if status.state != "finished":
        raise records.RecordError(f"{run} is {status.state}; only a finished run can be a reference")
    config, _ = records.read_config(source, run)
    metrics = records.read_object(records.metrics_path(source, run))
    name = reference_name(config.framework, config.network.name, config.augment)
    folder = records.run_dir(artifacts, name)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    model = frameworks.constants(config.framework)["MODEL_FILE"]
    for file in (model, "test_probabilities.npy", "test_labels.npy"):
        shutil.copyfile(records.run_dir(source, run) / file, folder / file)
    records.write_config(artifacts, name, config, race="reference")
    records.write_json(records.metrics_path(artifacts, name), {**metrics, "run": name, "race": "reference"})
    return name


# ── the README's table ──────────────────────────────────────────────────────────────

_SECTION = re.compile(r"(<!-- reference results[^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)


def results_table(artifacts: Path) -> str:
    """The reference runs as a Markdown table, the plain recipe first, best accuracy first."""
    rows = []
    for run in records.run_names(artifacts):
        if records.is_reference(run):
            rows.append(records.read_object(records.metrics_path(artifacts, run)))
    rows.sort(key=lambda row: (row["config"]["augment"], -row["test_accuracy"], row["framework"]))
    lines = [
        "| framework | recipe | test accuracy (95 % interval) | training | first step | import | images/s "
        "| lines |",
        "|---|---|---|---:|---:|---:|---:|---:|",
        *map(_table_row, rows),
    ]
    return "\n".join(lines) + "\n"


def _table_row(row: dict) -> str:
    from core.evaluation import wilson_interval

    images = sum(map(sum, row["confusion"]))
    low, high = wilson_interval(row["test_accuracy"], images)
    timing = row["timing"]
    cells = [
        frameworks.title(row["framework"]),
        f"{'augmented, ' if row['config']['augment'] else ''}{row['epochs']} epochs",
        f"{row['test_accuracy']:.2%} ({low:.2%} to {high:.2%})",
        f"{row['train_time_sec']:.1f} s",
        f"{timing['first_step_s']:.2f} s",
        f"{timing['import_s']:.1f} s",
        f"{row['images_per_second']:,.0f}",
        str(row["effective_loc"]),
    ]
    return f"| {' | '.join(cells)} |"


def with_results(readme: str, artifacts: Path) -> str:
    """The README's text with its results table made anew.

    Raises:
        ValueError: the text has no place for it.
    """
    if not _SECTION.search(readme):
        raise ValueError("the README has lost its <!-- reference results --> … <!-- end --> section")
    return _SECTION.sub(lambda found: found[1] + results_table(artifacts) + found[2], readme)
