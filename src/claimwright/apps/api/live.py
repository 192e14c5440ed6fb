"""Live events from the outbox, for server-sent events and the websocket.

One thread of the process receives notifications of commits (LISTEN); each stream then reads its tenant's
events that were committed since it last read. This works across several processes, without sticky sessions:
a client that resumes at another process names the last event that it saw. No event is lost; what was
committed while that event was being written may come again, under the same id.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import Counter
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import psycopg
from starlette.concurrency import run_in_threadpool

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform.events import Bookmark, Event, bookmark_after, events_since, listen

from .asking import Asker
from .errors import ApiError

if TYPE_CHECKING:
    from claimwright.platform.database import Database

# The events that people and pages wait for, by event type.
KINDS = {
    "claims.processed": "batch_completed",
    "run.finished": "batch_completed",
    "review.released": "claim_resolved",
    "review.returned": "claim_resolved",
    "dead_letters.retried": "claim_resolved",
    "dead_letters.discarded": "claim_resolved",
    "work.opened": "claim_failed",
    "work.closed": "claim_resolved",
    "breaker.changed": "system_alert",
    "access.glass_broken": "system_alert",
    "access.unusual": "system_alert",
    "alert.changed": "system_alert",
}
# They say who did what with which claim, or that somebody is watched.
_OF_ALERTS = "access."
# One person has some pages open, a service some readers. Each stream reads the outbox at every event.
STREAMS_OF_ONE = 50
_ID = re.compile(r"[0-9a-f-]{36}")
# A stream without notifications checks at this interval, and sends a keep-alive to its client.
_QUIET_SECONDS = 15.0


class Hub:
    """Wakes the streams of a tenant when one of its events was committed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._open: Counter[tuple[str, str]] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._hear, name="live-events", daemon=True)

    def start(self) -> None:
        """Begin to listen; called in the event loop of the application."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """Wake all streams, so that they end."""
        self._stop.set()
        for tenant in tuple(self._waiting):
            self._wake(tenant)

    @property
    def is_stopping(self) -> bool:
        """Whether streams should end."""
        return self._stop.is_set()

    def demand_room(self, caller: Caller) -> None:
        """Go on only if a caller may open one more stream.

        Raises:
            ApiError: they have as many as one may have at this process.
        """
        if self._open[caller.tenant, caller.actor] >= STREAMS_OF_ONE:
            headers = {"Retry-After": str(int(_QUIET_SECONDS))}
            raise ApiError("too_many_requests", "too many streams are open. Close some.", headers=headers)

    def join(self, caller: Caller) -> asyncio.Event:
        """Register a stream of a caller; its event is set when there may be new events of their tenant."""
        woken = asyncio.Event()
        self._waiting.setdefault(caller.tenant, set()).add(woken)
        self._open[caller.tenant, caller.actor] += 1
        return woken

    def leave(self, caller: Caller, woken: asyncio.Event) -> None:
        """Unregister a stream."""
        self._waiting.get(caller.tenant, set()).discard(woken)
        self._open[caller.tenant, caller.actor] -= 1
        self._open += Counter()

    def _hear(self) -> None:
        while not self._stop.is_set():
            try:
                with self._database.connect() as connection:
                    for notice in _notices(connection, self._stop):
                        self._wake(notice)
            except psycopg.Error:
                # Meanwhile the streams check at their own interval.
                self._stop.wait(1)

    def _wake(self, tenant: str) -> None:
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        for woken in tuple(self._waiting.get(tenant, ())):
            loop.call_soon_threadsafe(woken.set)


def _notices(connection: psycopg.Connection, stop: threading.Event) -> Any:
    while not stop.is_set():
        for notice in listen(connection, wait_seconds=1):
            yield notice.tenant
            if stop.is_set():
                return


async def live_events(hub: Hub, asker: Asker, last_id: str | None) -> AsyncIterator[dict[str, Any] | None]:
    """Events of the asker's tenant after the event with this ID, as they are committed; None: nothing new.

    An asker with limited facilities receives only events that name one of these; alerts of unusual access are
    for those who may see them. Each event is judged by the roles and facilities of the moment: after the end
    of their session or token there is none, and the stream ends soon.
    """
    database, caller = asker.services.database, asker.caller
    woken = hub.join(caller)
    known_at = clock.seconds()
    try:
        mark = await run_in_threadpool(_begun, database, caller, last_id)
        while not hub.is_stopping:
            woken.clear()
            is_due = clock.seconds() - known_at >= _QUIET_SECONDS
            events, mark, now = await run_in_threadpool(_since, asker, mark, is_due)
            if now is None:
                return
            asker, known_at = now, clock.seconds() if events or is_due else known_at
            for event in events:
                if _may_hear(asker, event):
                    yield _shown(event)
            try:
                await asyncio.wait_for(woken.wait(), _QUIET_SECONDS)
            except TimeoutError:
                yield None
    finally:
        hub.leave(caller, woken)


def _shown(event: Event) -> dict[str, Any]:
    name = event.type.rpartition(".")[0]
    return {"kind": KINDS.get(name, name.replace(".", "_")), **event.cloud_event()}


def _begun(database: Database, caller: Caller, last_id: str | None) -> Bookmark:
    known = last_id if last_id is not None and _ID.fullmatch(last_id) else None
    with database.transaction(caller) as connection:
        return bookmark_after(caller, connection, known)


def _since(asker: Asker, mark: Bookmark, is_due: bool) -> tuple[list[Event], Bookmark, Asker | None]:
    """What is new, and the asker as of then; None where they may hear no more."""
    with asker.services.database.transaction(asker.caller) as connection:
        events, after = events_since(asker.caller, connection, mark)
        if not events and not is_due:
            return events, after, asker
        now = asker.of_now(connection)
    return events, after, now if now is not None and now.may("events.read") else None


def _may_hear(asker: Asker, event: Event) -> bool:
    if event.type.startswith(_OF_ALERTS) and not asker.may("alerts.read"):
        return False
    return asker.facilities is None or event.data.get("facility") in asker.facilities


def as_text(event: dict[str, Any] | None) -> str:
    """The event as a server-sent event (WHATWG HTML, 9.2)."""
    if event is None:
        return ": nothing new\n\n"
    return f"id: {event['id']}\nevent: {event['kind']}\ndata: {json.dumps(event, separators=(',', ':'))}\n\n"
