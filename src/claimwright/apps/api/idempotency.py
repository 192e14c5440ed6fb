"""Requests that are sent again: the same Idempotency-Key gives the answer of the first, for a day.

The request is recognised by method, path, query and body; of an upload by all but the body, which intake
recognises by its content.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

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

HEADER = "idempotency-key"
REPLAYED = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_FAILED = 500
_KEPT_HEADERS = ("content-type", "etag", "location")

Handler = Callable[[Request], Awaitable[Response]]


def answered_once(handler: Handler) -> Handler:
    """The handler, with the answers of POST requests that have a key kept."""

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
        digest = await _digest(request)
        earlier = await run_in_threadpool(_begin, asker, key, digest)
        if earlier is not None:
            return Response(earlier.body, earlier.status, {**earlier.headers, REPLAYED: "true"})
        try:
            response = await handler(request)
        except BaseException:
            await run_in_threadpool(_forget, asker, key)
            raise
        if response.status_code >= _FAILED or isinstance(response, StreamingResponse):
            await run_in_threadpool(_forget, asker, key)
        else:
            await run_in_threadpool(_keep, asker, key, response)
        return response

    return answered


async def _digest(request: Request) -> bytes:
    said = f"{request.method} {request.url.path}?{request.url.query}".encode()
    if request.headers.get("content-type", "").startswith("application/json"):
        said += b"\n" + await request.body()
    return hashlib.sha256(said).digest()


def _begin(asker: Asker, key: str, digest: bytes) -> KeptAnswer | None:
    try:
        with asker.services.database.transaction(asker.caller) as connection:
            return begin_request(asker.caller, connection, asker.services.sealer, key, digest)
    except RepeatedRequestError as problem:
        if problem.is_under_way:
            raise ApiError("conflict", str(problem), headers={"Retry-After": "2"}) from None
        raise ApiError("key_reused", str(problem)) from None


def _keep(asker: Asker, key: str, response: Response) -> None:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    answer = KeptAnswer(response.status_code, headers, bytes(response.body))
    with asker.services.database.transaction(asker.caller) as connection:
        keep_answer(asker.caller, connection, asker.services.sealer, key, answer)


def _forget(asker: Asker, key: str) -> None:
    with asker.services.database.transaction(asker.caller) as connection:
        forget_request(asker.caller, connection, key)
