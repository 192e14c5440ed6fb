"""Load and scroll the work queue in Chromium, as its own trace reports it; `api_reads --web` starts it.

The first load has an empty cache. Work on the main thread is the sum of its tasks until the first rows are
drawn; network is the time during which at least one request was open. While the list scrolls, each task of
the main thread that takes longer than 50 ms would be a late frame.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_CATEGORIES = "devtools.timeline,disabled-by-default-devtools.timeline,toplevel,blink.user_timing,__metadata"
LATE_MS = 50
SCROLLS = 400


@dataclass(frozen=True)
class WebSpeed:
    """Milliseconds and bytes of a first load and of scrolling."""

    main_thread_ms: float
    network_ms: float
    kilobytes: float
    rows: int
    longest_ms: float
    late: int
    tasks: int


def web_speed(address: str, name: str, password: str) -> WebSpeed:
    """Load the queue with an empty cache, then scroll through it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.request.post(f"{address}/api/v1/session", data={"name": name, "password": password})
            page = context.new_page()
            trace = _Trace(page)
            trace.start()
            page.goto(f"{address}/queue")
            page.locator(".grid-row").first.wait_for(timeout=300_000)
            loaded = trace.stop()
            trace.start()
            rows = _scrolled(page)
            scrolled = trace.stop()
        finally:
            browser.close()
    tasks = _tasks(scrolled)
    return WebSpeed(
        sum(_tasks(loaded)), _open_ms(loaded), _bytes(loaded) / 1024, rows, max(tasks, default=0),
        sum(each > LATE_MS for each in tasks), len(tasks),
    )  # fmt: skip


class _Trace:
    """Chromium's trace of a page."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._events: list[dict[str, Any]] = []
        self._has_ended = False
        self._page = page
        self._session.on("Tracing.dataCollected", lambda said: self._events.extend(said["value"]))
        self._session.on("Tracing.tracingComplete", lambda _: setattr(self, "_has_ended", True))

    def start(self) -> None:
        self._events, self._has_ended = [], False
        self._session.send("Tracing.start", {"traceConfig": {"includedCategories": _CATEGORIES.split(",")}})

    def stop(self) -> list[dict[str, Any]]:
        self._session.send("Tracing.end")
        while not self._has_ended:
            self._page.wait_for_timeout(50)
        return self._events


def _scrolled(page: Page) -> int:
    """Scroll by the wheel; how many rows were passed."""
    page.mouse.move(700, 600)
    for _ in range(SCROLLS):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(16)
    last = page.locator(".grid-row").last
    return int(last.get_attribute("aria-rowindex") or 0)


def _main_thread(events: Sequence[dict[str, Any]]) -> set[tuple[int, int]]:
    """The main threads of the page's processes: Chromium draws parts of its own window in others."""
    of_page = {each["pid"] for each in events if _is_of_page(each)}
    return {
        (each["pid"], each["tid"])
        for each in events
        if each.get("name") == "thread_name" and each["args"]["name"] == "CrRendererMain"
        and (each["pid"] in of_page or not of_page)
    }  # fmt: skip


def _is_of_page(event: dict[str, Any]) -> bool:
    """Whether it is a request of a page, and not of Chromium's own window."""
    if event["name"] != "ResourceSendRequest":
        return False
    return str(event["args"]["data"].get("url", "")).startswith("http")


def _tasks(events: Sequence[dict[str, Any]]) -> list[float]:
    """Milliseconds of each task of the main thread."""
    main = _main_thread(events)
    return [
        each["dur"] / 1000
        for each in events
        if each.get("ph") == "X" and each["name"] == "RunTask" and (each["pid"], each["tid"]) in main
        and "dur" in each
    ]  # fmt: skip


def _open_ms(events: Sequence[dict[str, Any]]) -> float:
    """For how long at least one request was open."""
    begun: dict[str, float] = {}
    spans = []
    for each in sorted(events, key=lambda event: event.get("ts", 0)):
        data = each.get("args", {}).get("data", {})
        if _is_of_page(each):
            begun[data["requestId"]] = each["ts"]
        elif each["name"] == "ResourceFinish" and data["requestId"] in begun:
            spans.append((begun.pop(data["requestId"]), each["ts"]))
    spent, until = 0.0, 0.0
    for start, end in sorted(spans):
        spent += max(0.0, end - max(start, until))
        until = max(until, end)
    return spent / 1000


def _bytes(events: Sequence[dict[str, Any]]) -> int:
    ended = (each["args"]["data"] for each in events if each["name"] == "ResourceFinish")
    return sum(int(each.get("encodedDataLength", 0)) for each in ended)
