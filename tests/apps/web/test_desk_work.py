"""A biller's day: one facility on every page, a value in its box, a paper EOB, a lost connection."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.apps.api.conftest import Doors
from tests.apps.web.conftest import Desk

pytestmark = pytest.mark.slow


def test_facility_and_period_hold_on_every_page_until_they_are_cleared(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("boss", "/claims")
    page.get_by_role("combobox", name="Facility").click()
    page.get_by_role("option", name="FAC002").click()
    expect(page).to_have_url(re.compile("facility=FAC002"))
    page.keyboard.press("Escape")
    for keys, path in (("q", "queue"), ("o", "overview"), ("f", "files")):
        page.locator("#content").focus()
        page.keyboard.type("g" + keys)
        expect(page).to_have_url(re.compile(f"/{path}.*facility=FAC002"))
    expect(page.locator(".grid-row").first).to_contain_text("FAC002")
    expect(page.locator(".grid-row", has_text="FAC001")).to_have_count(0)
    page.get_by_role("combobox", name="Period").click()
    page.get_by_role("option", name="Other days").click()
    days = page.get_by_role("dialog")
    days.get_by_label("First day").fill("2020-01-01")
    days.get_by_label("Last day").fill("2020-01-31")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Clear both").click()
    expect(page).not_to_have_url(re.compile("facility|period"))
    expect(page.locator(".grid-row", has_text="FAC001").first).to_be_visible()


def test_a_heading_sorts_the_list_and_the_address_keeps_it(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("biller", "/claims")
    charge = page.get_by_role("columnheader", name="Charge")
    rows = page.get_by_role("grid", name="Claims").locator('.grid-row [role="gridcell"]:last-child')
    expect(page.get_by_role("columnheader", name="Claim", exact=True)).to_have_attribute(
        "aria-sort", "descending"
    )
    for way in ("descending", "ascending"):
        charge.get_by_role("button").focus()
        page.keyboard.press("Enter")
        expect(charge).to_have_attribute("aria-sort", way)
        expect(page).to_have_url(
            re.compile("sort=-total_charge" if way == "descending" else "sort=total_charge")
        )
        page.reload()
        expect(charge).to_have_attribute("aria-sort", way)
        expect(rows.first).to_be_visible()
        charges = [float(each.replace("$", "").replace(",", "")) for each in rows.all_inner_texts()]
        assert charges == sorted(charges, reverse=way == "descending")
        assert len(set(charges)) > 1


def test_a_value_is_changed_in_its_box_by_keyboard_and_tried_before_it_is_saved(
    desk: Desk, practice: Doors
) -> None:
    headers = practice.token("claims_processor")
    found = practice.client.get("/api/v1/claims", headers=headers, params={"place": "review"}).json()["items"]
    key = next(each["claim_key"] for each in found if each["form"] == "P")
    page = desk.page
    desk.sign_in("biller", f"/claims/{key}?tab=form")
    page.keyboard.press("o")
    page.get_by_role("dialog").get_by_label("Reason").fill("correcting the authorization")
    page.keyboard.press("Enter")
    box = page.locator(".box.is-editable", has_text=re.compile("^23 "))
    box.focus()
    page.keyboard.press("Enter")
    field = page.locator(".box-editor input").first
    expect(field).to_be_focused()
    before = field.input_value()
    page.keyboard.type("AUTH")
    page.keyboard.press("Escape")
    # Escape takes back what was typed, and the box has the focus again.
    expect(box).to_be_focused()
    expect(page.get_by_role("button", name="Undo all")).to_have_count(0)
    page.keyboard.press("Enter")
    field.fill(f"{before}9")
    page.keyboard.press("Enter")
    expect(box.locator("ins")).to_have_text(f"{before}9")
    # The Fix tab has the same value.
    page.get_by_role("tab", name="Fix").click()
    expect(page.locator("ins", has_text=f"{before}9").first).to_be_visible()
    page.get_by_role("tab", name="Form").click()
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("^Save"))
    expect(dialog.locator(".diff ins")).to_have_text(f"{before}9")
    dialog.get_by_label("Reason").fill("the number on the payer's letter")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Version [0-9]+ is staged"))).to_be_visible()


def test_a_paper_remittance_adds_up_while_it_is_typed_and_is_not_lost(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("boss", "/remittances/paper")

    def line(name: str, value: str) -> None:
        page.get_by_role("textbox", name=f"{name}, line 1 of claim 1").fill(value)

    page.get_by_role("textbox", name="Payer", exact=True).fill("GOOD PAYER")
    page.get_by_role("textbox", name="Check or EFT number").fill("5551")
    page.get_by_role("textbox", name="Day paid").fill("02/01/2026")
    page.get_by_role("textbox", name="Amount").fill("64.01")
    page.get_by_role("textbox", name="Our claim number").fill("NOBODY")
    line("Charge", "100")
    line("Adjustments", "CO-45 20, PR-2 16")
    line("Paid", "64")
    foot = page.locator(".paper-foot")
    expect(foot).to_contain_text("$0.01 too much on the check")
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_role("alert")).to_contain_text("not the amount of the check")
    page.get_by_role("link", name="Denials").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("textbox", name="Amount").fill("64")
    expect(foot).to_contain_text("it adds up")
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_text("0 claims posted, 1 waiting")).to_be_visible()


def test_a_lost_connection_is_said_what_is_typed_stays_and_all_is_right_again(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("boss", "/remittances/paper")
    typed = page.get_by_role("textbox", name="Payer", exact=True)
    typed.fill("GOOD PAYER")
    page.context.set_offline(True)
    bar = page.locator(".connection")
    expect(bar).to_contain_text("No connection to the server")
    page.context.set_offline(False)
    expect(bar).to_contain_text("Connected again")
    expect(typed).to_have_value("GOOD PAYER")
