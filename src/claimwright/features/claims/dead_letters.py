"""Claims that could not be processed: looked at, tried again, or given up, with a row of the audit log."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform import audit, events
from claimwright.platform.database import Connection


@dataclass(frozen=True)
class DeadLetter:
    """One of them; `reason` is the class of the failure, `stage` where it happened."""

    claim_key: int
    file_id: int
    position: int
    facility: str
    form: str
    total_charge: Decimal | None
    reason: str
    stage: str
    run_id: int
    failed_at: datetime.datetime
    state: str


def dead_letters(connection: Connection, *, limit: int = 100) -> list[DeadLetter]:
    """The newest of them, discarded ones last."""
    rows = connection.execute(
        "select claim_key, file_id, position, facility, form, total_charge, reason, detail, run_id, "
        "failed_at, state from pipeline.dead_letters order by state, failed_at desc, claim_key limit %s",
        [limit],
    ).fetchall()
    return [DeadLetter(*row) for row in rows]


def retry(caller: Caller, connection: Connection, keys: Sequence[int] | None) -> list[int]:
    """Stage dead letters again, those of the keys or all; the next run takes them. Returns their keys."""
    moved = [row[0] for row in connection.execute(_RETRY, {"keys": keys}).fetchall()]
    _tell(caller, connection, "retried", moved)
    return moved


def discard(caller: Caller, connection: Connection, keys: Sequence[int] | None, *, reason: str) -> list[int]:
    """Give dead letters up, for a reason that the audit log keeps. They stay where they are, marked."""
    given_up = [row[0] for row in connection.execute(_DISCARD, {"keys": keys}).fetchall()]
    _tell(caller, connection, "discarded", given_up, reason=reason)
    return given_up


def _tell(
    caller: Caller, connection: Connection, what: str, keys: list[int], reason: str | None = None
) -> None:
    if not keys:
        return
    correlation = uuid.uuid4()
    connection.execute(
        "insert into production.claim_events (happened_on, happened_at, claim_key, state, correlation_id) "
        "select (%(now)s::timestamptz at time zone 'UTC')::date, %(now)s, key, %(what)s, %(correlation)s "
        "from unnest(%(keys)s::bigint[]) key",
        {"now": clock.now(), "what": what, "keys": keys, "correlation": correlation},
    )
    events.publish(
        caller,
        connection,
        type=f"dead_letters.{what}.v1",
        subject=f"tenant:{caller.tenant}",
        data={"count": len(keys), "claim_keys": keys},
        correlation_id=str(correlation),
    )
    detail = {"count": len(keys), "claim_keys": keys}
    audit.append(
        caller,
        connection,
        action=f"dead_letters.{what}",
        subject=f"tenant:{caller.tenant}",
        detail=detail if reason is None else {**detail, "reason": reason},
        correlation_id=str(correlation),
    )


_RETRY = """
with back as (
  delete from pipeline.dead_letters
  where state = 'dead' and (%(keys)s::bigint[] is null or claim_key = any(%(keys)s)) returning *
)
insert into staging.claims
select tenant, claim_key, received_on, file_id, position, facility, version, original_key, form, payer_id,
  claim_filing, service_from_on, service_to_on, total_charge, lines, number_occurrence, content_occurrence,
  correlation_id, received_at
from back returning claim_key
"""
_DISCARD = """
update pipeline.dead_letters set state = 'discarded'
where state = 'dead' and (%(keys)s::bigint[] is null or claim_key = any(%(keys)s)) returning claim_key
"""
