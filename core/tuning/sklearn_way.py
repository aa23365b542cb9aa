"""scikit-learn's own way to search, as an example that is shown; `core.tuning.estimator` is what it uses."""

from pathlib import Path

EXAMPLE = Path(__file__).with_name("examples") / "grid_search.py"


def example() -> str:
    """The example's text; as a file in the project's folder it runs."""
    return EXAMPLE.read_text(encoding="utf-8").partition('"""\n\n')[2]
