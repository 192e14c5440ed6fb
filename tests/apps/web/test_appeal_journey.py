"""From a denial to its recovered dollars, in the browser: drafted, proven, approved, handed off, paid."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.apps.api.served import served
from tests.apps.web.conftest import Desk, toured
from tests.features.appeals.conftest import NOTE, PEOPLE, Office, checker, clinic_folder, filled, office
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.apps.api import create_app

__all__ = ["checker", "clinic_folder", "filled", "office"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(office: Office) -> Iterator[str]:
    """Where the office's server is."""
    doors = office.doors
    for name in ("writer", "approver"):
        toured(doors, doors.account(name, "appeals_specialist"))
    toured(doors, doors.account("boss", "manager"))
    with served(doors, app=create_app(doors.services.settings, doors.services)) as found:
        yield found


@pytest.fixture
def desks(browser: Browser, address: str) -> Iterator[tuple[Desk, Desk]]:
    """The writer's and the approver's browser."""
    contexts = [
        browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        for _ in range(2)
    ]
    made = [Desk(each.new_page(), address) for each in contexts]
    yield made[0], made[1]
    for context in contexts:
        context.close()
    assert [each.errors for each in made] == [[], []]


def picture(page: Page, name: str) -> None:
    """A picture of a step, for a person who asks for them: CLAIMWRIGHT_TEST_PICTURES names a folder."""
    if folder := os.environ.get("CLAIMWRIGHT_TEST_PICTURES"):
        page.wait_for_timeout(400)
        page.screenshot(path=f"{folder}/{name}.png")


def opened(desk: Desk, why: str) -> None:
    """Open the case for a reason."""
    desk.page.get_by_role("button", name="Open the case").click()
    desk.page.get_by_role("dialog").get_by_label("Reason").fill(why)
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("region", name="The letter")).to_be_visible()


def test_a_denial_becomes_a_sent_appeal_and_its_recovered_dollars_in_the_browser(
    office: Office,
    desks: tuple[Desk, Desk],
    tmp_path: Path,
) -> None:
    writer, approver = desks
    lines = [Svc("99214", "200", ["CO-50:200"])]
    office.clinic.post(Payment([Clp("A200", "4", lines, **PEOPLE["A200"])], trace="J1", day="20261110"))
    page = writer.page
    writer.sign_in("writer", "/denials")
    picture(page, "01-denials")
    page.locator(".grid-row", has_text="200.00").first.click()
    picture(page, "02-denial")
    page.get_by_role("button", name="Draft the appeal").first.click()
    expect(page).to_have_url(re.compile("/appeals/[0-9]+"))
    picture(page, "03-case-closed")
    opened(writer, "working on the appeal")
    # By the numbers, the work costs more than it brings: a person may want it all the same.
    expect(page.get_by_role("region", name="The case")).to_contain_text("The work costs more")
    page.get_by_role("button", name="Draft it anyway").click()
    expect(page.locator(".page-head")).to_contain_text("Marked")
    opened(writer, "working on the appeal")
    picture(page, "04-no-chart-yet")
    # Without a chart, the letter has nothing to say of the patient: it is marked.
    expect(page.get_by_role("region", name="The gate")).to_contain_text("marked")
    note = tmp_path / "visit.txt"
    note.write_text(NOTE.format(**PEOPLE["A200"]))
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Add a document").click()
    choosing.value.set_files(note)
    case_column = page.get_by_role("region", name="The case")
    expect(case_column).to_contain_text("Progress note")
    picture(page, "05-document")
    page.get_by_role("button", name="Read", exact=True).first.click()
    reader = page.get_by_role("dialog", name=re.compile("Progress note"))
    expect(reader.locator("mark", has_text="type 2 diabetes")).to_be_visible()
    picture(page, "06-findings")
    reader.get_by_role("button", name="Accept the chosen").click()
    expect(reader).to_contain_text("accepted")
    page.keyboard.press("Escape")
    expect(case_column).to_contain_text("accepted")
    page.get_by_label("Search the documents").fill("T2DM")
    page.keyboard.press("Enter")
    expect(case_column.locator(".fact-list", has_text="type 2 diabetes").first).to_be_visible()
    page.get_by_role("button", name="Draft again").click()
    expect(page.get_by_role("region", name="The gate")).to_contain_text("Nothing is marked")
    picture(page, "07-ready")
    page.locator(".statement", has_text="type 2 diabetes").hover()
    expect(page.locator(".fact-list li.is-lit")).not_to_have_count(0)
    picture(page, "08-lit")
    # Who drafted it can't approve it.
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_disabled()
    picture(page, "09-writer-cannot-approve")
    other = approver.page
    approver.sign_in("approver", page.url.removeprefix(writer.address))
    opened(approver, "approving the letter")
    other.get_by_role("button", name="Approve", exact=True).click()
    expect(other.locator(".page-head")).to_contain_text("Approved")
    picture(other, "10-approved")
    other.get_by_role("button", name="Send").click()
    picture(other, "11-sending")
    dialog = other.get_by_role("dialog")
    dialog.get_by_role("button", name="Hand off").click()
    expect(other.locator(".page-head")).to_contain_text("Sent")
    picture(other, "12-sent")
    [manifest] = Path(str(office.doors.services.settings.appeals.handoff_folder)).glob(
        "*/appeal-*/manifest.json"
    )
    assert json.loads(manifest.read_text())["claim_number"] == "A200"
    # The payer pays 150.00 after all; the rest is by contract.
    paid = [Svc("99214", "200", ["CO-45:50"])]
    office.clinic.post(
        Payment([Clp("A200", "1", paid, payer_number="2", **PEOPLE["A200"])], trace="J2", day="20261120")
    )
    other.goto(approver.address + "/appeals")
    row = other.locator(".grid-row", has_text="Won")
    expect(row).to_contain_text("150.00")
    picture(other, "13-recovered")
    row.dblclick()
    expect(other.locator(".page-head")).to_contain_text("$150.00 recovered")
    picture(other, "14-won")
