"""Figures of a practice: rates, days in accounts receivable, what happened by day.

Every function takes the caller's facilities; None for all. Amounts are whole cents.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class Share:
    """Some of all: a rate is `part / whole`."""

    part: int
    whole: int


@dataclass(frozen=True)
class Receivable:
    """What is owed and not paid, and what was charged in the days before."""

    unanswered_cents: int
    answered_cents: int
    charged_cents: int

    @property
    def owed_cents(self) -> int:
        """Charges without an answer, and what answers left open with payers, patients and as denied."""
        return self.unanswered_cents + self.answered_cents


@dataclass(frozen=True)
class DayFigures:
    """Answers of payers on one day."""

    day: datetime.date
    answers: int
    denied: int
    charge_cents: int
    paid_cents: int


@dataclass(frozen=True)
class Pile:
    """Open work items of a kind."""

    kind: str
    items: int
    stake_cents: int
    oldest: datetime.datetime | None
    next_due: datetime.date | None


def clean_claims(
    connection: Connection, begins: datetime.date, ends: datetime.date, facilities: Sequence[str] | None
) -> Share:
    """Of the claims received from `begins` to before `ends`: those without a finding that blocks or warns."""
    row = connection.execute(
        """
        select count(*) filter (where severity is null or severity = 'note'), count(*)
        from production.claims
        where received_on >= %(begins)s and received_on < %(ends)s and status <> 'superseded'
          and (%(own)s::text[] is null or facility = any(%(own)s))
        """,
        {"begins": begins, "ends": ends, "own": _own(facilities)},
    ).fetchone()
    return Share(*row) if row else Share(0, 0)


def denied_claims(
    connection: Connection, begins: datetime.date, ends: datetime.date, facilities: Sequence[str] | None
) -> Share:
    """Of the accounts that a first payer answered from `begins` to before `ends`: those with a denial."""
    row = connection.execute(
        """
        with answered as (
          select account_key, bool_or(exists (
              select from remittance.denials d where d.answer_id = a.answer_id and d.amount_cents > 0
            )) as is_denied
          from remittance.answers a
          where state in ('posted', 'reversed', 'superseded') and not is_reversal and turn = 'P'
            and account_key is not null and paid_on >= %(begins)s and paid_on < %(ends)s
            and (%(own)s::text[] is null or facility = any(%(own)s))
          group by account_key
        )
        select count(*) filter (where is_denied), count(*) from answered
        """,
        {"begins": begins, "ends": ends, "own": _own(facilities)},
    ).fetchone()
    return Share(*row) if row else Share(0, 0)


def receivable(
    connection: Connection, begins: datetime.date, ends: datetime.date, facilities: Sequence[str] | None
) -> Receivable:
    """What is owed now, and the charges of services from `begins` to before `ends`."""
    row = connection.execute(
        """
        with own as (
          select claim_key, total_charge, service_from_on from production.claims
          where status = 'active' and route = 'production'
            and (%(own)s::text[] is null or facility = any(%(own)s))
        )
        select
          coalesce((
            select sum(total_charge) from own where not exists (
              select from remittance.answers a where a.claim_key = own.claim_key and a.state = 'posted')
          ), 0) * 100,
          coalesce((
            select sum(e.amount_cents) from remittance.entries e join remittance.postings p
              using (tenant, posting_id)
            where e.account in ('payer', 'patient', 'denied') and (%(own)s::text[] is null or exists (
              select from production.claims c
              where c.claim_key = p.account_key and c.facility = any(%(own)s)))
          ), 0),
          coalesce((
            select sum(total_charge) from own
            where service_from_on >= %(begins)s and service_from_on < %(ends)s
          ), 0) * 100
        """,
        {"begins": begins, "ends": ends, "own": _own(facilities)},
    ).fetchone()
    return Receivable(*map(int, row or (0, 0, 0)))


def days_of_answers(
    connection: Connection, begins: datetime.date, ends: datetime.date, facilities: Sequence[str] | None
) -> list[DayFigures]:
    """Each day from `begins` to `ends`, days without an answer too."""
    rows = connection.execute(
        """
        select day::date, count(a.answer_id), count(a.answer_id) filter (where exists (
            select from remittance.denials d where d.answer_id = a.answer_id and d.amount_cents > 0)),
          coalesce(sum(a.charge_cents), 0), coalesce(sum(a.paid_cents), 0)
        from generate_series(%(begins)s::date, %(ends)s::date, interval '1 day') day
        left join remittance.answers a on a.paid_on = day::date and not a.is_reversal
          and a.state in ('posted', 'reversed', 'superseded')
          and (%(own)s::text[] is null or a.facility = any(%(own)s))
        group by day order by day
        """,
        {"begins": begins, "ends": ends, "own": _own(facilities)},
    ).fetchall()
    return [DayFigures(day, *map(int, rest)) for day, *rest in rows]


def piles_of_work(connection: Connection, facilities: Sequence[str] | None) -> list[Pile]:
    """Open work items by kind, most dollars first; those that are snoozed, too."""
    rows = connection.execute(
        """
        select kind, count(*), coalesce(sum(stake_cents), 0), min(opened_at), min(due_on)
        from work.items
        where state not in ('resubmitted', 'verified', 'closed')
          and (%(own)s::text[] is null or facility = any(%(own)s))
        group by kind order by 3 desc
        """,
        {"own": _own(facilities)},
    ).fetchall()
    return [Pile(kind, int(items), int(stake), oldest, due) for kind, items, stake, oldest, due in rows]


def held_payments(connection: Connection) -> tuple[int, int]:
    """Payments that are held since they do not balance, and their sum."""
    row = connection.execute(
        "select count(*), coalesce(sum(amount_cents), 0)::bigint from remittance.payments "
        "where state = 'held'"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _own(facilities: Sequence[str] | None) -> list[str] | None:
    return None if facilities is None else list(facilities)
