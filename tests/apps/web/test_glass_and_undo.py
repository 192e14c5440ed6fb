"""Breaking the glass and its alert, and taking an act back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from tests.apps.api.conftest import Doors
from tests.apps.web.conftest import Desk, toured

pytestmark = pytest.mark.slow

REASON = "Patient is in the emergency room"


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
