"""Load the web app's pages before a large store, and scroll its queue, in Chromium; docs/web_speed.md.

    python -m benchmarks.web_scale                  1,000,000 claims: an hour, most of it to fill the store
    python -m benchmarks.web_scale --store FOLDER   a store that `api_reads --store FOLDER` has filled
    python -m benchmarks.web_scale --claims 2000    quickly

Each page is loaded with an empty cache, before a server that was asked for it before: what somebody waits for
who signs in at a new desk. Work on the main thread is the sum of its tasks until the page shows what it is
about and fetches nothing; network is the time during which at least one request was open, the server's work
included.

Then the queue's list is scrolled from its first row to the last of 100,000. Its pages are made here, from the
first row that the server gives, since no store has so many open items; all else is the real app. A task of the
main thread over 50 ms would be a late frame.
"""

# ruff: noqa: E501 - the lines of the page that is written

from __future__ import annotations

import argparse
import datetime
import json
import os
import shutil
import statistics
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright

from benchmarks.api_reads import PASSWORD, _fill
from benchmarks.served import command, own_store, served
from benchmarks.web_speed import FLAGS, LATE_MS, _is_of_page, _main_thread, _open_ms, _Trace
from claimwright.apps.api.services import opened_services
from claimwright.assembly.reviews import gather
from claimwright.domain.caller import Caller
from claimwright.platform.settings import Settings, load_settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "web_speed.md"
TIMES = 5
ROWS = 100_000
A_PAGE = 200
WIDTH, HEIGHT = 1440, 900
# What each page is about: when it is there, somebody can begin. `KEY` is a claim's key.
PAGES = {
    "/overview": ".page-head h1",
    "/queue": ".grid-row",
    "/claims": ".grid-row",
    "/claims/KEY": ".page-head h1",
    "/denials": ".page-head h1",
    "/alerts": ".page-head h1",
}


@dataclass(frozen=True)
class FirstLoad:
    """Milliseconds, and kilobytes over the wire of the app and of answers of the API."""

    main_thread: float
    network: float
    app: float
    answers: float


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--claims", type=int, default=1_000_000, help="of a store that is filled here")
    parser.add_argument("--store", type=Path, help="folder of a store that is kept, filled if it is empty")
    parser.add_argument("--record", action="store_true", help="write docs/web_speed.md")
    wanted = parser.parse_args()
    with own_store(wanted.store) as (folder, variables):
        settings = load_settings(folder=folder, variables=variables)
        if not (folder / "filled").exists():
            _fill(folder, variables, settings, wanted.claims)
        command(variables, "db", "migrate")
        claims, key = _brought_in(settings)
        with served(folder, variables) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("chromium-browser"), args=FLAGS
            )
            loads = {page: _loads(browser, address, page.replace("KEY", str(key))) for page in PAGES}
            scrolled = _scrolled(browser, address)
            browser.close()
    text = _told(claims, loads, scrolled)
    print(text)
    if wanted.record:
        PAGE.write_text(text, encoding="utf-8")
    return 0


def _brought_in(settings: Settings) -> tuple[int, int]:
    """Work items as the pipeline brings them in between runs; how many claims there are, and the key of one."""
    caller = Caller("default", "system:benchmark")
    with opened_services(settings) as services:
        gather(caller, settings, services.database)
        with services.database.transaction(caller) as connection:
            row = connection.execute("select count(*), max(claim_key) from production.claims").fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def _loads(browser: Browser, address: str, path: str) -> FirstLoad:
    """The median of several first loads, after one that is not counted."""
    shows = PAGES.get(path, PAGES["/claims/KEY"])
    found = [_first_load(browser, address, path, shows) for _ in range(TIMES + 1)][1:]
    medians = {
        name: statistics.median(getattr(each, name) for each in found)
        for name in (field.name for field in fields(FirstLoad))
    }
    return FirstLoad(**medians)


def _first_load(browser: Browser, address: str, path: str, shows: str) -> FirstLoad:
    page = _signed_in(browser, address)
    trace = _Trace(page)
    trace.start()
    page.goto(f"{address}{path}")
    page.locator(shows).first.wait_for(timeout=300_000)
    page.wait_for_load_state("networkidle")
    events = trace.stop()
    page.context.close()
    addresses = {
        each["args"]["data"]["requestId"]: urlsplit(each["args"]["data"].get("url", "")).path
        for each in events
        if _is_of_page(each)
    }
    size = {True: 0, False: 0}
    for each in events:
        if each["name"] == "ResourceFinish" and each["args"]["data"]["requestId"] in addresses:
            data = each["args"]["data"]
            of_api = addresses[data["requestId"]].startswith("/api/")
            size[of_api] += int(data.get("encodedDataLength", 0))
    return FirstLoad(sum(_tasks(events)), _open_ms(events), size[False] / 1000, size[True] / 1000)


def _signed_in(browser: Browser, address: str) -> Page:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    said = context.request.post(f"{address}/api/v1/session", data={"name": "manager", "password": PASSWORD})
    assert said.ok, said.text()
    page = context.new_page()
    page.set_default_timeout(120_000)
    return page


def _scrolled(browser: Browser, address: str) -> tuple[int, list[float]]:
    """Scroll the queue by the wheel through every row, as fast as pages come: the last row, and the tasks."""
    page = _signed_in(browser, address)
    page.route(lambda url: urlsplit(url).path == "/api/v1/queue", _MadeRows())
    page.goto(f"{address}/queue")
    last = page.locator(".grid-row").last
    last.wait_for()
    trace = _Trace(page)
    trace.start()
    page.mouse.move(WIDTH / 2, HEIGHT * 2 / 3)
    seen = 0
    for _ in range(4_000):
        page.mouse.wheel(0, 3_000)
        page.wait_for_timeout(16)
        seen = int(last.get_attribute("aria-rowindex") or 0)
        if seen >= ROWS:
            break
    events = trace.stop()
    page.context.close()
    return seen, _tasks(events)


class _MadeRows:
    """Answers with pages of a list of 100,000 rows, each with its own key."""

    def __init__(self) -> None:
        self._first: dict[str, Any] = {}

    def __call__(self, route: Route) -> None:
        """Answer a request of the list."""
        query = parse_qs(urlsplit(route.request.url).query)
        if not self._first:
            self._first = route.fetch().json()
        row = self._first["items"][0]
        start = int(query.get("cursor", ["0"])[0])
        items = [{**row, "item_id": start + at + 1, "claim_key": start + at + 1} for at in range(A_PAGE)]
        after = start + A_PAGE
        body = {**self._first, "items": items, "total": ROWS, "next": str(after) if after < ROWS else None}
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))


def _tasks(events: list[dict[str, Any]]) -> list[float]:
    """Milliseconds of processor time of each task of the main thread: on a busy machine, wall time has the
    wait for a core in it.
    """
    main_thread = _main_thread(events)
    return [
        each.get("tdur", each["dur"]) / 1000
        for each in events
        if each.get("ph") == "X" and each["name"] == "RunTask" and (each["pid"], each["tid"]) in main_thread
        and "dur" in each
    ]  # fmt: skip


def _told(claims: int, loads: dict[str, FirstLoad], scrolled: tuple[int, list[float]]) -> str:
    rows = "\n".join(
        f"| `{page}` | {each.main_thread:,.0f} | {each.network:,.0f} | {each.main_thread + each.network:,.0f} |"
        f" {each.app:,.0f} | {each.answers:,.0f} |"
        for page, each in loads.items()
    )
    seen, tasks = scrolled
    late = sum(each > LATE_MS for each in tasks)
    today = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
    return f"""# The web app at scale, measured

Written by `make web-speed` on {today}: {claims:,} claims in the store, {os.cpu_count()} processors, Chromium at
{WIDTH} by {HEIGHT} pixels, load of the machine meanwhile {os.getloadavg()[1]:.1f}. Medians of {TIMES} loads with an empty
cache. The target is 1,000 ms of main thread and network together, and 300 kB for the app and the answers.

| page | main thread, ms | network, ms | together | app, kB | answers, kB |
| --- | ---: | ---: | ---: | ---: | ---: |
{rows}

Main thread is processor time until the page shows what it is about and nothing is being fetched; network is the time
during which at least one request was open, the server's work included. Kilobytes are as they came over the wire, with
headers.

The queue was scrolled to row {seen:,} of {ROWS:,}: of {len(tasks):,} tasks on the main thread, {late} took more than
{LATE_MS} ms of processor time; the longest {max(tasks, default=0):.0f} ms.
"""


if __name__ == "__main__":
    sys.exit(main())
