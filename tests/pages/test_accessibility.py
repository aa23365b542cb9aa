"""axe-core on every page, light, dark and on a phone."""

import pytest

from pages.components.shell import page_names
from support.axe import AT_REST, AXE, violations
from support.browser import wait_in


@pytest.mark.parametrize("name", page_names())
def test_nobody_is_kept_out_of_a_page(name, app_server, page):
    page.goto(f"{app_server.url}/{'' if name == 'start' else name}")
    page.wait_for_selector("h1")
    wait_in(page, AT_REST)
    page.evaluate(AXE)
    found = violations(page, "light")
    for tab in page.get_by_role("tab").all()[1:]:
        tab.click()
        found += violations(page, "light")
    found += violations(page, "dark")
    page.set_viewport_size({"width": 390, "height": 844})
    found += violations(page, "dark")
    page.emulate_media(color_scheme="light")
    assert not found, "\n\n".join(found)
