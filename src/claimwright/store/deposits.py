"""Deposits of the bank, and the payments that they confirm."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from psycopg.rows import class_row

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class StoredDeposit:
    """A deposit; `payment_id` is the payment that it confirms."""

    deposit_id: int
    deposited_on: datetime.date
    amount_cents: int
    trace_number: str | None
    payment_id: int | None
    payer_name: str | None
    added_at: datetime.datetime
    added_by: str


@dataclass(frozen=True)
class UnconfirmedPayment:
    """A payment that no deposit confirms. `other_cents` is the amount of a deposit with its trace number."""

    payment_id: int
    paid_on: datetime.date | None
    payer_name: str | None
    method: str | None
    trace_number: str | None
    amount_cents: int
    other_cents: int | None


def insert_deposits(connection: Connection, deposits: pl.DataFrame, now: datetime.datetime) -> int:
    """Store deposits that are not stored yet: `digest`, `deposited_on`, `amount_cents`, `trace_number`.
    Returns how many were new.
    """
    names = ("digest", "deposited_on", "amount_cents", "trace_number")
    return connection.execute(
        "insert into remittance.deposits (digest, deposited_on, amount_cents, trace_number, added_at) "
        "select digest, deposited_on, amount_cents, trace_number, %s "
        "from unnest(%s::bytea[], %s::date[], %s::bigint[], %s::text[]) "
        "as u(digest, deposited_on, amount_cents, trace_number) on conflict (tenant, digest) do nothing",
        [now, *(deposits[name].to_list() for name in names)],
    ).rowcount


def match_deposits(connection: Connection, now: datetime.datetime) -> int:
    """Let open deposits confirm open payments with their trace number and amount, if just one of each fits.

    Leading zeros of a trace number and its case are nothing. Returns how many were confirmed.
    """
    rows = connection.execute(_MATCHES).fetchall()
    if not rows:
        return 0
    deposits, payments = ([row[at] for row in rows] for at in (0, 1))
    connection.execute(
        "update remittance.deposits d set payment_id = u.payment_id "
        "from unnest(%s::bigint[], %s::bigint[]) as u(deposit_id, payment_id) "
        "where d.deposit_id = u.deposit_id",
        [deposits, payments],
    )
    connection.execute(
        "update remittance.payments set reconciled_at = %s where payment_id = any(%s)", [now, payments]
    )
    return len(rows)


def list_deposits(
    connection: Connection, *, is_open: bool | None = None, before: int | None = None, limit: int = 100
) -> list[StoredDeposit]:
    """Deposits before an id, newest first; open ones confirm no payment."""
    cursor = connection.cursor(row_factory=class_row(StoredDeposit))
    return cursor.execute(
        "select d.deposit_id, d.deposited_on, d.amount_cents, d.trace_number, d.payment_id, p.payer_name, "
        "d.added_at, d.added_by from remittance.deposits d "
        "left join remittance.payments p on p.payment_id = d.payment_id "
        "where (%(open)s::boolean is null or (d.payment_id is null) = %(open)s) "
        "and (%(before)s::bigint is null or d.deposit_id < %(before)s) "
        "order by d.deposit_id desc limit %(limit)s",
        {"open": is_open, "before": before, "limit": limit},
    ).fetchall()


def unconfirmed_payments(
    connection: Connection,
    *,
    facilities: Sequence[str] | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[UnconfirmedPayment]:
    """Payments of more than nothing that no deposit confirms, newest first."""
    cursor = connection.cursor(row_factory=class_row(UnconfirmedPayment))
    return cursor.execute(
        _UNCONFIRMED,
        {"own": None if facilities is None else list(facilities), "before": before, "limit": limit},
    ).fetchall()


_TRACE = "ltrim(upper({0}.trace_number), '0')"
_MATCHES = f"""
with pairs as (
  select d.deposit_id, p.payment_id, count(*) over (partition by d.deposit_id) as payments,
    count(*) over (partition by p.payment_id) as deposits
  from remittance.deposits d join remittance.payments p
    on {_TRACE.format("p")} = {_TRACE.format("d")} and p.amount_cents = d.amount_cents
  where d.payment_id is null and p.reconciled_at is null and p.state <> 'duplicate'
)
select deposit_id, payment_id from pairs where payments = 1 and deposits = 1
"""  # noqa: S608 - texts of this module
_UNCONFIRMED = f"""
select p.payment_id, p.paid_on, p.payer_name, p.method, p.trace_number, p.amount_cents,
  (select d.amount_cents from remittance.deposits d where d.payment_id is null
    and {_TRACE.format("d")} = {_TRACE.format("p")} order by d.deposit_id desc limit 1) as other_cents
from remittance.payments p
where p.reconciled_at is null and p.state <> 'duplicate' and p.amount_cents > 0
  and (%(before)s::bigint is null or p.payment_id < %(before)s)
  and (%(own)s::text[] is null or exists (select from remittance.answers a
    where a.payment_id = p.payment_id and a.facility = any(%(own)s)))
order by p.payment_id desc limit %(limit)s
"""  # noqa: S608 - texts of this module
