"""Figures of a practice: rates, days in accounts receivable, what happened by day.

Every function takes the caller's facilities; None for all. Amounts are whole cents.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class DayFigures:
    """Answers of payers on one day."""

    day: datetime.date
    answers: int
    denied: int
    charge_cents: int
    paid_cents: int


@dataclass(frozen=True)
class OpenWorkTotal:
    """Open work items of a kind; those that are snoozed are counted in `snoozed` only."""

    kind: str
    items: int
    stake_cents: int
    oldest: datetime.datetime | None
    next_due: datetime.date | None
    snoozed: int


def days_of_answers(
    connection: Connection, begins: datetime.date, ends: datetime.date, facilities: Sequence[str] | None
) -> list[DayFigures]:
    """Each day from `begins` to `ends`, days without an answer too. Reversals count in the amounts only."""
    rows = connection.execute(
        """
        select day::date, count(a.answer_id) filter (where not a.is_reversal),
          count(a.answer_id) filter (where not a.is_reversal and exists (
            select from remittance.denials d where d.answer_id = a.answer_id and d.amount_cents > 0)),
          coalesce(sum(a.charge_cents), 0), coalesce(sum(a.paid_cents), 0)
        from generate_series(%(begins)s::date, %(ends)s::date, interval '1 day') day
        left join remittance.answers a on a.paid_on = day::date
          and a.state in ('posted', 'reversed', 'superseded')
          and (%(own)s::text[] is null or a.facility = any(%(own)s))
        group by day order by day
        """,
        {"begins": begins, "ends": ends, "own": _own(facilities)},
    ).fetchall()
    return [DayFigures(day, *map(int, rest)) for day, *rest in rows]


def open_work_totals(
    connection: Connection, facilities: Sequence[str] | None, today: datetime.date
) -> list[OpenWorkTotal]:
    """Open work items by kind, most dollars first; without those that are snoozed, as in the queue."""
    rows = connection.execute(
        """
        select kind, count(*) filter (where wakes), coalesce(sum(stake_cents) filter (where wakes), 0),
          min(opened_at) filter (where wakes), min(due_on) filter (where wakes),
          count(*) filter (where not wakes)
        from (
          select *, snoozed_until is null or snoozed_until <= %(today)s wakes from work.items
          where done_at is null and (%(own)s::text[] is null or facility = any(%(own)s))
        ) items
        group by kind order by 3 desc
        """,
        {"own": _own(facilities), "today": today},
    ).fetchall()
    return [
        OpenWorkTotal(kind, int(items), int(stake), oldest, due, int(snoozed))
        for kind, items, stake, oldest, due, snoozed in rows
    ]


def appeals_to_finish(
    connection: Connection, facilities: Sequence[str] | None
) -> tuple[int, int, datetime.datetime | None, datetime.date | None]:
    """Letters that wait for a person: how many, the cents in dispute, since when the oldest, and the
    first clock to end.
    """
    row = connection.execute(
        "select count(*), coalesce(sum(amount_cents), 0)::bigint, min(changed_at), min(due_on) "
        "from appeals.cases "
        "where state in ('failed', 'marked', 'ready', 'approved') "
        "and (%(own)s::text[] is null or facility = any(%(own)s))",
        {"own": None if facilities is None else list(facilities)},
    ).fetchone()
    assert row is not None
    return row[0], row[1], row[2], row[3]


def alerts_to_answer(connection: Connection) -> tuple[int, datetime.datetime | None]:
    """Alerts that nobody has acknowledged: how many, and since when the oldest."""
    row = connection.execute(
        "select count(*), min(begun_at) from alerting.incidents where state in ('firing', 'escalated')"
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def held_payments(connection: Connection) -> tuple[int, int]:
    """Payments that are held since they do not balance, and their sum."""
    row = connection.execute(
        "select count(*), coalesce(sum(amount_cents), 0)::bigint from remittance.payments "
        "where state = 'held'"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _own(facilities: Sequence[str] | None) -> list[str] | None:
    return None if facilities is None else list(facilities)
