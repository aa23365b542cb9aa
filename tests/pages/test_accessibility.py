"""axe-core on every page, light and dark, wide and on a phone: WCAG 2 A and AA outside Streamlit's own markup."""

from dataclasses import dataclass
from pathlib import Path

import axe_playwright_python
import pytest

from pages.components.shell import page_names
from support.browser import wait_in

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "rules": {"heading-order": {"enabled": True}},
    "resultTypes": ["violations"],
}
READY = "!document.querySelector('[data-testid=stStatusWidget], [data-testid=stSkeleton]')"
# Violations as [rule, what is wrong, the element's markup, its address].
LOOK = """async (rules) => (await axe.run(document, rules)).violations.flatMap((violation) =>
    violation.nodes.map((node) => [violation.id, node.failureSummary, node.html, node.target.at(-1)]))"""


@dataclass(frozen=True)
class Exception_:
    rule: str
    selector: str
    reason: str


EXCEPTIONS: list = []


@dataclass(frozen=True)
class Violation:
    page: str
    rule: str
    summary: str
    html: str


@pytest.fixture(scope="module")
def violations(app_server, window):
    return {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", page_names())
def test_page(name, scheme, width, app_server, page):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{app_server.url}/{'' if name == 'start' else name}")
    page.wait_for_selector("h1")
    wait_in(page, READY)
    page.wait_for_timeout(2500)
    page.evaluate(AXE)
    for rule, summary, html, target in page.evaluate(LOOK, RULES):
        print(
            "VV",
            name,
            scheme,
            width,
            rule,
            "|",
            target,
            "|",
            html[:300],
            "|",
            summary[:400].replace("\n", " "),
        )
