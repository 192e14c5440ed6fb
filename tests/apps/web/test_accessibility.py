"""Every page without a violation of WCAG 2.1 AA that axe can find, in both themes and on a narrow screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.apps.web.conftest import Desk

AXE = Path(__file__).parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}))
  .violations.map((each) => [each.id, each.nodes.map((node) => node.html.slice(0, 160))])"""
PAGES = {
    "boss": [
        "/overview", "/queue", "/claims", "/files", "/denials", "/appeals", "/underpayments", "/analytics",
        "/alerts",
        "/rules", "/rules/DAT001", "/models", "/operations", "/settings", "/help",
    ],
    "biller": ["/remittances", "/remittances/paper", "/remittances/waiting", "/payments"],
    "auditor": ["/audit"],
}  # fmt: skip
# A theme is loaded, not changed to: colors that are on their way to others have no contrast to speak of.
VIEWS = [("light", 1440), ("light", 390), ("dark", 1440)]

pytestmark = pytest.mark.xdist_group("browser")


@pytest.mark.parametrize("name", list(PAGES))
def test_no_page_has_a_violation(name: str, browser: Browser, address: str) -> None:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        color_scheme="light",
        reduced_motion="reduce",
        bypass_csp=True,
    )
    desk = Desk(context.new_page(), address)
    desk.sign_in(name)
    found = {}
    for path in PAGES[name]:
        for theme, width in VIEWS:
            desk.page.set_viewport_size({"width": width, "height": 900})
            if (theme, width) != ("light", 390):
                desk.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
                desk.page.goto(address + path)
                desk.page.locator(".page-head h1").wait_for()
                desk.page.wait_for_timeout(700)
                desk.page.add_script_tag(path=str(AXE))
            desk.page.wait_for_timeout(200)
            if violations := desk.page.evaluate(RUN):
                found[path, theme, width] = violations
            # A page must not scroll sideways; a list inside of it may.
            if desk.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
                found[f"{path} is too wide", theme, width] = []
    context.close()
    assert found == {}, found
    assert desk.errors == []
