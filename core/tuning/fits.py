"""A fit: one training of a trial, of which cross-validation and several seeds make more than one.

Its run is named after it, so that whoever goes on with a study finds what was done, and nothing is
trained twice. A fit is scored on validation images only and keeps neither model nor probabilities. The
runs at the end, of the winner and of what it is compared with, are fits too: those with a role, which
are scored on the test images like every run and keep their model.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.config import RunConfig
from core.runs import records

Role = Literal["", "best", "runner-up", "preset"]


def fit_name(study: str, trial: int, framework: str, epochs: int, fold: int | None, seed: int) -> str:
    """The name of a fit's run, so that whoever asks whether it is done needs no `RunConfig`."""
    part = "" if fold is None else f"-f{fold}"
    return f"{records.FIT}{study}-{trial:05d}-{framework}-e{epochs}{part}-s{seed}"


@dataclass(frozen=True)
class Fit:
    """What a worker gets: `config` has framework, seed, epochs and, in cross-validation, folds and fold."""

    study: str
    trial: int
    config: RunConfig
    role: Role = ""  # of a run at the end, else empty

    @property
    def run(self) -> str:
        """The name of its run; one name for one training."""
        config = self.config
        if self.role:
            return f"{self.study}-{self.role}-{config.framework}-s{config.seed}"
        return fit_name(self.study, self.trial, config.framework, config.epochs, config.fold, config.seed)

    def to_json(self) -> str:
        """One line, which `from_json` reads."""
        config = self.config.model_dump(mode="json")
        asked = {"study": self.study, "trial": self.trial, "role": self.role}
        return json.dumps({**asked, "config": config})

    @classmethod
    def from_json(cls, text: str) -> "Fit":
        """The fit of a line that `to_json` wrote."""
        fit = json.loads(text)
        return cls(fit["study"], fit["trial"], RunConfig.model_validate(fit["config"]), fit["role"])

    def mark(self) -> dict[str, Any]:
        """What its records say beside what every run's say: `study` stands in those of the search alone."""
        if self.role:
            return {"fresh_of": self.study, "trial": self.trial, "role": self.role}
        return {"study": self.study, "trial": self.trial, "role": self.role}

    def prepare(self, artifacts: Path) -> None:
        """Makes the folder of its run with its config; what an earlier attempt left there goes.

        Raises:
            core.runs.records.RecordError: the folder cannot be written to.
        """
        folder = records.run_dir(artifacts, self.run)
        with records.writing(artifacts):
            if folder.exists():
                records.delete_run(artifacts, self.run)
            folder.mkdir(parents=True)
            records.write_config(artifacts, self.run, self.config, self.study, **self.mark())
