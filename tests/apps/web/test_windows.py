"""Several windows of a browser, which share one session; keys, whatever has the focus."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.apps.api.conftest import PASSWORD, Doors
from tests.apps.web.conftest import Desk

pytestmark = pytest.mark.slow


def sign_out(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("Sign in to Claimwright")).to_be_visible()


def test_signing_in_anew_in_one_window_keeps_the_other_at_work(desk: Desk, address: str) -> None:
    page = desk.page
    desk.sign_in("biller", "/queue?kind=claim_review")
    expect(page.locator(".grid-row").first).to_be_visible()
    page.keyboard.press("j")
    note = page.get_by_label("Add a note")
    note.fill("begun in the first window")
    second = Desk(page.context.new_page(), address)
    second.page.goto(f"{address}/claims")
    sign_out(second.page, "biller")
    # Nothing of what was open in the first window is in sight of who comes next.
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    expect(note).to_be_hidden()
    second.sign_in("biller", "/claims")
    # Told by the other window: nobody has to sign in again here, and what was typed is there.
    expect(page.get_by_text("Your session has ended")).to_have_count(0)
    expect(note).to_have_value("begun in the first window")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".notes").first).to_contain_text("begun in the first window")
    assert second.errors == []


def test_a_window_that_was_not_told_of_the_new_session_saves_all_the_same(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("biller", "/queue?kind=claim_review")
    expect(page.locator(".grid-row").first).to_be_visible()
    page.context.clear_cookies()
    body = {"tenant": "default", "name": "biller", "password": PASSWORD, "purpose": "payment"}
    assert page.context.request.post(f"{desk.address}/api/v1/session", data=body).ok
    page.keyboard.press("j")
    with page.expect_response(lambda answer: answer.url.endswith("/queue/acts") and answer.status == 403):
        page.keyboard.press("a")
    expect(page.get_by_text(re.compile("Assign: 1 done"))).to_be_visible()


def test_another_person_in_another_window_takes_this_one_over_empty(desk: Desk, address: str) -> None:
    page = desk.page
    desk.sign_in("biller", "/queue?kind=claim_review")
    page.locator(".grid-row").first.click()
    page.get_by_label("Add a note").fill("nothing for the boss")
    second = Desk(page.context.new_page(), address)
    second.page.goto(f"{address}/claims")
    sign_out(second.page, "biller")
    second.sign_in("boss", "/claims")
    expect(page.get_by_role("button", name="boss", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("/overview"))
    page.goto(f"{address}/queue?kind=claim_review")
    page.locator(".grid-row").first.click()
    expect(page.get_by_label("Add a note")).to_have_value("")


def test_the_form_over_an_ended_session_lets_another_person_begin(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("biller", "/queue")
    page.context.clear_cookies()
    page.locator("nav.rail").get_by_text("Claims", exact=True).click()
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    page.get_by_role("button", name="Another person").click()
    expect(page.get_by_text("Sign in to Claimwright")).to_be_visible()
    expect(page.locator("input[autocomplete=username]")).to_be_enabled()


def test_two_keys_lead_to_a_page_and_do_nothing_to_the_row_that_has_the_focus(desk: Desk) -> None:
    page = desk.page
    for second, lands in (("d", "Denials"), ("r", "Remittances"), ("x", "Operations"), ("s", "Settings")):
        if second == "d":
            desk.sign_in("boss", "/queue")
        else:
            page.goto(f"{desk.address}/queue")
        expect(page.locator(".grid-row").first).to_be_visible()
        page.keyboard.press("j")
        expect(page.locator(".grid-row.is-current")).to_be_focused()
        page.keyboard.type("g" + second)
        expect(page.locator(".page-head h1")).to_have_text(re.compile(lands))
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_note_is_there_after_another_page_and_says_whom_it_mentions(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("biller", "/queue?kind=claim_review")
    page.locator(".grid-row").nth(1).click()
    note = page.get_by_label("Add a note")
    note.fill("ask the boss")
    mention = page.get_by_role("combobox", name="Mention")
    mention.click()
    page.get_by_role("option", name="boss").click()
    page.keyboard.press("Escape")
    page.locator("nav.rail").get_by_text("Claims", exact=True).click()
    expect(page.locator(".page-head h1")).to_have_text("Claims")
    page.go_back()
    expect(note).to_have_value("ask the boss")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".notes li").filter(has_text="ask the boss")).to_contain_text("for boss")
    expect(note).to_have_value("")


def test_the_tour_takes_no_key_and_ends_with_escape(desk: Desk, practice: Doors) -> None:
    practice.account("guest", "claims_processor")
    page = desk.page
    desk.sign_in("guest", "/overview")
    tour = page.get_by_role("region", name="Tour")
    expect(tour).to_contain_text("1 of 5")
    page.keyboard.type("gc")
    expect(page.locator(".page-head h1")).to_have_text("Claims")
    expect(tour).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 900})
    page.reload()
    # The rail is closed, and its step with it.
    expect(tour).to_contain_text("1 of 3")
    with page.expect_response(re.compile("/own/tour")):
        page.keyboard.press("Escape")
    expect(tour).to_have_count(0)
