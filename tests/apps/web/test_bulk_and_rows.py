"""Many items at once, a note that was a mistake, a service line that was forgotten and one too many."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.apps.api.conftest import Doors
from tests.apps.web.conftest import Desk

pytestmark = pytest.mark.slow


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
    item, claim = (listed["items"][-1][name] for name in ("item_id", "claim_key"))
    started = practice.client.post(
        "/api/v1/queue/acts", headers=headers, json={"act": "start", "items": [{"item_id": item}]}
    )
    assert started.json()["done"] == [item]
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Snooze: {listed['total'] - 1} done, 1 refused")).to_be_visible()
    expect(page.get_by_text(f"Claim {claim}: somebody changed it")).to_be_visible()
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


def test_a_service_line_is_removed_in_the_form_put_back_and_removed_for_good(
    desk: Desk, practice: Doors
) -> None:
    headers = practice.token("claims_processor")
    found = practice.client.get("/api/v1/claims", headers=headers, params={"place": "review"}).json()["items"]
    key = next(
        each["claim_key"] for each in found
        if each["form"] == "P" and len(_content(practice, headers, each["claim_key"])["lines"]) > 1
    )  # fmt: skip
    page = desk.page
    desk.sign_in("biller", f"/claims/{key}?tab=form")
    page.keyboard.press("o")
    page.get_by_role("dialog").get_by_label("Reason").fill("a line was never rendered")
    page.keyboard.press("Enter")
    for _ in range(2):
        page.get_by_role("button", name="Remove a service line").click()
        page.get_by_role("menuitem", name=re.compile("^Line 1: ")).click()
        dialog = page.get_by_role("dialog", name="Remove service line 1")
        expect(dialog).to_contain_text("Charge")
        dialog.get_by_role("button", name="Remove it").click()
        bar = page.get_by_role("region", name="Values that are typed and not saved")
        expect(bar).to_contain_text("line 1 leaves, not saved")
        if _ == 0:
            bar.get_by_role("button", name="Put line 1 back").click()
            expect(bar).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Set the total to")).click()
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("^Save"))
    expect(dialog.locator(".diff")).to_contain_text("Service line 1 leaves")
    dialog.get_by_label("Reason").fill("the line is not in the record")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("^Version [0-9]+ is staged"))).to_be_visible()
    page.wait_for_url(lambda address: not address.endswith(f"/claims/{key}?tab=form"))


def _content(practice: Doors, headers: dict[str, str], key: int) -> dict[str, list[object]]:
    opening = {"reason": "looking for a claim of several lines"}
    answer = practice.client.post(f"/api/v1/claims/{key}/opening", headers=headers, json=opening)
    content: dict[str, list[object]] = answer.json()["content"]
    return content
