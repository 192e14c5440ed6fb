"""What people do in the web app, by keyboard where the app promises it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from tests.apps.api.conftest import PASSWORD, Doors
from tests.apps.api.test_remittances import claim_of, denied
from tests.apps.web.conftest import PATIENCE_MS, Desk
from tests.features.remittance.written_835 import Payment, written

pytestmark = pytest.mark.slow


def test_nothing_is_shown_before_somebody_signs_in(desk: Desk) -> None:
    desk.page.goto(f"{desk.address}/claims")
    expect(desk.page.locator("input[autocomplete=username]")).to_be_visible(timeout=PATIENCE_MS)
    assert desk.page.locator(".grid").count() == 0
    desk.page.locator("input[autocomplete=username]").fill("biller")
    desk.page.locator("input[autocomplete=current-password]").fill("not the password of this one")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("alert")).to_be_visible(timeout=PATIENCE_MS)


def test_the_rail_has_only_what_a_role_may_use(desk: Desk) -> None:
    desk.sign_in("viewer", "/claims")
    rail = desk.page.locator("nav.rail")
    expect(rail.get_by_text("Claims", exact=True)).to_be_visible()
    assert rail.get_by_text("Audit", exact=True).count() == 0


def test_a_biller_works_an_item_of_the_queue_with_the_keyboard_alone(desk: Desk) -> None:
    desk.sign_in("biller", "/queue?kind=claim_review")
    rows = desk.page.locator(".grid-row")
    expect(rows.first).to_be_visible(timeout=PATIENCE_MS)
    desk.page.keyboard.press("j")
    expect(desk.page.locator(".page-panel")).to_be_visible()
    desk.page.keyboard.press("a")
    expect(desk.page.get_by_text(re.compile("Assign: 1 done"))).to_be_visible(timeout=PATIENCE_MS)
    desk.page.goto(f"{desk.address}/queue?assignee=me")
    expect(rows.first).to_contain_text("biller", timeout=PATIENCE_MS)
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("s")
    dialog = desk.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.locator("input[type=date]").fill("2099-01-04")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_text(re.compile("Snooze: 1 done"))).to_be_visible(timeout=PATIENCE_MS)


def test_a_change_is_seen_in_another_browser_without_doing_anything(
    desk: Desk, browser: Browser, address: str
) -> None:
    desk.sign_in("boss", "/queue?assignee=nobody")
    first = desk.page.locator(".page-summary strong").first
    expect(first).not_to_be_empty(timeout=PATIENCE_MS)
    before = first.inner_text()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = Desk(context.new_page(), address)
    other.sign_in("biller", "/queue?assignee=nobody")
    expect(other.page.locator(".grid-row").first).to_be_visible(timeout=PATIENCE_MS)
    other.page.keyboard.press("j")
    other.page.keyboard.press("a")
    expect(other.page.get_by_text(re.compile("Assign: 1 done"))).to_be_visible(timeout=PATIENCE_MS)
    expect(first).not_to_have_text(before, timeout=PATIENCE_MS)
    context.close()


def test_the_address_holds_the_view_and_back_works(desk: Desk) -> None:
    desk.sign_in("biller", "/claims?place=review")
    expect(desk.page.locator(".grid-row").first).to_contain_text("In review", timeout=PATIENCE_MS)
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("Enter")
    expect(desk.page).to_have_url(re.compile(r"/claims/\d+"))
    desk.page.go_back()
    expect(desk.page).to_have_url(re.compile(r"/claims\?.*place=review"))


def test_keys_lead_to_the_sections_and_are_listed(desk: Desk) -> None:
    desk.sign_in("biller")
    desk.page.keyboard.type("gc")
    expect(desk.page).to_have_url(re.compile("/claims"))
    desk.page.keyboard.press("?")
    expect(desk.page.get_by_role("dialog")).to_contain_text("Do anything")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Control+k")
    palette = desk.page.get_by_placeholder("Go to, or do")
    expect(palette).to_be_focused(timeout=PATIENCE_MS)
    palette.fill("Files")
    expect(desk.page.get_by_role("dialog").get_by_role("button")).to_have_count(1)
    desk.page.keyboard.press("Enter")
    expect(desk.page).to_have_url(re.compile("/files"))


def test_a_claim_of_nobody_by_address_is_said_in_words(desk: Desk) -> None:
    desk.sign_in("biller", "/claims/999999999")
    expect(desk.page.get_by_text(re.compile("no claim|not found", re.IGNORECASE)).first).to_be_visible(
        timeout=PATIENCE_MS
    )


def test_a_session_that_ends_keeps_the_page_and_asks_again(desk: Desk) -> None:
    desk.sign_in("biller", "/queue")
    desk.page.keyboard.press("/")
    desk.page.locator(".top-search input").fill("kept")
    desk.page.context.clear_cookies()
    desk.page.evaluate("fetch('/api/v1/session')")
    desk.page.locator("nav.rail").get_by_text("Claims", exact=True).click()
    expect(desk.page.get_by_text("Your session has ended")).to_be_visible(timeout=PATIENCE_MS)
    desk.page.locator(".sign-in input[autocomplete=current-password]").fill("seven brown foxes jump")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".page-head h1")).to_be_visible(timeout=PATIENCE_MS)
    assert desk.page.locator(".top-search input").input_value() == "kept"


def test_a_dialog_is_not_over_the_form_when_the_session_ends_and_is_there_again(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("biller", "/queue?kind=claim_review")
    expect(page.locator(".grid-row").first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.get_by_role("dialog").locator("input[type=date]").fill("2099-01-05")
    page.context.clear_cookies()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    password = page.locator(".sign-in input[autocomplete=current-password]")
    expect(password).to_be_focused()
    page.keyboard.press("Escape")
    password.fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator("input[type=date]")).to_have_value("2099-01-05")
    # The keys of the page are heard again.
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_session_without_a_person_ends_on_the_server_too(desk: Desk) -> None:
    page = desk.page
    page.clock.install()
    desk.sign_in("biller", "/queue")
    assert page.request.get(f"{desk.address}/api/v1/session").ok
    page.clock.fast_forward("28:30")
    expect(page.get_by_text("You will be signed out soon")).to_be_visible()
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.clock.fast_forward("31:00")
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    expect(page.locator(".page-head h1")).to_be_hidden()
    page.wait_for_function("fetch('/api/v1/session').then((answer) => answer.status === 401)")


def test_a_note_that_is_begun_stays_with_its_item(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("biller", "/queue?kind=claim_review")
    rows, note = page.locator(".grid-row"), page.get_by_label("Add a note")
    rows.nth(0).click()
    note.fill("called the payer")
    title = page.locator(".panel-head h2")
    first = title.inner_text()
    rows.nth(1).click()
    expect(title).not_to_have_text(first)
    expect(note).to_have_value("")
    rows.nth(0).click()
    expect(title).to_have_text(first)
    expect(note).to_have_value("called the payer")


def test_values_by_hand_survive_another_tab_and_can_be_saved_although_they_block(
    desk: Desk, practice: Doors
) -> None:
    headers = practice.token("claims_processor")
    found = practice.client.get("/api/v1/claims", headers=headers, params={"place": "review"}).json()["items"]
    key = found[-1]["claim_key"]
    page = desk.page
    desk.sign_in("biller", f"/claims/{key}?tab=fix")
    page.keyboard.press("o")
    page.get_by_role("dialog").get_by_label("Reason").fill("correcting the address")
    page.keyboard.press("Enter")
    field = page.get_by_role("combobox", name="Field")
    field.fill("billing address 1")
    page.get_by_role("option", name=re.compile("^Billing address 1")).click()
    value = page.get_by_label("New value")
    expect(value).not_to_have_value("")
    value.fill("PO BOX 9")
    # What is typed and not added is neither left out of a trial nor lost without a word.
    expect(page.get_by_text("A value is typed and not added")).to_be_visible()
    expect(page.get_by_role("button", name="Try it with the rules")).to_be_disabled()
    page.get_by_role("button", name="Close the content").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 value that you typed is not saved")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(field).to_be_focused()
    typed = page.locator("ins", has_text="PO BOX 9").first
    expect(typed).to_be_visible()
    page.get_by_role("tab", name="Content").click()
    expect(typed).to_be_hidden()
    page.get_by_role("tab", name="Fix").click()
    expect(typed).to_be_visible()
    page.get_by_role("button", name="Try it with the rules").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Save although it blocks")).to_be_visible()
    page.get_by_role("dialog").get_by_label("Reason").fill("the payer takes a post office box")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Version [0-9]+ is staged"))).to_be_visible()
    expect(page).not_to_have_url(re.compile(f"/claims/{key}"))


def test_a_claim_leads_to_its_denial(desk: Desk, practice: Doors) -> None:
    headers = practice.token("claims_processor")
    key, number, lines = claim_of(practice, headers, "FAC001")
    content = written(Payment([denied(number, lines)]))
    taken = practice.client.post("/api/v1/remittances", headers=headers, content=content)
    assert taken.status_code == 201, taken.text
    page = desk.page
    desk.sign_in("boss", f"/claims/{key}")
    expect(page.get_by_role("group", name="Payer responses").locator("tbody tr")).to_have_count(1)
    page.locator(".claim a[href*='/denials/']").first.click()
    expect(page.get_by_role("heading", name="What was denied")).to_be_visible()
    expect(page.get_by_role("group", name="Payer responses").locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("group", name="Ledger of the claim")).to_be_visible()
    # And back: both pages have the same of it in memory.
    page.go_back()
    expect(page.get_by_role("group", name="Money by line")).to_be_visible()


def test_nothing_stays_in_the_storage_of_the_browser_but_the_theme(desk: Desk) -> None:
    desk.sign_in("biller", "/claims")
    expect(desk.page.locator(".grid-row").first).to_be_visible(timeout=PATIENCE_MS)
    kept = desk.page.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage)]")
    assert set(kept[0]) <= {"mantine-color-scheme-value"}
    assert all("claim" not in name.lower() for name in kept[1])
