"""The outermost layer of every request: its ID, headers, body size limit, log line and metrics.

Written directly against ASGI, so that streams are not buffered.
"""

from __future__ import annotations

import re
import uuid
from functools import partial
from http.client import OK
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from claimwright.foundation import clock
from claimwright.platform.observability import get_logger, scope

from .errors import ApiError
from .methods import without_body

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
VERSION = "1"
# OWASP ASVS 5, 3.4: restrictions for browsers. The only pages of the API are its own documentation.
_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "API-Version": VERSION,
}
# Scripts and styles are not pages: a browser asks only these of them, and a page loads dozens.
_ASSETS = "/app/assets/"
_OF_ASSETS = {
    name: _SECURITY[name]
    for name in ("X-Content-Type-Options", "Cross-Origin-Resource-Policy", "Strict-Transport-Security")
}
# As they are sent.
_RAW_SECURITY, _RAW_OF_ASSETS = (
    tuple((name.lower().encode(), value.encode()) for name, value in of.items())
    for of in (_SECURITY, _OF_ASSETS)
)
_UPLOADS = ("/api/v1/files", "/api/v1/check", "/api/v1/reference")
# This one alone: what is below it takes JSON.
# What may be attached is limited where it is read.
_ATTACHMENTS = "/attachments"
_REMITTANCES = "/api/v1/remittances"


class Around:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, body_bytes: int, upload_bytes: int) -> None:
        self._app, self._body_bytes, self._upload_bytes = app, body_bytes, upload_bytes

    async def __call__(self, scope_: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, through all of this."""
        if scope_["type"] != "http":
            await self._app(scope_, receive, send)
            return
        method, answered = scope_["method"], self._app
        if method == "HEAD":
            # A copy: the server looks at its own to know that no body follows.
            scope_, answered = {**scope_, "method": "GET"}, partial(without_body, self._app)
        headers = Headers(scope=scope_)
        given = headers.get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else str(uuid.uuid4())
        scope_.setdefault("state", {})["request_id"] = request_id
        begun, status = clock.seconds(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                is_asset = status == OK and scope_["path"].startswith(_ASSETS)
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                if not is_asset:
                    given = [each for each in given if each[0].lower() != b"x-request-id"]
                    given.append((b"x-request-id", request_id.encode()))
                wanted = _RAW_OF_ASSETS if is_asset else _RAW_SECURITY
                message["headers"] = given + [each for each in wanted if each[0] not in names]
            await send(message)

        with scope(correlation_id=request_id):
            await answered(scope_, self._limited(scope_, headers, receive), sending)
            get_logger("api").info(
                "request",
                method=method,
                path=_template(scope_),
                status=status,
                duration_ms=round((clock.seconds() - begun) * 1000),
            )

    def _limited(self, scope_: Scope, headers: Headers, receive: Receive) -> Receive:
        path = scope_["path"]
        takes_files = path == _REMITTANCES or path.startswith(_UPLOADS) or path.endswith(_ATTACHMENTS)
        most = self._upload_bytes if takes_files else self._body_bytes
        length = headers.get("content-length", "")
        seen = 0

        async def receiving() -> Message:
            nonlocal seen
            message = {} if length.isdecimal() and int(length) > most else await receive()
            seen += len(message.get("body", b""))
            if not message or seen > most:
                # The reader of the body may turn this into another error; the state has the original one.
                scope_["state"]["too_large"] = True
                raise ApiError("too_large")
            return message

        return receiving


def _template(scope_: Scope) -> str:
    """The path of the route: a path with actual values is not logged."""
    route = scope_.get("route")
    return getattr(route, "path", "unknown")
