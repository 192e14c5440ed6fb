"""Selects production claims that are the history of other claims, with the date on which each was sent.

A claim counts as sent on the evaluation date of its run. A selection is an SQL condition that this module
creates; callers pass it back unchanged.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, bigints, copy_out

Selection = sql.Composed

_SENT = {"claim": pl.Int64(), "sent_on": pl.Date()}
# If retention has deleted the run, the date on which its claims were written is used.
_SENT_ON = sql.SQL("coalesce(r.as_of, c.created_at::date)")


def sent_days(connection: Connection, selection: Selection) -> pl.DataFrame:
    """`claim` (the key) and `sent_on` of the selected production claims, in order of key."""
    query = sql.SQL(
        "select c.claim_key, {} from production.claims c left join pipeline.runs r using (tenant, run_id) "
        "where {} order by c.claim_key"
    ).format(_SENT_ON, selection)
    return copy_out(connection, query, _SENT)


def sent_between(since: datetime.date | None, until: datetime.date | None) -> Selection:
    """Claims that were sent from `since` on and before `until`."""
    return sql.SQL("{} >= {} and {} < {}").format(
        _SENT_ON,
        sql.Literal(since or datetime.date(1970, 1, 1)),
        _SENT_ON,
        sql.Literal(until or datetime.date(9999, 12, 31)),
    )


def with_keys(keys: Sequence[int]) -> Selection:
    """The claims with these keys."""
    return sql.SQL("c.claim_key = any({})").format(bigints(keys))


def answered_before(day: datetime.date, *, recent_days: int, denial_days: int) -> Selection:
    """Claims with an outcome in the `recent_days` before a date, and claims denied in the `denial_days`
    before it.
    """
    return sql.SQL(
        "c.claim_key in (select claim_key from prediction.outcomes where answered_on < {} and "
        "(answered_on >= {} or carc is not null and answered_on >= {}))"
    ).format(
        sql.Literal(day),
        sql.Literal(day - datetime.timedelta(days=recent_days)),
        sql.Literal(day - datetime.timedelta(days=denial_days)),
    )


def like_staged(*, up_to_key: int | None) -> Selection:
    """Claims with the same last service date, payer, charge and number of lines as a staged claim."""
    return _like(sql.SQL("staging.claims"), up_to_key)


def like_given(
    service_to_on: Sequence[datetime.date | None],
    payer_id: Sequence[str | None],
    total_charge: Sequence[object],
    lines: Sequence[int | None],
    *,
    up_to_key: int | None,
) -> Selection:
    """Claims with the same last service date, payer, charge and number of lines as a given one.

    A payer of None matches any payer.
    """
    given = sql.SQL(
        "unnest({}::date[], {}::text[], {}::numeric[], {}::integer[])"
        " as given (service_to_on, payer_id, total_charge, lines)"
    ).format(*(sql.Literal(list(each)) for each in (service_to_on, payer_id, total_charge, lines)))
    return _like(given, up_to_key)


def last_uncounted_key(connection: Connection) -> int:
    """The highest claim key that is older than intake's count of repeated services."""
    row = connection.execute("select staging.uncounted_to()").fetchone()
    assert row is not None
    return int(row[0])


def _like(wanted: sql.Composable, up_to_key: int | None) -> Selection:
    selection = sql.SQL(
        "((c.service_to_on, c.payer_id, c.total_charge, c.lines) in "
        "(select service_to_on, payer_id, total_charge, lines from {wanted}) or "
        "(c.service_to_on, c.total_charge, c.lines) in "
        "(select service_to_on, total_charge, lines from {wanted} where payer_id is null))"
    ).format(wanted=wanted)
    if up_to_key is None:
        return selection
    return selection + sql.SQL(" and c.claim_key <= {}").format(sql.Literal(up_to_key))
