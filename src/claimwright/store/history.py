"""Which claims in production are the past of others, and on which day each was sent.

A claim was sent on the day as of which its run judged it. A selection is a condition that is written here and
handed back by whoever asks with it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out

Selection = sql.Composed

_SENT = {"claim": pl.Int64(), "sent_on": pl.Date()}
# A run that retention has deleted leaves the day on which its claims were written.
_SENT_ON = sql.SQL("coalesce(r.as_of, c.created_at::date)")


def sent_days(connection: Connection, selection: Selection) -> pl.DataFrame:
    """`claim`, the key, and `sent_on` of the claims in production that were selected, in order of key."""
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
    """The claims of these keys."""
    return sql.SQL("c.claim_key = any({})").format(sql.Literal(list(keys)))


def answered_before(day: datetime.date, *, recent_days: int, denial_days: int) -> Selection:
    """Claims answered in the last `recent_days` before a day, and those denied in the last `denial_days`."""
    return sql.SQL(
        "c.claim_key in (select claim_key from prediction.outcomes where answered_on < {} and "
        "(answered_on >= {} or carc is not null and answered_on >= {}))"
    ).format(
        sql.Literal(day),
        sql.Literal(day - datetime.timedelta(days=recent_days)),
        sql.Literal(day - datetime.timedelta(days=denial_days)),
    )


def like_staged(*, up_to_key: int | None) -> Selection:
    """Claims with the last day, payer, charge and number of lines of one that is staged."""
    return _like(sql.SQL("staging.claims"), up_to_key)


def like_given(
    service_to_on: Sequence[datetime.date | None],
    payer_id: Sequence[str | None],
    total_charge: Sequence[object],
    lines: Sequence[int | None],
    *,
    up_to_key: int | None,
) -> Selection:
    """Claims with the last day, payer, charge and number of lines of one that is given here.

    None as the payer is like any payer.
    """
    given = sql.SQL(
        "unnest({}::date[], {}::text[], {}::numeric[], {}::integer[])"
        " as given (service_to_on, payer_id, total_charge, lines)"
    ).format(*(sql.Literal(list(each)) for each in (service_to_on, payer_id, total_charge, lines)))
    return _like(given, up_to_key)


def last_uncounted_key(connection: Connection) -> int:
    """The key up to which intake has not counted how often the services of a claim came before."""
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
