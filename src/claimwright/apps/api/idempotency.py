"""Repeated requests: the same Idempotency-Key returns the response of the first request, for one day.

A request is identified by method, path, query, body, and by what whoever sends it may see: an answer for one
purpose or role is not given to the same person with another. The body is hashed while it is read, so that an
upload is still streamed; the body of a repeated request is read to its end before the response.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from claimwright.platform import audit
from claimwright.platform.identity import SignInError
from claimwright.platform.repeated_requests import (
    KeptAnswer,
    RepeatedRequestError,
    begin_request,
    forget_request,
    keep_answer,
)

from .asking import Asker, asker_of
from .errors import ApiError
from .refusals import asked_for

if TYPE_CHECKING:
    from starlette.types import Message

HEADER = "idempotency-key"
REPLAYED = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_FAILED = 500
_KEPT_HEADERS = ("content-type", "etag", "location")

Handler = Callable[[Request], Awaitable[Response]]
Admission = Callable[[Request, Response], None]


class _Hashed:
    """A request whose body is hashed while it is read."""

    def __init__(self, request: Request, asker: Asker) -> None:
        said = f"{request.method} {request.url.path}?{request.url.query}\n{_rights(asker)}\n"
        self._hash = hashlib.sha256(said.encode())
        self._source, self._ended = request, False
        self.request = Request(request.scope, self._receive)

    async def _receive(self) -> Message:
        message = await self._source.receive()
        self._hash.update(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        return message

    async def digest(self) -> bytes:
        """The hash of the whole request; any unread rest of the body is read."""
        while not self._ended:
            await self._receive()
        return self._hash.digest()


def _rights(asker: Asker) -> str:
    """What decides whether somebody gets an answer, and which fields of it."""
    caller, session = asker.caller, asker.session
    scopes = None if asker.scopes is None else sorted(asker.scopes)
    # A secret that was shown to a session is not for one that would need a second factor by now.
    lacks_factor = session is not None and session.lacks_second_factor
    return json.dumps([caller.purpose, sorted(caller.roles), asker.facilities, scopes, lacks_factor])


def answered_once(handler: Handler, admit: Admission) -> Handler:
    """The handler, which stores the responses to POST requests that have a key.

    `admit` counts a request and raises if it is not permitted: a stored response needs that as well.
    """

    async def answered(request: Request) -> Response:
        key = request.headers.get(HEADER)
        if key is None or request.method != "POST":
            return await handler(request)
        if not _KEY.fullmatch(key):
            raise ApiError("invalid_request", "an Idempotency-Key is 8 to 128 visible characters.")
        try:
            asker = await run_in_threadpool(asker_of, request)
        except SignInError:
            return await handler(request)
        await run_in_threadpool(admit, request, Response())
        hashed = _Hashed(request, asker)
        earlier = await run_in_threadpool(_begin, asker, key)
        if earlier is not None:
            request_hash, answer = earlier
            if await hashed.digest() != request_hash:
                raise ApiError("key_reused")
            # Who reads it again reads it: the handler that would say so does not run.
            await run_in_threadpool(_record, asker, request)
            counts = getattr(request.state, "rate_headers", {})
            return Response(answer.body, answer.status, {**answer.headers, **counts, REPLAYED: "true"})
        try:
            response = await handler(hashed.request)
        except BaseException:
            await run_in_threadpool(_forget, asker, key)
            raise
        if response.status_code >= _FAILED or isinstance(response, StreamingResponse):
            await run_in_threadpool(_forget, asker, key)
        else:
            await run_in_threadpool(_keep, asker, key, await hashed.digest(), response)
        return response

    return answered


def _begin(asker: Asker, key: str) -> tuple[bytes, KeptAnswer] | None:
    try:
        with asker.services.database.transaction(asker.caller) as connection:
            return begin_request(asker.caller, connection, asker.services.sealer, key)
    except RepeatedRequestError as problem:
        raise ApiError("conflict", str(problem), headers={"Retry-After": "2"}) from None


def _record(asker: Asker, request: Request) -> None:
    template, items = asked_for(request)
    with asker.services.database.transaction(asker.caller) as connection:
        audit.append(
            asker.caller, connection, action="request.repeated", subject=f"route:{template}",
            detail={"method": request.method, "items": items}, correlation_id=asker.request_id,
        )  # fmt: skip


def _keep(asker: Asker, key: str, request_hash: bytes, response: Response) -> None:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    answer = KeptAnswer(response.status_code, headers, bytes(response.body))
    with asker.services.database.transaction(asker.caller) as connection:
        keep_answer(asker.caller, connection, asker.services.sealer, key, request_hash, answer)


def _forget(asker: Asker, key: str) -> None:
    with asker.services.database.transaction(asker.caller) as connection:
        forget_request(asker.caller, connection, key)
