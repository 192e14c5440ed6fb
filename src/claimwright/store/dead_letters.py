"""Dead letters: claims that could not be processed, with all of their staged columns.

A claim moves from staging to the dead letters and back, column by column, by name.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from psycopg import sql

from claimwright.foundation import clock
from claimwright.platform.database import Connection

from .columns import STAGED_CLAIM


@dataclass(frozen=True)
class Dead:
    """A claim that could not be processed, with the error class and the stage."""

    claim_key: int
    reason: str
    detail: str


@dataclass(frozen=True)
class DeadLetter:
    """A dead letter for display; `reason` is the error class, `stage` the stage in which it happened."""

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


def move_to_dead_letters(connection: Connection, dead: Sequence[Dead], *, run_id: int, attempts: int) -> int:
    """Move claims from staging to the dead letters, with reasons, and record it in their history.

    Returns how many.
    """
    parameters = {
        "keys": [each.claim_key for each in dead],
        "reasons": [each.reason for each in dead],
        "details": [each.detail for each in dead],
        "run": run_id,
        "attempts": attempts,
        "now": clock.now(),
    }
    moved = connection.execute(_MOVE, parameters)
    connection.execute(_EVENTS, parameters)
    return moved.rowcount


def read_dead_letters(
    connection: Connection,
    *,
    facilities: Sequence[str] | None = None,
    after: tuple[int, int] | None = None,
    limit: int = 100,
) -> list[DeadLetter]:
    """Dead letters, claims that arrived last first, discarded ones after all others.

    `facilities`: of these only. `after`: the place of the last one of a page before, as `place_of_letter` has
    it.
    """
    rows = connection.execute(
        "select claim_key, file_id, position, facility, form, total_charge, reason, detail, run_id, "
        "failed_at, state from pipeline.dead_letters "
        "where (%(facilities)s::text[] is null or facility = any(%(facilities)s)) and (%(rank)s::int is null "
        "or (case state when 'dead' then 0 else 1 end, -claim_key) > (%(rank)s, -%(key)s::bigint)) "
        "order by state, claim_key desc limit %(limit)s",
        {
            "facilities": None if facilities is None else list(facilities), "limit": limit,
            "rank": after and after[0], "key": after and after[1],
        },
    ).fetchall()  # fmt: skip
    return [DeadLetter(*row) for row in rows]


def place_of_letter(letter: DeadLetter) -> tuple[int, int]:
    """The place of a dead letter in the order of `read_dead_letters`."""
    return (0 if letter.state == "dead" else 1, letter.claim_key)


def stage_again(connection: Connection, keys: Sequence[int] | None) -> list[int]:
    """Move dead letters back to staging: those with the keys, or all that are not discarded.

    Returns their keys.
    """
    return [row[0] for row in connection.execute(_STAGE_AGAIN, {"keys": keys}).fetchall()]


def lock_dead_letters(connection: Connection, keys: Sequence[int]) -> list[int]:
    """Those of the claims that are dead letters and not discarded, in order, locked until the transaction
    ends.
    """
    rows = connection.execute(
        "select claim_key from pipeline.dead_letters where state = 'dead' and claim_key = any(%s) "
        "order by 1 for update",
        [list(keys)],
    ).fetchall()
    return [row[0] for row in rows]


def mark_discarded(connection: Connection, keys: Sequence[int] | None) -> list[int]:
    """Mark dead letters as discarded: those with the keys, or all.

    Returns the keys of the newly discarded ones.
    """
    return [row[0] for row in connection.execute(_DISCARD, {"keys": keys}).fetchall()]


_OF_GONE = sql.SQL(", ").join(sql.Identifier("gone", name) for name in STAGED_CLAIM.names)
_MOVE = sql.SQL("""
with gone as (delete from staging.claims where claim_key = any(%(keys)s) returning {staged})
insert into pipeline.dead_letters ({staged}, reason, detail, run_id, attempts, failed_at)
select {gone}, why.reason, why.detail, %(run)s, %(attempts)s, %(now)s
from gone join unnest(%(keys)s::bigint[], %(reasons)s::text[], %(details)s::text[]) why (key, reason, detail)
  on why.key = gone.claim_key
""").format(staged=STAGED_CLAIM.sql, gone=_OF_GONE)
_EVENTS = """
insert into production.claim_events (happened_on, happened_at, claim_key, state, run_id, correlation_id)
select (%(now)s::timestamptz at time zone 'UTC')::date, %(now)s, claim_key, 'dead', %(run)s, correlation_id
from pipeline.dead_letters where claim_key = any(%(keys)s)
"""
_STAGE_AGAIN = sql.SQL("""
with back as (
  delete from pipeline.dead_letters
  where state = 'dead' and (%(keys)s::bigint[] is null or claim_key = any(%(keys)s)) returning {staged}
)
insert into staging.claims ({staged}) select {staged} from back returning claim_key
""").format(staged=STAGED_CLAIM.sql)
_DISCARD = """
update pipeline.dead_letters set state = 'discarded'
where state = 'dead' and (%(keys)s::bigint[] is null or claim_key = any(%(keys)s)) returning claim_key
"""
