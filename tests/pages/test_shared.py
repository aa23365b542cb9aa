"""What the pages share: read once for all of them, every cache with a bound."""

import ast
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import monotonic

import pytest

from core.comparison import results
from core.data.catalogue import DatasetError
from core.places import PROJECT
from pages.components import launching, shared
from support.app_test import open_page


def caches() -> list[ast.expr]:
    """Every decorator of `pages/` that is a cache of Streamlit's."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (PROJECT / "pages").rglob("*.py")]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    decorators = [decorator for function in functions for decorator in function.decorator_list]
    return [decorator for decorator in decorators if ast.unparse(decorator).startswith("st.cache_")]


def test_every_cache_has_a_bound():
    found = caches()
    assert len(found) > 10
    unbounded = [
        ast.unparse(cache)
        for cache in found
        if not isinstance(cache, ast.Call) or "max_entries" not in {word.arg for word in cache.keywords}
    ]
    assert not unbounded


def test_no_cache_of_resources_has_an_end():
    """Where its time ends between Streamlit's two looks at an entry, the page would show a KeyError."""
    assert not [
        ast.unparse(cache)
        for cache in caches()
        if isinstance(cache, ast.Call)
        and ast.unparse(cache.func) == "st.cache_resource"
        and "ttl" in {word.arg for word in cache.keywords}
    ]


def test_visitors_who_come_at_once_share_a_look_that_is_soon_too_old(artifacts, monkeypatch):
    looks: list[Path] = []
    both = Barrier(2)

    def look(folder: Path) -> list[dict[str, object]]:
        looks.append(folder)
        return []

    monkeypatch.setattr(launching, "places_in_line", look)

    def visit(_: int) -> list[dict[str, object]]:
        both.wait(timeout=10)
        return launching.line(str(artifacts))

    with launching.line.cache.timer, ThreadPoolExecutor(2) as visitors:  # the timer stands still
        first, second = visitors.map(visit, range(2))
    assert first is second
    assert len(looks) == 1
    deadline = monotonic() + 10
    while len(looks) == 1:  # asked without a pause: also in the instant in which its time ends
        launching.line(str(artifacts))
        assert monotonic() < deadline
    assert len(looks) == 2


def test_a_result_is_read_once_for_all_pages(artifacts, monkeypatch):
    metrics = {"framework": "pytorch", "test_accuracy": 0.99, "train_time_sec": 20.0}
    (artifacts / "one_metrics.json").write_text(json.dumps(metrics))
    read: list[Path] = []
    read_row = results.read_row
    monkeypatch.setattr(results, "read_row", lambda path, *rest: read.append(path) or read_row(path, *rest))
    for page in ("start.py", "compare.py"):
        assert not open_page(page).exception
    assert [path.name for path in read] == ["one_metrics.json"]


def test_test_images_are_held_once(artifacts):
    images, labels = shared.test_images("digits")
    assert images.shape[1:] == (28, 28)
    assert len(images) == len(labels)
    assert shared.test_images("digits")[0] is images


@pytest.mark.parametrize("ask", [shared.test_images, shared.file_problems])
def test_a_dataset_that_nobody_knows_is_refused(artifacts, ask):
    with pytest.raises(DatasetError, match="unknown"):
        ask("letters")
