"""Live events from the outbox, for server-sent events and the websocket.

One thread of the process hears of commits (LISTEN); each stream then reads its tenant's events after the
last that it has sent. So it works over several processes and needs no sticky sessions. A position of the
outbox may be committed after a later one: a stream looks back over the last, and sends nothing twice.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import psycopg
from starlette.concurrency import run_in_threadpool

from claimwright.domain.caller import Caller
from claimwright.platform.events import Event, events_after, listen, position_of

from .asking import Asker

if TYPE_CHECKING:
    from claimwright.platform.database import Database

# What people and pages wait for, by the type of the event.
KINDS = {
    "claims.processed": "batch_completed",
    "run.finished": "batch_completed",
    "review.released": "claim_resolved",
    "review.returned": "claim_resolved",
    "dead_letters.retried": "claim_resolved",
    "dead_letters.discarded": "claim_resolved",
    "breaker.changed": "system_alert",
    "access.glass_broken": "system_alert",
}
# A stream that hears nothing looks by itself, and tells its listener that it is there.
_QUIET_SECONDS = 15.0
_LOOK_BACK = 1_000
_REMEMBERED = 5_000


class Hub:
    """Wakes the streams of a tenant when an event of theirs was committed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._hear, name="live-events", daemon=True)

    def start(self) -> None:
        """Begin to hear; called in the loop of the application."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """End the streams' waiting."""
        self._stop.set()

    @property
    def is_stopping(self) -> bool:
        """Whether streams should end."""
        return self._stop.is_set()

    def join(self, tenant: str) -> asyncio.Event:
        """A stream of the tenant; its event is set when there may be something new."""
        woken = asyncio.Event()
        self._waiting.setdefault(tenant, set()).add(woken)
        return woken

    def leave(self, tenant: str, woken: asyncio.Event) -> None:
        """The stream has ended."""
        self._waiting.get(tenant, set()).discard(woken)

    def _hear(self) -> None:
        while not self._stop.is_set():
            try:
                with self._database.connect() as connection:
                    for notice in _notices(connection, self._stop):
                        self._wake(notice)
            except psycopg.Error:
                # Streams look by themselves meanwhile.
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
    """Events of the asker's tenant after the one of that id, as they are committed; None: nothing is new.

    An asker of some facilities hears of events that name one of these, and of no other.
    """
    database, caller = asker.services.database, asker.caller
    after = await run_in_threadpool(_position, database, caller, last_id)
    # What was committed before the stream began is not sent; what has a lower position and comes later is.
    sent: OrderedDict[str, None] = OrderedDict()
    for position, event in await run_in_threadpool(_after, database, caller, after - _LOOK_BACK):
        if position <= after:
            sent[event.id] = None
    woken = hub.join(caller.tenant)
    try:
        while not hub.is_stopping:
            woken.clear()
            for position, event in await run_in_threadpool(_after, database, caller, after - _LOOK_BACK):
                if event.id in sent:
                    continue
                sent[event.id] = None
                after = max(after, position)
                if asker.facilities is None or event.data.get("facility") in asker.facilities:
                    yield _shown(event)
            while len(sent) > _REMEMBERED:
                sent.popitem(last=False)
            try:
                await asyncio.wait_for(woken.wait(), _QUIET_SECONDS)
            except TimeoutError:
                yield None
    finally:
        hub.leave(caller.tenant, woken)


def _shown(event: Event) -> dict[str, Any]:
    name = event.type.rpartition(".")[0]
    return {"kind": KINDS.get(name, name.replace(".", "_")), **event.cloud_event()}


def _position(database: Database, caller: Caller, last_id: str | None) -> int:
    with database.transaction(caller) as connection:
        return position_of(caller, connection, last_id)


def _after(database: Database, caller: Caller, position: int) -> list[tuple[int, Event]]:
    with database.transaction(caller) as connection:
        return events_after(caller, connection, position)


def as_text(event: dict[str, Any] | None) -> str:
    """As server-sent events have it (WHATWG HTML, 9.2)."""
    if event is None:
        return ": nothing new\n\n"
    return f"id: {event['id']}\nevent: {event['kind']}\ndata: {json.dumps(event, separators=(',', ':'))}\n\n"
