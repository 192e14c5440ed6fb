"""The journeys of manager, auditor, administrator and denial specialist by keyboard alone.

Nothing is clicked and no field is filled but by typing into the one that has the focus. The processor's
journey by keyboard is in `test_journeys.py`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.apps.api.conftest import PASSWORD, Doors
from tests.apps.api.test_queue import acted, listed
from tests.apps.api.test_remittances import claim_of, denied
from tests.apps.web.conftest import Desk, toured
from tests.features.remittance.written_835 import Clp, Payment, Svc, written

pytestmark = pytest.mark.slow

# Who needs more presses than this for one thing would use a mouse.
MOST_TABS = 45
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return "nowhere";
  const text = at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || "";
  const role = at.getAttribute("role") || at.tagName.toLowerCase();
  return `${role} "${text.trim().replace(/\\s+/g, " ").slice(0, 50)}"`;
}"""


class Keys:
    """A person with a keyboard and no mouse."""

    def __init__(self, desk: Desk) -> None:
        self.page: Page = desk.page
        self.address = desk.address

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type into what has the focus, which must be a field."""
        assert self.page.evaluate("document.activeElement.matches('input, textarea')"), self.focused()
        self.page.keyboard.type(text)

    def focused(self) -> str:
        """What has the focus, in words."""
        return str(self.page.evaluate(FOCUSED))

    def tab_to(self, role: Any, name: str | re.Pattern[str], most: int = MOST_TABS) -> Locator:
        """Press Tab until what has this role and name has the focus; fails with where the focus was."""
        wanted = self.page.get_by_role(role, name=name, exact=True)
        expect(wanted.first).to_be_visible()
        passed = [self.focused()]
        while not wanted.evaluate_all("found => found.includes(document.activeElement)"):
            assert len(passed) <= most, f"{role} {name!r} was not reached by {most} Tab: {passed}"
            self.press("Tab")
            passed.append(self.focused())
        return wanted

    def choose(self, option: re.Pattern[str], most: int = 40) -> None:
        """Choose an option of the combobox that has the focus, by its arrows."""
        expect(self.page.locator("[role=combobox]:focus, [aria-haspopup=listbox]:focus")).to_have_count(1)
        at = self.page.locator("[role=option][data-combobox-selected]")
        for _ in range(most):
            self.press("ArrowDown")
            if at.count() and option.search(at.first.inner_text()):
                self.press("Enter")
                return
        raise AssertionError(f"{option.pattern!r} is not among the options of {self.focused()}")

    def in_dialog(self, kind: str) -> None:
        """A dialog has opened, and what it asks for first has the focus."""
        expect(self.page.locator(f"[role=dialog] {kind}:focus")).to_be_visible()

    def arrives(self, address: str) -> None:
        """Another page is there, and the next Tab goes into it."""
        expect(self.page).to_have_url(re.compile(address))
        expect(self.page.locator("#content")).to_be_focused()

    def has_place(self) -> None:
        """The focus is somewhere: the next Tab does not begin at the top of the window again."""
        expect(self.page.locator("body :focus")).to_have_count(1)

    def sign_in(self, name: str, path: str, *, code: Callable[[], str] | None = None) -> None:
        """Sign in at a page; with a code where the account has a second factor."""
        self.page.goto(self.address + path)
        expect(self.page.locator("input[autocomplete=username]")).to_be_focused()
        self.type(name)
        self.tab_to("textbox", "Password", 3)
        self.type(PASSWORD)
        self.press("Enter")
        if code is not None:
            expect(self.page.locator("input[autocomplete=one-time-code]")).to_be_focused()
            self.type(code())
            self.press("Enter")
        expect(self.page.locator(".page-head h1")).to_be_visible()


@pytest.fixture
def keys(desk: Desk) -> Keys:
    """A keyboard before a browser of its own."""
    return Keys(desk)


def test_a_manager_approves_what_waits_and_schedules_a_report(
    keys: Keys, practice: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claimwright.features.review import ReviewPolicy

    strict = ReviewPolicy(1)
    monkeypatch.setattr("claimwright.assembly.reviews.review_policy", lambda settings: strict)
    biller = practice.token("claims_processor")
    item = listed(practice, biller, kind="claim_review")["items"][0]
    proposed = acted(
        practice, biller, "propose", item["item_id"], propose="release", reason="checked with the surgeon"
    )
    assert proposed.json()["done"] == [item["item_id"]], proposed.text

    page = keys.page
    keys.sign_in("boss", "/overview")
    keys.tab_to("link", "Claims to review")
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/queue"))
    keys.tab_to("button", re.compile("^Awaiting approval"))
    keys.press("Enter")
    expect(page.locator(".grid-row")).to_have_count(1)
    keys.tab_to("row", re.compile("Awaiting approval"))
    keys.press("j")
    expect(page.locator(".panel-head h2")).to_contain_text(f"Claim {item['claim_key']}")
    keys.tab_to("button", "Approve")
    keys.press("Enter")
    keys.in_dialog("input")
    keys.type("agreed, as proposed")
    keys.press("Enter")
    expect(page.get_by_text(re.compile("Approve: 1 done"))).to_be_visible()
    expect(page.locator(".grid-row")).to_have_count(0)
    keys.has_place()
    shown = practice.client.get(f"/api/v1/queue/{item['item_id']}", headers=biller).json()
    assert (shown["item"]["state"], shown["item"]["outcome"]) == ("resubmitted", "released")

    keys.press("g", "n")
    keys.tab_to("link", "Reports")
    keys.press("Enter")
    keys.tab_to("button", "Schedule a report")
    keys.press("Enter")
    keys.in_dialog("input")
    keys.type("Denials of the month")
    keys.tab_to("combobox", "Figures", 3)
    keys.type("Initial denial rate")
    keys.choose(re.compile("^Initial denial rate"))
    # The first Escape closes the list of figures, not the dialog with what was typed.
    keys.press("Escape")
    keys.tab_to("combobox", "When", 6)
    keys.choose(re.compile("^Every Monday"))
    keys.tab_to("button", "Schedule", 8)
    keys.press("Enter")
    row = page.get_by_role("row", name=re.compile("Denials of the month"))
    expect(row).to_contain_text("Scheduled")
    expect(row).to_contain_text("Initial denial rate")
    expect(row).to_contain_text("Mondays")
    keys.has_place()


def test_an_auditor_finds_a_claim_follows_its_trail_exports_and_verifies_it(
    keys: Keys, practice: Doors, tmp_path: Path
) -> None:
    key, number, _ = claim_of(practice, practice.token("claims_processor"), "FAC001")
    page = keys.page
    keys.sign_in("auditor", "/overview")
    keys.press("/")
    keys.type(number)
    keys.press("Enter")
    keys.arrives(f"/claims/{key}")
    keys.press("o")
    keys.in_dialog("input")
    keys.type("yearly sample, claim 12")
    keys.press("Enter")
    expect(page.get_by_role("button", name="Close the content")).to_be_visible()
    keys.has_place()
    keys.press("g", "a")
    keys.tab_to("textbox", "About")
    keys.type(f"claim:{key}")
    keys.press("Enter")
    own = page.locator(".grid-row", has_text="yearly sample, claim 12")
    expect(own).to_have_count(1)
    # The list has the keys at once: the newest record is the auditor's own.
    keys.press("j")
    panel = page.locator(".page-panel")
    expect(panel).to_contain_text("yearly sample, claim 12")
    keys.tab_to("link", f"claim:{key}", 8)
    keys.press("Enter")
    expect(page).to_have_url(re.compile(f"/claims/{key}"))
    # Alt and the left arrow are the browser's, which has no window here.
    page.go_back()
    expect(own).to_be_visible()
    keys.tab_to("button", re.compile("^Export [0-9]"))
    with page.expect_download() as download:
        keys.press("Enter")
    saved = tmp_path / "audit.csv"
    download.value.save_as(saved)
    rows = list(csv.DictReader(saved.read_text(encoding="utf-8").splitlines()))
    assert any("yearly sample, claim 12" in value for each in rows for value in each.values()), rows
    keys.tab_to("button", "Verify the log")
    keys.press("Enter")
    expect(page.get_by_text("The log holds")).to_be_visible()
    keys.has_place()


def test_an_administrator_adds_a_person_asks_what_they_may_and_waives_a_rule(
    keys: Keys, practice: Doors
) -> None:
    page = keys.page
    keys.sign_in("admin", "/overview")
    keys.press("g", "s")
    keys.tab_to("button", "Set up an authenticator")
    keys.press("Enter")
    secret = page.locator("pre.secret").inner_text().replace(" ", "")
    keys.tab_to("textbox", "Code", 4)
    keys.type(pyotp.TOTP(secret).now())
    keys.press("Enter")
    recovery = page.get_by_role("dialog").locator("pre.secret").inner_text().split()[0]
    keys.tab_to("button", "I have kept it", 4)
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    keys.has_place()
    keys.press("Control+k")
    expect(page.get_by_placeholder("Go to, or do")).to_be_focused()
    keys.type("Sign out")
    expect(page.get_by_role("dialog").get_by_role("button")).to_have_count(1)
    with page.expect_navigation():
        keys.press("Enter")
    keys.sign_in("admin", "/overview", code=lambda: recovery)

    keys.press("g", "s")
    keys.tab_to("link", "Users")
    keys.press("Enter")
    keys.tab_to("button", "Add a user")
    keys.press("Enter")
    keys.in_dialog("input")
    keys.type("nightcoder")
    keys.press("Tab")
    keys.choose(re.compile("^Coder"))
    keys.press("Escape")
    keys.tab_to("button", "Add and make a link", 5)
    keys.press("Enter")
    expect(page.locator("pre.secret")).to_be_visible()
    keys.tab_to("button", "I have kept it", 4)
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("row", name=re.compile("nightcoder"))).to_contain_text("Coder")
    keys.has_place()

    keys.tab_to("link", "Policies", 80)
    keys.press("Enter")
    keys.tab_to("combobox", "Wants to")
    keys.press("Control+a")
    keys.type("accounts.change")
    keys.choose(re.compile("^accounts.change"))
    keys.tab_to("button", "Ask", 6)
    keys.press("Enter")
    expect(page.get_by_text("no policy allows it")).to_be_visible()
    keys.has_place()

    keys.press("g", "l")
    keys.tab_to("textbox", "Search")
    keys.type("DAT001")
    keys.press("Enter")
    expect(page.locator(".grid-row")).to_have_count(1)
    keys.tab_to("row", re.compile("DAT001"), 20)
    keys.press("j", "Enter")
    keys.tab_to("button", "Waive")
    keys.press("Enter")
    keys.in_dialog("input")
    keys.type("the payer agreed by letter")
    keys.press("Enter")
    expect(page.get_by_role("row").filter(has_text="the payer agreed by letter")).to_be_visible()
    keys.has_place()


def test_a_denial_specialist_posts_an_835_matches_an_answer_and_takes_a_denials_next_step(
    keys: Keys, practice: Doors, tmp_path: Path
) -> None:
    toured(practice, practice.account("specialist", "claims_processor", "appeals_specialist"))
    headers = practice.token("claims_processor")
    key, number, lines = claim_of(practice, headers, "FAC001")
    other, _, paid = claim_of(practice, headers, "FAC002")
    # The payer mistyped the number of the second claim.
    mistyped = Clp(
        "ZZZ9",
        lines=[
            Svc(each["procedure"], each["line_charge"], day=each["service_from_on"].replace("-", ""))
            for each in paid
        ],
        payer_number="ICN-1902", last="", first="", member="",
    )  # fmt: skip
    sent = tmp_path / "payer.835"
    first_answer = denied(number, lines, payer_number="ICN-1901")
    sent.write_bytes(written(Payment([first_answer, mistyped], trace="EFT0019")))

    page = keys.page
    # The browser hands choosers over from now on; asked for it at the key itself, it may be too late.
    page.on("filechooser", lambda chooser: None)
    keys.sign_in("specialist", "/overview")
    keys.press("g", "r")
    keys.tab_to("button", "Post an 835")
    keys.press("Enter")
    keys.tab_to("button", re.compile("835 file|Choose a file"), 3)
    # The dialog of the operating system is not the page's.
    with page.expect_file_chooser() as choosing:
        keys.press("Enter")
    choosing.value.set_files(sent)
    keys.tab_to("button", "Post", 6)
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("1 claim posted, 1 waiting")
    keys.tab_to("link", "Look at them", 6)
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/remittances/waiting"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    keys.has_place()
    keys.tab_to("row", re.compile("GOOD PAYER"), 12)
    keys.press("j")
    expect(page.get_by_role("button", name=f"Assign to claim {other}")).to_be_visible()
    first = page.locator(".candidates li").first
    expect(first).to_contain_text(f"Claim {other}")
    keys.press("1")
    keys.in_dialog("input")
    keys.type("same lines and charges, number mistyped")
    keys.press("Enter")
    expect(page.locator(".page-summary")).to_contain_text(f"is posted to claim {other}")
    keys.has_place()

    keys.press("g", "d")
    keys.tab_to("row", re.compile("197"))
    keys.press("j", "Enter")
    expect(page.get_by_role("heading", name="What was denied")).to_be_visible()
    keys.tab_to("button", "Set the state", 12)
    keys.press("Enter")
    keys.in_dialog("input")
    keys.type("corrected claim sent today")
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".page-summary")).not_to_contain_text("open")
    keys.has_place()
    wanted: dict[str, str | int] = {"claim_key": key, "state": "resubmitted"}
    answer = practice.client.get("/api/v1/denials", headers=headers, params=wanted)
    assert len(answer.json()["items"]) == 1, answer.text
