"""From the overview to the claim behind a bar."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.apps.web.conftest import Desk

pytestmark = pytest.mark.slow


def test_a_number_of_the_overview_leads_to_the_claims_behind_a_bar(desk: Desk) -> None:
    desk.sign_in("boss")
    page = desk.page
    page.get_by_role("link", name=re.compile("what is old")).click()
    expect(page.get_by_role("heading", name="Analytics")).to_be_visible()
    chart = page.locator("figure", has_text="Dollars that are not billed yet, by facility")
    bar = chart.locator(".kpi-bar").first
    said = re.search(r"\$[\d,]+\.\d\d", bar.locator("title").text_content() or "")
    assert said is not None
    chart.get_by_role("button", name="As a table").click()
    expect(chart.locator("table")).to_contain_text(said[0])
    bar.click()
    panel = page.locator(".page-panel")
    rows = panel.locator("tbody tr")
    expect(rows.first).to_be_visible()
    while panel.get_by_role("button", name="More").count():
        panel.get_by_role("button", name="More").click()
        page.wait_for_timeout(200)
    # The claims add up to the bar.
    expect(panel.locator("tfoot")).to_contain_text(said[0])
    key = rows.first.locator("a").inner_text()
    rows.first.locator("a").click()
    expect(page).to_have_url(re.compile(rf"/claims/{key}"))
