"""axe-core in the browser: what keeps people out of a page, by WCAG 2 A and AA, and headings in order."""

from pathlib import Path

import axe_playwright_python

from support.browser import wait_in

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "rules": {"heading-order": {"enabled": True}},
    "resultTypes": ["violations"],
}
VIOLATIONS = """async (rules) => (await axe.run(document, rules)).violations.flatMap((violation) =>
    violation.nodes.map((node) => [violation.id, node.target.at(-1), node.html, node.failureSummary]))"""
AT_REST = """() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')"""
IN_SCHEME = (
    "(scheme) => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === scheme"
)


def violations(page, scheme: str) -> list[str]:
    """What axe finds, each with the element and why."""
    page.emulate_media(color_scheme=scheme)
    wait_in(page, IN_SCHEME, scheme)
    wait_in(page, AT_REST)
    return ["\n".join([scheme, *map(str, found)]) for found in page.evaluate(VIOLATIONS, RULES)]
