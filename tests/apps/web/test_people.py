"""What each kind of person does in the web app: manager, auditor, administrator, and a newcomer."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, expect
from tests.apps.api.conftest import Doors
from tests.apps.api.test_remittances import claim_of, denied
from tests.apps.api.test_second_payers import JACK
from tests.apps.web.conftest import Desk
from tests.features.pipeline.bench_of_claims import AS_OF, begun, stage, worker
from tests.features.remittance.test_next_payer import FIRST
from tests.features.remittance.written_835 import Payment, submitted, written

from claimwright.features.checking import Checker

pytestmark = pytest.mark.slow
PASSPHRASE = "four calm herons wade"


def in_review(practice: Doors) -> dict[str, Any]:
    """A claim that waits for a person."""
    answer = practice.client.get(
        "/api/v1/claims", headers=practice.token("claims_processor"), params={"place": "review"}
    )
    found: dict[str, Any] = answer.json()["items"][0]
    return found


def test_a_newcomer_is_shown_around_once(desk: Desk, practice: Doors) -> None:
    practice.account("newcomer", "claims_processor")
    page = desk.page
    desk.sign_in("newcomer", "/overview")
    tour = page.get_by_role("region", name="Tour")
    expect(tour).to_contain_text("1 of 5")
    for _ in range(4):
        tour.get_by_role("button", name="Next").click()
    with page.expect_response(re.compile("/own/tour")):
        tour.get_by_role("button", name="Done").click()
    page.reload()
    expect(page.locator(".page-head h1")).to_be_visible()
    expect(page.get_by_role("button", name="newcomer")).to_be_visible()
    expect(tour).to_have_count(0)


def test_filters_are_saved_as_a_view_and_found_in_the_palette(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("biller", "/queue?kind=claim_review&sort=due")
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_role("menuitem", name="Save or remove views").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Reviews by day")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="View: Reviews by day", exact=True)).to_be_visible()
    page.goto(f"{desk.address}/claims")
    expect(page.locator(".page-head h1")).to_have_text("Claims")
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Go to, or do").fill("Reviews by day")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/queue\?kind=claim_review&sort=due"))
    page.get_by_role("button", name="View: Reviews by day", exact=True).click()
    page.get_by_role("menuitem", name="Save or remove views").click()
    page.get_by_role("button", name="Remove Reviews by day").click()
    expect(page.get_by_role("button", name="Remove Reviews by day")).to_have_count(0)


def test_a_check_is_found_by_its_number_and_its_claim_by_the_payers(desk: Desk, practice: Doors) -> None:
    headers = practice.token("claims_processor")
    key, number, lines = claim_of(practice, headers, "FAC001")
    payment = Payment([denied(number, lines, payer_number="ICN-4711")], trace="EFT4711")
    taken = practice.client.post("/api/v1/remittances", headers=headers, content=written(payment))
    assert taken.status_code == 201, taken.text
    page = desk.page
    desk.sign_in("biller")
    for wanted, lands in (("EFT4711", r"/payments/\d+"), ("ICN-4711", f"/claims/{key}")):
        page.keyboard.press("/")
        page.locator(".top-search input").fill(wanted)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(lands))
        assert wanted not in page.url
        page.locator("h1").first.click()


def test_a_manager_goes_from_the_overview_to_what_a_biller_proposed_and_approves_it(
    desk: Desk, browser: Browser, address: str, practice: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four eyes: the biller's release waits, the biller can't approve it, the manager does."""
    from claimwright.features.review import ReviewPolicy

    strict = ReviewPolicy(Decimal(1))
    monkeypatch.setattr("claimwright.assembly.reviews.review_policy", lambda settings: strict)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = Desk(context.new_page(), address)
    other.sign_in("biller", "/queue?kind=claim_review")
    other.page.locator(".grid-row").first.click()
    title = other.page.locator(".panel-head h2").inner_text()
    other.page.keyboard.press("r")
    other.page.get_by_role("dialog").get_by_label("Reason").fill("checked with the surgeon")
    other.page.keyboard.press("Enter")
    # Not what the dialog says before: it is sent when this is told.
    waits = re.compile("Release: 1 wait for another person's approval")
    expect(other.page.get_by_text(waits)).to_be_visible()
    context.close()

    page = desk.page
    desk.sign_in("boss", "/overview")
    expect(page.locator(".figures li")).to_have_count(4)
    page.get_by_role("link", name="Claims to review").click()
    expect(page).to_have_url(re.compile("/queue"))
    page.goto(f"{desk.address}/queue?state=awaiting_approval")
    # The page before shows rows as well: the click must be on this one's.
    expect(page.locator(".grid-row")).to_have_count(1)
    page.locator(".grid-row").click()
    expect(page.locator(".panel-head h2")).to_have_text(title)
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("agreed, as proposed")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("Approve: 1 done"))).to_be_visible()
    expect(page.locator(".grid-row")).to_have_count(0)


def test_an_auditor_follows_a_claim_through_the_log_exports_it_and_verifies_it(
    desk: Desk, practice: Doors, tmp_path: Path
) -> None:
    key = in_review(practice)["claim_key"]
    opened = practice.client.post(
        f"/api/v1/claims/{key}/opening", headers=practice.token("coder"), json={"reason": "=coding review 7"}
    )
    assert opened.status_code == 200, opened.text
    page = desk.page
    desk.sign_in("auditor", "/audit")
    page.get_by_label("About", exact=True).fill(f"claim:{key}")
    page.keyboard.press("Enter")
    row = page.locator(".grid-row", has_text="coding review 7").first
    expect(row).to_be_visible()
    row.click()
    panel = page.locator(".page-panel")
    expect(panel).to_contain_text("=coding review 7")
    panel.get_by_role("link", name=f"claim:{key}").click()
    expect(page).to_have_url(re.compile(f"/claims/{key}"))
    page.go_back()
    expect(row).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("^Export")).click()
    saved = tmp_path / "audit.csv"
    download.value.save_as(saved)
    rows = list(csv.DictReader(saved.read_text(encoding="utf-8").splitlines()))
    assert any("'=coding review 7" in value for each in rows for value in each.values()), rows
    page.get_by_role("button", name="Verify the log").click()
    expect(page.get_by_text("The log holds")).to_be_visible()


def test_an_administrator_adds_a_person_asks_what_they_may_and_waives_a_rule(
    desk: Desk, browser: Browser, address: str, practice: Doors
) -> None:
    page = desk.page
    desk.sign_in("admin", "/settings/users")
    page.get_by_role("link", name="Set up a second factor").click()
    page.get_by_role("button", name="Set up an authenticator").click()
    secret = page.locator("pre.secret").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    recovery = page.get_by_role("dialog").locator("pre.secret").inner_text().split()[0]
    page.get_by_role("button", name="I have kept it").click()
    page.get_by_role("button", name="admin", exact=True).click()
    with page.expect_navigation():
        page.get_by_role("menuitem", name="Sign out").click()
    desk.sign_in("admin", "/settings/users", code=recovery)
    page.get_by_role("button", name="Add a user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("newcoder")
    dialog.get_by_role("combobox", name="Roles").click()
    page.get_by_role("option", name=re.compile("^Coder")).click()
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Add and make a link").click()
    link = page.locator("pre.secret").inner_text()
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_role("row", name=re.compile("newcoder"))).to_contain_text("Coder")

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = Desk(context.new_page(), address)
    other.page.goto(f"{address}/queue")
    other.page.get_by_role("button", name=re.compile("link", re.IGNORECASE)).click()
    form = other.page.locator("form")
    form.get_by_label("Link").fill(link)
    form.get_by_label("Name").fill("newcoder")
    form.get_by_label("New password").fill(PASSPHRASE)
    other.page.get_by_role("button", name="Set the password").click()
    other.page.locator("input[autocomplete=current-password]").fill(PASSPHRASE)
    other.page.keyboard.press("Enter")
    expect(other.page.locator(".page-head h1")).to_have_text("Work queue")
    context.close()

    page.goto(f"{desk.address}/settings/policies")
    action = page.get_by_role("combobox", name="Wants to")
    expect(action).to_have_value(re.compile("^claims.read"))
    action.fill("accounts.change")
    page.get_by_role("option", name=re.compile("^accounts.change")).click()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("no policy allows it")).to_be_visible()

    code = practice.client.get("/api/v1/rules", headers=practice.token("administrator")).json()[0]["code"]
    page.goto(f"{desk.address}/rules/{code}")
    page.get_by_role("button", name="Waive").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("the payer agreed in writing")
    page.get_by_role("button", name="Add the waiver").click()
    waiver = page.get_by_role("row").filter(has_text="the payer agreed in writing")
    expect(waiver).to_be_visible()


def test_a_claim_is_released_to_its_second_payer_and_its_837_is_withheld_after_it(
    desk: Desk, practice: Doors, tmp_path: Path
) -> None:
    services = practice.services
    stage(services.database, services.sealer, submitted(JACK), "FAC001")
    worker(services.database, services.sealer, begun(services.database), Checker(as_of=AS_OF)).work()
    posted = practice.client.post(
        "/api/v1/remittances", headers=practice.token("manager"), content=written(FIRST)
    )
    assert posted.json()["answers"] == {"posted": 1}, posted.text
    page = desk.page
    desk.sign_in("boss", "/remittances")
    page.get_by_role("link", name="Secondary claims").click()
    page.locator(".grid-row").first.click()
    page.keyboard.press("x")
    page.get_by_role("button", name="Release 1 claim, $62.23").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("billed to the second payer")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Release and save the 837").click()
    saved = tmp_path / "second.837"
    download.value.save_as(saved)
    assert b"AMT*EAF*62.23" in saved.read_bytes()
    page.goto(f"{desk.address}/remittances?view=second-payers&state=released")
    page.locator(".grid-row").first.click()
    expect(page.locator(".grid-row").first).to_contain_text("by boss")
    page.get_by_role("button", name=re.compile("Save the 837 of claim .* again")).click()
    dialog.get_by_label("Reason").fill("the file was lost")
    dialog.get_by_role("button", name="Save the 837").click()
    # Managers see no notes, which the 837 may have.
    expect(dialog.get_by_role("alert")).to_contain_text("withheld")
