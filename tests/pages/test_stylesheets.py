"""The stylesheets beside the components: sound, and nothing in them that no page uses or sets."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import tinycss2
from tinycss2.ast import Declaration, Node, ParseError, QualifiedRule

from core.places import PROJECT

SHEETS = sorted((PROJECT / "pages").rglob("*.css"))
each_sheet = pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)


def code() -> str:
    """All that puts classes and variables on a page: Python, JavaScript and HTML."""
    files = [path for kind in ("*.py", "*.js", "*.html") for path in sorted((PROJECT / "pages").rglob(kind))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def nodes(sheet: Path) -> Iterator[Node]:
    """Rules, declarations and errors of a stylesheet, those inside `@media` too."""

    def inside(content) -> Iterator[Node]:
        for node in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
            yield node
            if getattr(node, "content", None) and not isinstance(node, Declaration):
                yield from inside(node.content)

    text = sheet.read_text(encoding="utf-8")
    for node in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
        yield node
        if getattr(node, "content", None):
            yield from inside(node.content)


def declarations(sheet: Path) -> list[Declaration]:
    return [node for node in nodes(sheet) if isinstance(node, Declaration)]


def selectors(sheet: Path) -> str:
    return "\n".join(
        tinycss2.serialize(node.prelude) for node in nodes(sheet) if isinstance(node, QualifiedRule)
    )


def test_there_are_stylesheets():
    assert len(SHEETS) >= 6


@each_sheet
def test_stylesheet_parses(sheet):
    problems = [node for node in nodes(sheet) if isinstance(node, ParseError)]
    assert not problems, [(node.source_line, node.message) for node in problems]


@each_sheet
def test_no_rule_sets_a_property_twice(sheet):
    for rule in nodes(sheet):
        if isinstance(rule, QualifiedRule):
            content = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
            names = Counter(node.lower_name for node in content if isinstance(node, Declaration))
            assert [name for name, times in names.items() if times > 1] == [], rule.source_line


@each_sheet
def test_every_class_is_on_a_page(sheet):
    written = code()
    for name in set(re.findall(r"\.(-?[_a-z][\w-]*)", selectors(sheet))):
        if name.startswith("st-key-"):  # the key of a Streamlit element
            assert f'key="{name.removeprefix("st-key-")}"' in written, name
        else:
            assert re.search(rf"(?<![\w-]){name}(?![\w-])", written), name


@each_sheet
def test_every_variable_is_set(sheet):
    written = "\n".join([code(), *(path.read_text(encoding="utf-8") for path in SHEETS)])
    used = re.findall(r"var\((--[\w-]+)", sheet.read_text(encoding="utf-8"))
    for name in {name for name in used if not name.startswith("--st-")}:  # those are Streamlit's theme
        assert re.search(rf"{name}(:|\", )", written), name


@each_sheet
def test_the_browser_knows_every_property_and_value(sheet, page):
    unknown = [
        tinycss2.serialize([declaration])
        for declaration in declarations(sheet)
        if not page.evaluate(
            "([name, value]) => CSS.supports(name, value)",
            [declaration.name, tinycss2.serialize(declaration.value).strip()],
        )
    ]
    assert unknown == []
