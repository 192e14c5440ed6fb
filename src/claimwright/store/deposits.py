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
    """A deposit; `payment_id` is the first payment that it confirms, `payments` how many these are."""

    deposit_id: int
    deposited_on: datetime.date
    amount_cents: int
    trace_number: str | None
    payment_id: int | None
    payments: int
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
    """Let open deposits confirm open payments with their trace number: the one payment of the same amount, or
    all of them, if they add up to it. Leading zeros of a trace number and its case are nothing.

    Nothing is confirmed where several deposits or payments fit. Returns how many payments were confirmed.
    """
    confirmed = 0
    for query in (_MATCHES, _SUMS):
        rows = connection.execute(query).fetchall()
        for deposit_id, payments in rows:
            confirm_deposit(connection, deposit_id, payments, now)
            confirmed += len(payments)
    return confirmed


def confirm_deposit(
    connection: Connection, deposit_id: int, payments: Sequence[int], now: datetime.datetime
) -> None:
    """Let a deposit confirm payments."""
    connection.execute(
        "update remittance.deposits set payment_id = %s where deposit_id = %s", [min(payments), deposit_id]
    )
    connection.execute(
        "update remittance.payments set reconciled_at = %s, deposit_id = %s where payment_id = any(%s)",
        [now, deposit_id, list(payments)],
    )


def open_deposit_cents(connection: Connection, deposit_id: int) -> int | None:
    """The amount of an open deposit; None if there is none with this id."""
    row = connection.execute(
        "select amount_cents from remittance.deposits where deposit_id = %s and payment_id is null",
        [deposit_id],
    ).fetchone()
    return None if row is None else int(row[0])


def open_payment_cents(connection: Connection, payments: Sequence[int]) -> dict[int, int]:
    """The amounts of those of the payments that no deposit confirms."""
    rows = connection.execute(
        "select payment_id, amount_cents from remittance.payments where payment_id = any(%s) "
        "and reconciled_at is null and state <> 'duplicate'",
        [list(payments)],
    ).fetchall()
    return dict(rows)


def list_deposits(
    connection: Connection, *, is_open: bool | None = None, before: int | None = None, limit: int = 100
) -> list[StoredDeposit]:
    """Deposits before an id, newest first; open ones confirm no payment."""
    cursor = connection.cursor(row_factory=class_row(StoredDeposit))
    return cursor.execute(
        "select d.deposit_id, d.deposited_on, d.amount_cents, d.trace_number, d.payment_id, "
        "(select count(*) from remittance.payments m "
        "where m.deposit_id = d.deposit_id)::integer as payments, "
        "p.payer_name, d.added_at, d.added_by from remittance.deposits d "
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
select deposit_id, array[payment_id] from pairs where payments = 1 and deposits = 1
"""  # noqa: S608 - texts of this module
_SUMS = f"""
with sums as (
  select d.deposit_id, {_TRACE.format("d")} as trace,
    array_agg(p.payment_id order by p.payment_id) as payments
  from remittance.deposits d join remittance.payments p on {_TRACE.format("p")} = {_TRACE.format("d")}
  where d.payment_id is null and p.reconciled_at is null and p.state <> 'duplicate' and p.amount_cents <> 0
  group by d.deposit_id, d.trace_number, d.amount_cents
  having sum(p.amount_cents) = d.amount_cents and count(*) > 1
)
select deposit_id, payments from sums s
where not exists (select from sums o where o.trace = s.trace and o.deposit_id <> s.deposit_id)
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
