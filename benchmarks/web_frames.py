"""Scroll a work queue of 100,000 rows in Chromium, and measure the first load, without a large store.

    make demo
    python -m benchmarks.web_frames http://127.0.0.1:8443 manager "open the demo door"

The app, the server and everything else are real; only the pages of the queue's list are made here, from the
first row that the server gives, so that the list has 100,000 rows. What is measured is the browser's own
work, from its trace: each task of the main thread while the list scrolls through all rows, in wall time and
in processor time (on a busy machine wall time has the waiting for a core in it), and the bytes and the tasks
of the first load.
"""

from __future__ import annotations

import json
import shutil
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Route, sync_playwright

from benchmarks.web_speed import FLAGS, LATE_MS, _main_thread, _Trace

ROWS = 100_000
A_PAGE = 200
WIDTH, HEIGHT = 1440, 900


def main(address: str, name: str, password: str) -> None:
    """Print what was measured."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"), args=FLAGS
        )
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        context.request.post(f"{address}/api/v1/session", data={"name": name, "password": password})
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.route(lambda url: urlsplit(url).path == "/api/v1/queue", _made)
        trace = _Trace(page)
        trace.start()
        page.goto(f"{address}/queue")
        page.locator(".grid-row").first.wait_for()
        loaded = trace.stop()
        wall, spent = _tasks(loaded)
        print(
            f"First load: {_app_bytes(loaded) / 1000:,.0f} kB of the app over the wire. {_told(wall, spent)}"
        )
        trace.start()
        seen = _scrolled(page)
        wall, spent = _tasks(trace.stop())
        browser.close()
    print(f"Scrolled to row {seen:,} of {ROWS:,}. {_told(wall, spent)}")


def _app_bytes(events: list[dict[str, Any]]) -> int:
    """Bytes of the page, its scripts and styles, as they were packed; without answers of the API."""
    addresses = {
        each["args"]["data"]["requestId"]: each["args"]["data"].get("url", "")
        for each in events
        if each["name"] == "ResourceSendRequest"
    }
    ended = (each["args"]["data"] for each in events if each["name"] == "ResourceFinish")
    return sum(
        int(each.get("encodedDataLength", 0))
        for each in ended
        if not urlsplit(addresses.get(each["requestId"], "")).path.startswith("/api/")
    )


def _told(wall: list[float], spent: list[float]) -> str:
    """What the tasks of the main thread took."""
    return (
        f"{len(wall):,} tasks, {sum(wall):,.0f} ms, of them {sum(spent):,.0f} ms of processor time. Over "
        f"{LATE_MS} ms: {sum(each > LATE_MS for each in wall)} in wall time (longest {max(wall):.0f} ms), "
        f"{sum(each > LATE_MS for each in spent)} in processor time (longest {max(spent):.0f} ms)."
    )


_FIRST: dict[str, Any] = {}


def _made(route: Route) -> None:
    """A page of a list of 100,000 rows, each with its own key."""
    query = parse_qs(urlsplit(route.request.url).query)
    if not _FIRST:
        _FIRST.update(route.fetch().json())
    row = _FIRST["items"][0]
    start = int(query.get("cursor", ["0"])[0])
    items = [{**row, "item_id": start + at + 1, "claim_key": start + at + 1} for at in range(A_PAGE)]
    following = start + A_PAGE
    body = {**_FIRST, "items": items, "total": ROWS, "next": str(following) if following < ROWS else None}
    route.fulfill(status=200, content_type="application/json", body=json.dumps(body))


def _scrolled(page: Page) -> int:
    """Scroll by the wheel through every row, as fast as pages come."""
    page.mouse.move(WIDTH / 2, HEIGHT * 2 / 3)
    last = page.locator(".grid-row").last
    seen = 0
    for _ in range(4_000):
        page.mouse.wheel(0, 3_000)
        page.wait_for_timeout(16)
        seen = int(last.get_attribute("aria-rowindex") or 0)
        if seen >= ROWS:
            break
    return seen


def _tasks(events: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """Milliseconds of each task of the main thread: wall time, and processor time."""
    main_thread = _main_thread(events)
    tasks = [
        each
        for each in events
        if each.get("ph") == "X" and each["name"] == "RunTask" and (each["pid"], each["tid"]) in main_thread
        and "dur" in each
    ]  # fmt: skip
    return [each["dur"] / 1000 for each in tasks], [each.get("tdur", 0) / 1000 for each in tasks]


if __name__ == "__main__":
    main(*sys.argv[1:4])
