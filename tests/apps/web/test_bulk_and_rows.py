"""Many items at once, a note that was a mistake, and a service line that was forgotten."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.apps.api.conftest import Doors
from tests.apps.web.conftest import Desk

pytestmark = pytest.mark.xdist_group("browser")


def test_all_that_match_are_selected_and_what_somebody_changed_meanwhile_is_refused_and_stays_selected(
    desk: Desk, practice: Doors
) -> None:
    page = desk.page
    desk.sign_in("boss", "/queue?kind=claim_review")
    expect(page.locator(".grid-row").first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    selection = page.get_by_role("toolbar", name="With the selection")
    expect(selection).to_contain_text("1 selected")
    page.keyboard.press("Shift+X")
    headers = practice.token("coder")
    listed = practice.client.get("/api/v1/queue?kind=claim_review&limit=1000", headers=headers).json()
    expect(selection).to_contain_text(f"{listed['total']} selected")
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=date]").fill("2099-01-04")
    # While the dialog is open, a colleague begins with one of them.
    item = listed["items"][-1]["item_id"]
    started = practice.client.post(
        "/api/v1/queue/acts", headers=headers, json={"act": "start", "items": [{"item_id": item}]}
    )
    assert started.json()["done"] == [item]
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Snooze: {listed['total'] - 1} done, 1 refused")).to_be_visible()
    expect(page.get_by_text(f"Item {item}: somebody changed it")).to_be_visible()
    expect(selection).to_contain_text("1 selected")
    # What was done has a way back, although another item was refused.
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(f"Taken back: {listed['total'] - 1} done")).to_be_visible()


def test_a_note_with_markup_is_text_and_its_writer_withdraws_it(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("biller", "/queue")
    expect(page.locator(".grid-row").first).to_be_visible()
    page.keyboard.press("j")
    text = "<img src=x onerror='window.ran = 1'><script>window.ran = 2</script> =1+1"
    page.get_by_label("Add a note").fill(text)
    page.get_by_role("button", name="Save note").click()
    notes = page.locator(".notes").first
    expect(notes).to_contain_text(text)
    assert page.evaluate("window.ran") is None
    page.get_by_role("button", name="Undo").click()
    expect(notes).to_contain_text("Withdrawn by its writer")
    expect(notes).not_to_contain_text("=1+1")


def test_a_forgotten_service_line_is_added_in_the_form_and_leaving_asks_first(
    desk: Desk, practice: Doors
) -> None:
    headers = practice.token("claims_processor")
    found = practice.client.get("/api/v1/claims", headers=headers, params={"place": "review"}).json()["items"]
    key = [each["claim_key"] for each in found if each["form"] == "P"][-1]
    page = desk.page
    desk.sign_in("biller", f"/claims/{key}?tab=form")
    page.keyboard.press("o")
    page.get_by_role("dialog").get_by_label("Reason").fill("a line was forgotten")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add a service line").click()
    for name, value in (("24D", "36415"), ("24F", "12.50")):
        page.locator(".box.is-editable", has_text=re.compile(f"^{name} ")).last.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".box-editor input").first).to_be_focused()
        page.keyboard.type(value)
        page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^Set the total to")).click()
    page.locator("nav.rail").get_by_text("Claims", exact=True).click()
    leaving = page.get_by_role("dialog", name="Leave the claim")
    expect(leaving).to_contain_text("not saved and will be lost")
    leaving.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("^Save"))
    expect(dialog.locator(".diff")).to_contain_text("36415")
    dialog.get_by_label("Reason").fill("the line on the encounter form")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Version [0-9]+ is staged"))).to_be_visible()
