"""Answers kept for requests that may be sent again: by the asker's own key, sealed, for a day.

RepeatedRequestError   the key is another request's, or the first one is under way
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
    """A key that cannot be used for this request, or not now; `is_under_way` says which."""

    def __init__(self, message: str, *, is_under_way: bool) -> None:
        super().__init__(message)
        self.is_under_way = is_under_way


@dataclass(frozen=True)
class KeptAnswer:
    """An answer as it was given."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def begin_request(
    caller: Caller, connection: Connection, sealer: Sealer, key: str, request_hash: bytes
) -> KeptAnswer | None:
    """Note that a request is under way; the answer where it was given before.

    Raises:
        RepeatedRequestError: the key is another request's, or the request is under way.
    """
    connection.execute(
        "delete from platform.idempotency_keys "
        "where created_at < clock_timestamp() - make_interval(hours => %s) "
        "or (status is null and created_at < clock_timestamp() - make_interval(mins => %s))",
        [_HOURS, _LOST_MINUTES],
    )
    made = connection.execute(
        "insert into platform.idempotency_keys (key, request_hash) values (%s, %s) on conflict do nothing",
        [key, request_hash],
    )
    if made.rowcount:
        return None
    row = connection.execute(
        "select request_hash, status, headers, sealed from platform.idempotency_keys "
        "where key = %s and actor = %s",
        [key, caller.actor],
    ).fetchone()
    if row is None or bytes(row[0]) != request_hash:
        raise RepeatedRequestError("the key was used for another request. Use a new one.", is_under_way=False)
    if row[1] is None:
        raise RepeatedRequestError("the same request is under way. Ask again in a while.", is_under_way=True)
    [body] = sealer.open([bytes(row[3])], [answer_context(caller.tenant, caller.actor, key)])
    return KeptAnswer(row[1], row[2], body)


def keep_answer(caller: Caller, connection: Connection, sealer: Sealer, key: str, answer: KeptAnswer) -> None:
    """Keep the answer of a request that was begun."""
    [sealed] = sealer.seal([answer.body], [answer_context(caller.tenant, caller.actor, key)])
    connection.execute(
        "update platform.idempotency_keys set status = %s, headers = %s::jsonb, sealed = %s "
        "where key = %s and actor = %s",
        [answer.status, json.dumps(dict(answer.headers)), sealed, key, caller.actor],
    )


def forget_request(caller: Caller, connection: Connection, key: str) -> None:
    """Forget a request that failed: it may be done again."""
    connection.execute(
        "delete from platform.idempotency_keys where key = %s and actor = %s", [key, caller.actor]
    )


def answer_context(tenant: str, actor: str, key: str) -> bytes:
    """What a sealed answer is bound to."""
    return f"idempotency/{tenant}/{actor}/{key}".encode()
