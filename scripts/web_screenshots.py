"""Take a picture of every page of the web app, in both themes, into docs/screens/.

make demo && python scripts/web_screenshots.py http://127.0.0.1:8443
python scripts/web_screenshots.py http://127.0.0.1:8443 alerts alert      # only these
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from claimwright_lab.demonstration import PASSWORD

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screens"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run"]
# By account: the name of the picture, the page, and keys that show what it is about.
PAGES: dict[str, list[tuple[str, str, str]]] = {
    "manager": [
        ("overview", "/overview", ""), ("queue", "/queue?kind=claim_review", "jj"),
        ("claims", "/claims?place=review", "j"), ("files", "/files", "j"),
        ("denials", "/denials", "j"), ("underpayments", "/underpayments", ""),
        ("appeals", "/appeals", ""), ("alerts", "/alerts", ""), ("alert", "/alerts/3", ""),
        ("reports", "/analytics?view=reports", ""),
        ("analytics", "/analytics", ""), ("analytics-executive", "/analytics?view=executive", ""),
        ("rules", "/rules", "j"), ("rule", "/rules/ADR007", ""), ("model", "/models", ""),
        ("operations", "/operations", ""), ("operations-health", "/operations?view=health", ""),
        ("unmatched", "/remittances/waiting", "j"),
        ("paper-eob", "/remittances/paper", ""),
        ("settings", "/settings", ""), ("help", "/help", ""),
    ],
    "biller": [
        ("claim", "/claims/1510", ""), ("claim-form", "/claims/1510?tab=form", "o"),
        ("remittances", "/remittances", "j"), ("payments", "/payments", "j"),
        ("payment", "/payments/1", ""),
    ],
    "auditor": [("audit", "/audit", "j")],
}  # fmt: skip


def main(address: str, only: Collection[str] = ()) -> None:
    """Take the pictures, or only those with these names."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for theme in ("light", "dark"):
            for name, pages in PAGES.items():
                wanted = [each for each in pages if not only or each[0] in only]
                if wanted:
                    _of_account(browser, address, theme, name, wanted)
        browser.close()


def _of_account(
    browser: Browser, address: str, theme: str, name: str, pages: list[tuple[str, str, str]]
) -> None:
    context = browser.new_context(
        viewport={"width": 1360, "height": 850}, color_scheme="dark" if theme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(f"{address}/overview")
    page.locator("input[autocomplete=username]").fill(name)
    page.locator("input[autocomplete=current-password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".page-head h1").wait_for()
    page.wait_for_timeout(1_000)
    if page.get_by_role("region", name="Tour").count():
        page.get_by_role("button", name="Skip").click()
    for picture, path, keys in pages:
        page.goto(address + path)
        page.locator(".page-head h1").wait_for()
        page.wait_for_timeout(1_500)
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(700)
        if keys == "o":
            page.get_by_role("dialog").get_by_label("Reason").fill("Working a finding of this claim")
            page.keyboard.press("Enter")
            page.locator(".box.is-editable").first.wait_for()
        page.screenshot(path=FOLDER / f"{picture}-{theme}.jpg", type="jpeg", quality=70)
        print(f"{picture}-{theme}.jpg")
    context.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8443", sys.argv[2:])
