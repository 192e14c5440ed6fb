"""Responses stored for repeated requests: by the client's idempotency key, sealed, for one day.

RepeatedRequestError   the first request with the key is still running
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.foundation.errors import InputError

from .phi import Sealer

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

_HOURS = 24
# A response still missing after this time was lost with its process: the request can be repeated.
_LOST_MINUTES = 15


class RepeatedRequestError(InputError):
    """The first request with the key is still running."""


@dataclass(frozen=True)
class KeptAnswer:
    """A stored response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def begin_request(
    caller: Caller, connection: Connection, sealer: Sealer, key: str
) -> tuple[bytes, KeptAnswer] | None:
    """Record that a request is running. If it was done before, return its request hash and its response.

    The caller must compare the hash with that of the present request before it sends the response.

    Raises:
        RepeatedRequestError: the first request is still running.
    """
    connection.execute(
        "delete from platform.idempotency_keys "
        "where created_at < clock_timestamp() - make_interval(hours => %s) "
        "or (status is null and created_at < clock_timestamp() - make_interval(mins => %s))",
        [_HOURS, _LOST_MINUTES],
    )
    made = connection.execute(
        "insert into platform.idempotency_keys (key) values (%s) on conflict do nothing", [key]
    )
    if made.rowcount:
        return None
    row = connection.execute(
        "select request_hash, status, headers, sealed from platform.idempotency_keys "
        "where key = %s and actor = %s",
        [key, caller.actor],
    ).fetchone()
    if row is None or row[1] is None:
        raise RepeatedRequestError("a request with this key is still running. Try again later.")
    [body] = sealer.open([bytes(row[3])], [answer_context(caller.tenant, caller.actor, key)])
    return bytes(row[0]), KeptAnswer(row[1], row[2], body)


def keep_answer(
    caller: Caller,
    connection: Connection,
    sealer: Sealer,
    key: str,
    request_hash: bytes,
    answer: KeptAnswer,
) -> None:
    """Store the response of a recorded request, with the hash of the complete request."""
    [sealed] = sealer.seal([answer.body], [answer_context(caller.tenant, caller.actor, key)])
    connection.execute(
        "update platform.idempotency_keys "
        "set request_hash = %s, status = %s, headers = %s::jsonb, sealed = %s "
        "where key = %s and actor = %s",
        [request_hash, answer.status, json.dumps(dict(answer.headers)), sealed, key, caller.actor],
    )


def forget_request(caller: Caller, connection: Connection, key: str) -> None:
    """Delete the record of a failed request, so that it can be repeated."""
    connection.execute(
        "delete from platform.idempotency_keys where key = %s and actor = %s", [key, caller.actor]
    )


def answer_context(tenant: str, actor: str, key: str) -> bytes:
    """The context that a sealed response is bound to."""
    return f"idempotency/{tenant}/{actor}/{key}".encode()
