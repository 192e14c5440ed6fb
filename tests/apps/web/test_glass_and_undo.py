"""Breaking the glass and its alert, taking an act back, and what a screen reader is told of each page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.apps.api.conftest import Doors
from tests.apps.web.conftest import Desk, toured

pytestmark = pytest.mark.xdist_group("browser")

REASON = "Patient is in the emergency room"
# By role, the names of controls that have none, and jumps in the order of headings.
UNNAMED = """() => {
  const seen = [...document.querySelectorAll('h1,h2,h3,h4')].filter((each) => each.checkVisibility());
  const levels = seen.map((each) => Number(each.tagName[1]));
  const jumps = levels.filter((level, at) => level > (at ? levels[at - 1] : 0) + 1);
  return jumps.length || levels.filter((level) => level === 1).length !== 1 ? levels : [];
}"""
NEEDS_NAME = {
    "button", "link", "textbox", "combobox", "checkbox", "grid", "dialog", "tab", "switch", "radio",
    "searchbox", "navigation", "toolbar", "img", "menuitem",
}  # fmt: skip
PAGES = {
    "boss": [
        "/overview", "/queue", "/claims", "/files", "/remittances/waiting", "/denials", "/appeals",
        "/underpayments", "/analytics", "/rules", "/rules/DAT001", "/models", "/operations", "/settings",
        "/help",
    ],
    "biller": ["/remittances", "/remittances/paper", "/payments"],
    "auditor": ["/audit"],
}  # fmt: skip


def test_the_glass_is_broken_for_a_reason_and_another_person_sees_the_alert(
    browser: Browser, address: str, practice: Doors
) -> None:
    toured(practice, practice.account("clinic", "clinician"))
    [claim] = practice.client.get("/api/v1/claims?limit=1", headers=practice.token("manager")).json()["items"]
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    desk = Desk(context.new_page(), address)
    desk.sign_in("clinic", f"/claims/{claim['claim_key']}")
    page = desk.page
    page.keyboard.press("o")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_have_count(0)
    dialog.get_by_label(re.compile("^Break glass")).check()
    expect(dialog.get_by_role("alert")).to_contain_text("another person reviews it")
    dialog.get_by_label("Reason").fill(REASON)
    dialog.get_by_role("button", name="Break glass: open").click()
    expect(page.get_by_role("button", name="Close the content")).to_be_visible()
    assert "reason" not in page.url
    context.close()

    other = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    auditor = Desk(other.new_page(), address)
    auditor.sign_in("auditor", "/audit?part=alerts")
    expect(auditor.page.get_by_text(REASON).first).to_be_visible()
    other.close()
    assert desk.errors == auditor.errors == []


def test_what_was_resolved_by_mistake_is_taken_back_by_one_button(desk: Desk) -> None:
    desk.sign_in("biller", "/queue?kind=claim_review")
    page = desk.page
    page.locator(".grid-row").last.click()
    title = page.locator(".panel-head h2").inner_text()
    page.keyboard.press("d")
    page.get_by_role("dialog").get_by_label("Reason").fill("worked in the payer's portal")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Resolve: 1"))).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back: 1 done")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    page.goto(f"{desk.address}/queue?kind=claim_review&state=reopened,in_progress")
    page.locator(".grid-row").first.click()
    expect(page.locator(".panel-head h2")).to_have_text(title)


@pytest.mark.parametrize("name", list(PAGES))
def test_a_screen_reader_has_a_name_for_every_control_and_headings_in_order(
    name: str, browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    desk = Desk(context.new_page(), address)
    desk.sign_in(name)
    tree = context.new_cdp_session(desk.page)
    found: dict[str, Any] = {}
    for path in PAGES[name]:
        desk.page.goto(desk.address + path)
        desk.page.locator(".page-head h1").wait_for()
        desk.page.wait_for_load_state("networkidle")
        nodes = tree.send("Accessibility.getFullAXTree")["nodes"]
        unnamed = [
            each["role"]["value"]
            for each in nodes
            if not each.get("ignored")
            and each.get("role", {}).get("value") in NEEDS_NAME
            and not str(each.get("name", {}).get("value", "")).strip()
        ]
        roles = [each.get("role", {}).get("value") for each in nodes if not each.get("ignored")]
        landmarks = {"main", "navigation", "banner"} - set(roles)
        if problems := [*unnamed, *sorted(landmarks), *desk.page.evaluate(UNNAMED)]:
            found[path] = problems
    context.close()
    assert found == {}, found
    assert desk.errors == []
