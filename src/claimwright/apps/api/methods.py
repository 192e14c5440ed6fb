"""HEAD and OPTIONS (RFC 9110, 9.3.2 and 9.3.7), and which methods an address takes.

Routes know neither: HEAD is GET whose body is left out, and OPTIONS says what a refused method would be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from starlette.routing import Match, Route

if TYPE_CHECKING:
    from fastapi import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


def allowed_methods(request: Request) -> str:
    """The methods that the address of a request takes, as the header `Allow` lists them."""
    found = {"OPTIONS"}
    for route in (*request.app.routes, *getattr(request.app.state, "addresses", ())):
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))


async def without_body(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as to GET, without the body. What would go on, such as live events, ends after its headers."""
    with anyio.CancelScope() as answering:

        async def sending(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
                return
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            if message.get("more_body"):
                answering.cancel()

        await app(scope, receive, sending)
