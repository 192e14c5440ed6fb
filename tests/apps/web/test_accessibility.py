"""Every page without a violation of WCAG 2.1 AA that axe can find, in both themes and on a narrow screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.apps.api.conftest import Doors
from tests.apps.web.conftest import Desk

AXE = Path(__file__).parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}))
  .violations.map((each) => [each.id, each.nodes.map((node) => node.html.slice(0, 160))])"""
PAGES = {
    "boss": [
        "/overview", "/queue", "/claims", "/files", "/denials", "/appeals", "/underpayments", "/analytics",
        "/alerts",
        "/rules", "/rules/DAT001", "/models", "/operations", "/operations?view=health",
        "/settings",
        "/settings/policies", "/settings/reference", "/settings/waivers", "/settings/usage", "/help",
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


# A page, and what opens a dialog on it: a key, or the name of a button.
DIALOGS = [
    ("/queue", "?"), ("/queue", "Control+k"), ("/alerts/{alert}", "Resolve"),
    ("/analytics?view=reports", "Schedule a report"), ("/settings/waivers", "Add a waiver"),
    ("/claims/{claim}", "o"),
]  # fmt: skip
WATCHED = {
    "name": "claims_sent", "title": "Claims received", "kpi": "clean_claim_rate", "minimum_items": 11,
    "condition": {"kind": "threshold", "below": 2.0, "days": 366},
}  # fmt: skip


def test_an_alert_and_dialogs_have_no_violation(practice: Doors, browser: Browser, address: str) -> None:
    client, boss = practice.client, practice.token("manager")
    defined = client.post("/api/v1/analytics/alerts/configure", headers=boss, json=WATCHED)
    assert defined.status_code in {200, 201}, defined.text
    assert client.post("/api/v1/analytics/alerts/evaluate", headers=boss).status_code == 200
    [alert, *_] = client.get("/api/v1/analytics/alerts", headers=boss).json()["items"]
    [claim, *_] = client.get("/api/v1/claims", headers=boss).json()["items"]
    places = {"alert": alert["incident_id"], "claim": claim["claim_key"]}
    found = {}
    for theme in ("light", "dark"):
        context = browser.new_context(
            viewport={"width": 1440, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            bypass_csp=True,
        )
        desk = Desk(context.new_page(), address)
        desk.sign_in("boss")
        for path, opener in DIALOGS:
            desk.page.goto(address + path.format(**places))
            desk.page.locator(".page-head h1").wait_for()
            desk.page.wait_for_timeout(500)
            desk.page.add_script_tag(path=str(AXE))
            if path.startswith("/alerts") and (violations := desk.page.evaluate(RUN)):
                found[path, theme] = violations
            if len(opener) == 1 or "+" in opener:
                desk.page.keyboard.press(opener)
            else:
                desk.page.get_by_role("button", name=opener).first.click()
            desk.page.get_by_role("dialog").first.wait_for()
            desk.page.wait_for_timeout(300)
            if violations := desk.page.evaluate(RUN):
                found[path, opener, theme] = violations
        context.close()
        assert desk.errors == []
    assert found == {}, found
