"""Answers kept for requests that may be sent again: by the asker's own key, sealed, for a day.

RepeatedRequestError   the first request of the key is under way
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
# An answer that is not there after so long was lost with its process: the request may be done again.
_LOST_MINUTES = 15


class RepeatedRequestError(InputError):
    """The first request of the key is under way."""


@dataclass(frozen=True)
class KeptAnswer:
    """An answer as it was given."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def begin_request(
    caller: Caller, connection: Connection, sealer: Sealer, key: str
) -> tuple[bytes, KeptAnswer] | None:
    """Note that a request is under way; where it was done before, the hash of the request and its answer.

    Whoever gets an answer compares the hash with that of the request in hand before it is given.

    Raises:
        RepeatedRequestError: the request is under way.
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
        raise RepeatedRequestError("a request of this key is under way. Ask again in a while.")
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
    """Keep the answer of a request that was begun, with the hash of all of the request."""
    [sealed] = sealer.seal([answer.body], [answer_context(caller.tenant, caller.actor, key)])
    connection.execute(
        "update platform.idempotency_keys "
        "set request_hash = %s, status = %s, headers = %s::jsonb, sealed = %s "
        "where key = %s and actor = %s",
        [request_hash, answer.status, json.dumps(dict(answer.headers)), sealed, key, caller.actor],
    )


def forget_request(caller: Caller, connection: Connection, key: str) -> None:
    """Forget a request that failed: it may be done again."""
    connection.execute(
        "delete from platform.idempotency_keys where key = %s and actor = %s", [key, caller.actor]
    )


def answer_context(tenant: str, actor: str, key: str) -> bytes:
    """What a sealed answer is bound to."""
    return f"idempotency/{tenant}/{actor}/{key}".encode()
