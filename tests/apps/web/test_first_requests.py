"""What a page asks for before the app's code is there (web/src/first.ts): all of it is used, and once."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

import pytest
from tests.apps.web.conftest import Desk

pytestmark = pytest.mark.slow
# The module of the page, which has given every answer away.
LEFT = """async (urls) => {
  const { takeFirst } = await import(document.querySelector('script[async]').src);
  const found = await Promise.all(urls.map(async (url) => [url, await takeFirst(url)]));
  return found.filter(([, answer]) => answer !== null).map(([url]) => url);
}"""


def test_every_first_request_is_one_of_the_page_and_is_sent_once(desk: Desk) -> None:
    page, asked = desk.page, list[str]()
    desk.sign_in("boss")
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/overview", "/queue", "/claims", "/claims/1", "/denials", "/alerts"):
        asked.clear()
        page.goto(desk.address + path)
        page.locator(".page-head h1").wait_for()
        # Heard once the frame is drawn and asks: answers may all be there long before it is.
        page.locator(".live-connected").wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        api = [url for url in asked if urlsplit(url).path.startswith("/api/")]
        assert page.evaluate(LEFT, api) == [], path
        # The stream of events is opened anew where a slow server let it end.
        twice = [url for url, times in Counter(api).items() if times > 1 and not url.endswith("/stream")]
        assert twice == [], path
        # Before the app is read: the session, then at least one of the page's own and what the frame shows.
        assert urlsplit(api[0]).path == "/api/v1/session"
        assert len(api) > 4
    assert desk.errors == []


def test_nobody_is_refused_what_a_page_asks_for_first(desk: Desk) -> None:
    page, refused = desk.page, list[str]()
    desk.sign_in("auditor")
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 403 else None)
    page.goto(f"{desk.address}/claims/1")
    page.locator(".page-head h1").wait_for()
    page.wait_for_load_state("networkidle")
    assert refused == []


def test_who_is_not_signed_in_asks_for_the_session_alone(desk: Desk) -> None:
    asked = list[str]()
    desk.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    desk.page.goto(f"{desk.address}/queue")
    desk.page.locator("input[autocomplete=username]").wait_for()
    assert [each for each in asked if each.startswith("/api/v1/")] == ["/api/v1/session"]
