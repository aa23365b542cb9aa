"""axe-core in the browser: what keeps people out of a page, by WCAG 2 A and AA, and headings in order."""

from pathlib import Path

import axe_playwright_python

from support.browser import AT_REST, wait_in

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "rules": {"heading-order": {"enabled": True}},
    "resultTypes": ["violations"],
}
VIOLATIONS = """async ([within, rules]) => (await axe.run(within, rules)).violations.flatMap((violation) =>
    violation.nodes.map((node) => [violation.id, node.target.at(-1), node.html, node.failureSummary]))"""
IN_SCHEME = """(scheme) => { const app = document.querySelector('[data-testid=stApp]');
    return app.dataset.painted === scheme && getComputedStyle(app).colorScheme === scheme }"""

# A colour on its way to another is nobody's to read; what turns for ever, as a spinner does, is not awaited.
STILL = """() => !document.getAnimations().some((moves) => moves.playState === 'running'
    && Number.isFinite(moves.effect.getComputedTiming().endTime))"""


def settle(page, scheme: str) -> None:
    """Waits until the page was run in this scheme, nothing is being drawn and no colour is changing."""
    page.emulate_media(color_scheme=scheme)
    wait_in(page, IN_SCHEME, scheme)
    wait_in(page, AT_REST)
    wait_in(page, STILL)


def violations(page, scheme: str, within: str = "html") -> list[str]:
    """What axe finds, each with the element and why."""
    settle(page, scheme)
    found = page.evaluate(VIOLATIONS, [within, RULES])
    return ["\n".join([scheme, *map(str, one)]) for one in found]
