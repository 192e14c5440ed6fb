"""Live events: server-sent events for plain clients, a websocket for pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Header, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.live import as_text, live_events
from claimwright.apps.api.resources import Resource, admitted
from claimwright.foundation.errors import ClaimwrightError

routes = Resource("events", "Live events")
# RFC 6455, 7.4.1: a policy was violated.
_REFUSED = 1008


@routes.get("/events/stream", action="events.read", response_class=StreamingResponse)
def stream(
    request: Request, asker: Asking, last_event_id: Annotated[str | None, Header(max_length=64)] = None
) -> StreamingResponse:
    """Events of the tenant as they are committed; `Last-Event-ID` resumes after the last one seen."""
    request.app.state.hub.demand_room(asker.caller)

    async def texts() -> AsyncIterator[str]:
        yield ": live\n\n"
        async for event in live_events(request.app.state.hub, asker, last_event_id):
            if await request.is_disconnected():
                return
            yield as_text(event)

    return StreamingResponse(texts(), media_type="text/event-stream")


@routes.websocket("/events/socket")
async def socket(websocket: WebSocket, last_event_id: str | None = None) -> None:
    """The same events over a websocket; the cookie or token is that of any request."""
    origin = websocket.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != websocket.headers.get("host"):
        await websocket.close(_REFUSED)
        return
    try:
        asker = await run_in_threadpool(admitted, _as_request(websocket), "events.read")
        websocket.app.state.hub.demand_room(asker.caller)
    except (ClaimwrightError, ApiError):
        await websocket.close(_REFUSED)
        return
    await websocket.accept()
    try:
        async for event in live_events(websocket.app.state.hub, asker, last_event_id):
            await websocket.send_json(event or {"kind": "nothing_new"})
    except WebSocketDisconnect:
        return


def _as_request(websocket: WebSocket) -> Request:
    """The handshake as the request that it is: a GET."""
    scope = {**websocket.scope, "type": "http", "method": "GET"}
    scope["state"] = {"request_id": "websocket", **scope.get("state", {})}
    return Request(scope)
