"""Underpayments: what they are found from, and what was found.

A finding counts as long as its answer is in force; one about a reversal, as long as no corrected answer took
the place; one about money that was kept back, as long as no reversal explains it, and as long as the number
that it names is kept: afterwards nobody can tell whether one does.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
from psycopg import sql
from psycopg.rows import class_row

from claimwright.platform.database import Connection, bigints, copy_in, copy_out, insert_frame
from claimwright.platform.list_order import ListOrder, Place, number

STATED: dict[str, pl.DataType] = {
    "answer_id": pl.Int64(), "position": pl.Int32(), "allowed_cents": pl.Int64(),
    "interest_cents": pl.Int64(), "received_on": pl.Date(),
}  # fmt: skip
UNDERPAYMENTS: dict[str, pl.DataType] = {
    "payment_id": pl.Int64(), "answer_id": pl.Int64(), "ordinal": pl.Int32(), "line": pl.Int32(),
    "kind": pl.String(), "confidence": pl.String(), "procedure": pl.String(), "modifiers": pl.String(),
    "service_from_on": pl.Date(), "charge_cents": pl.Int64(), "expected_cents": pl.Int64(),
    "allowed_cents": pl.Int64(), "paid_cents": pl.Int64(), "amount_cents": pl.Int64(),
    "contract": pl.String(), "basis": pl.String(), "found_at": pl.Datetime("us", "UTC"),
}  # fmt: skip
_KEY = ("payment_id", "answer_id", "ordinal", "line", "kind")
CLAIMED: dict[str, pl.DataType] = {
    "answer": pl.Int64(), "line": pl.Int32(), "procedure": pl.String(), "modifiers": pl.String(),
    "units": pl.Decimal(15, 3), "charge_cents": pl.Int64(), "expected_cents": pl.Int64(),
    "basis": pl.String(), "service_from_on": pl.Date(),
}  # fmt: skip
ANSWERED: dict[str, pl.DataType] = {
    "answer": pl.Int64(), "payment_id": pl.Int64(), "claim_key": pl.Int64(), "charge_cents": pl.Int64(),
    "paid_cents": pl.Int64(), "paid_on": pl.Date(), "payer_id": pl.String(), "claim_filing": pl.String(),
    "has_edit": pl.Boolean(), "received_on": pl.Date(), "is_stated": pl.Boolean(),
    "interest_cents": pl.Int64(), "settled_cents": pl.Int64(),
}  # fmt: skip
ANSWERED_LINES: dict[str, pl.DataType] = {
    "answer": pl.Int64(), "position": pl.Int32(), "line": pl.Int32(), "procedure": pl.String(),
    "original_procedure": pl.String(), "units": pl.Decimal(15, 3), "charge_cents": pl.Int64(),
    "paid_cents": pl.Int64(), "allowed_cents": pl.Int64(),
}  # fmt: skip
ADJUSTED: dict[str, pl.DataType] = {
    "answer": pl.Int64(), "position": pl.Int32(), "group_code": pl.String(), "carc": pl.String(),
    "amount_cents": pl.Int64(),
}  # fmt: skip
ANSWERS_AT_ONCE = 9_000
# In the order in which they were found, or by dollars (migration 0440).
UNDERPAYMENT_ORDERS = ListOrder("underpayment_id", {"amount_cents": number("amount_cents")})
# What `answered` returns.
Answered = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]


@dataclass(frozen=True)
class Underpayment:
    """An underpayment. Amounts are whole cents; `basis` is how it is computed, one statement a line."""

    underpayment_id: int
    kind: str
    confidence: str
    payer_id: str | None
    payer_name: str | None
    facility: str | None
    claim_key: int | None
    answer_id: int | None
    payment_id: int
    line: int | None
    procedure: str | None
    modifiers: str | None
    service_from_on: datetime.date | None
    paid_on: datetime.date | None
    charge_cents: int | None
    expected_cents: int | None
    allowed_cents: int | None
    paid_cents: int | None
    amount_cents: int
    contract: str | None
    basis: str
    found_at: datetime.datetime


@dataclass(frozen=True)
class UnderpaymentTotal:
    """Underpayments in force of one payer and kind."""

    payer_id: str | None
    payer_name: str | None
    kind: str
    findings: int
    claims: int
    amount_cents: int


def insert_stated(connection: Connection, stated: pl.DataFrame) -> None:
    """Store what answers state; columns are those of `STATED`."""
    insert_frame(connection, "remittance.stated_facts", stated.select(list(STATED)))


def answers_to_compare(
    connection: Connection, payments: Sequence[int] | None = None, answers: Sequence[int] | None = None
) -> Iterator[list[int]]:
    """The first payers' answers with a claim, of these payments, these or all; some thousand at a time."""
    if answers is not None:
        wanted = sorted(answers)
        for first in range(0, len(wanted), ANSWERS_AT_ONCE):
            among = bigints(wanted[first : first + ANSWERS_AT_ONCE])
            if found := _comparable(connection, sql.SQL("answer_id = any({})").format(among)):
                yield found
        return
    scope = sql.SQL("payment_id = any({})").format(bigints(payments)) if payments is not None else _ALL
    after = 0
    while found := _comparable(
        connection, sql.SQL("{} and answer_id > {}").format(scope, sql.Literal(after))
    ):
        yield found
        after = found[-1]


_ALL = sql.SQL("true")


def _comparable(connection: Connection, scope: sql.Composable) -> list[int]:
    rows = connection.execute(
        sql.SQL(
            "select answer_id from remittance.answers where turn = 'P' and not is_reversal "
            "and claim_key is not null and state not in ('noted', 'dismissed') and {} order by 1 limit {}"
        ).format(scope, sql.Literal(ANSWERS_AT_ONCE))
    ).fetchall()
    return [row[0] for row in rows]


def answered(connection: Connection, answers: Sequence[int]) -> Answered:
    """What answers say, and the lines of their claims: frames `ANSWERED`, `CLAIMED`, `ANSWERED_LINES`,
    `ADJUSTED`.
    """
    keys = bigints(answers)
    return (
        *_answers_and_claims(connection, answers),
        copy_out(connection, sql.SQL(_LINES).format(keys=keys), ANSWERED_LINES),
        copy_out(connection, sql.SQL(_ADJUSTED).format(keys=keys), ADJUSTED),
    )


def answered_by(
    connection: Connection, answers: Sequence[int], lines: pl.DataFrame, adjustments: pl.DataFrame
) -> Answered:
    """As `answered`, for stored answers whose lines and adjustments are at hand: the columns of
    `ANSWERED_LINES` and `ADJUSTED`, in the order of answers and positions.
    """
    return (
        *_answers_and_claims(connection, answers),
        lines.select([pl.col(name).cast(dtype) for name, dtype in ANSWERED_LINES.items()]),
        adjustments.select([pl.col(name).cast(dtype) for name, dtype in ADJUSTED.items()]),
    )


def _answers_and_claims(connection: Connection, answers: Sequence[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    # Key by key: see `ledger.live_charges`.
    found = sql.SQL(_THESE).format(keys=bigints(answers))
    return (
        copy_out(connection, sql.SQL(_ANSWERED).format(answers=found), ANSWERED),
        copy_out(connection, sql.SQL(_CLAIMED).format(answers=found), CLAIMED),
    )


def replace_underpayments(connection: Connection, answers: Sequence[int], found: pl.DataFrame) -> None:
    """Let the findings of these answers be `found`, with the columns of `UNDERPAYMENTS`. A finding that is
    found again keeps its id.
    """
    _replace(connection, sql.SQL("u.answer_id = any({})").format(bigints(answers)), found)


def insert_underpayments(connection: Connection, found: pl.DataFrame) -> None:
    """Store what was found in answers that were not compared before; with the columns of `UNDERPAYMENTS`."""
    insert_frame(
        connection,
        "remittance.underpayments",
        found.select([pl.col(name).cast(dtype) for name, dtype in UNDERPAYMENTS.items()]),
    )


def find_takebacks(connection: Connection, payments: Sequence[int] | None, now: datetime.datetime) -> None:
    """Find payments that were reversed without a correction, and money that was kept back without a reversal,
    in these payments or in all.
    """
    scope: sql.Composable = sql.SQL("true")
    if payments is not None:
        scope = sql.SQL("u.payment_id = any({})").format(bigints(payments))
    among = sql.Literal(_listed(payments))
    schema = {name: UNDERPAYMENTS[name] for name in _TAKEN}
    parts = [
        copy_out(connection, sql.SQL(text).format(among=among), schema) for text in (_REVERSED, _RECOVERED)
    ]
    found = pl.concat(parts).with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in UNDERPAYMENTS.items() if name not in _TAKEN
    )
    found = found.with_columns(found_at=pl.lit(now).cast(pl.Datetime("us", "UTC")))
    kinds = sql.SQL("u.kind in ('reversal_without_correction', 'recovery_without_reversal')")
    _replace(connection, sql.SQL("{} and {}").format(scope, kinds), found)


def _replace(connection: Connection, scope: sql.Composable, found: pl.DataFrame) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, UNDERPAYMENTS))
    connection.execute("drop table if exists found_underpayments")
    connection.execute(
        sql.SQL(
            "create temporary table found_underpayments on commit drop as "
            "select {} from remittance.underpayments limit 0"
        ).format(names)
    )
    copy_in(
        connection,
        "found_underpayments",
        found.select([pl.col(name).cast(dtype) for name, dtype in UNDERPAYMENTS.items()]),
    )
    same = sql.SQL(" and ").join(
        sql.SQL("f.{0} is not distinct from u.{0}").format(sql.Identifier(name)) for name in _KEY
    )
    connection.execute(
        sql.SQL(
            "delete from remittance.underpayments u where {} "
            "and not exists (select from found_underpayments f where {})"
        ).format(scope, same)
    )
    changed = [name for name in UNDERPAYMENTS if name not in (*_KEY, "found_at")]
    connection.execute(
        sql.SQL(
            "insert into remittance.underpayments ({}) select {} from found_underpayments "
            "on conflict (tenant, payment_id, answer_id, ordinal, line, kind) do update set {}"
        ).format(
            names,
            names,
            sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(each)) for each in changed
            ),
        )
    )


def list_underpayments(
    connection: Connection,
    *,
    underpayment_id: int | None = None,
    claim_key: int | None = None,
    kind: str | None = None,
    payer: str | None = None,
    facilities: Sequence[str] | None = None,
    sort: str = "underpayment_id",
    after: Place | None = None,
    limit: int = 1_000,
) -> list[Underpayment]:
    """Underpayments in force in one of `UNDERPAYMENT_ORDERS` after a place of it.

    `payer`: its ID or its name, in any case.
    """
    beyond, order, place = UNDERPAYMENT_ORDERS.clauses(sort, after)
    cursor = connection.cursor(row_factory=class_row(Underpayment))
    return cursor.execute(
        f"{_LIST} and {beyond} order by {order} limit %(limit)s".encode(),
        {
            "id": underpayment_id, "claim": claim_key, "kind": kind, "payer": payer,
            "own": _listed(facilities), "limit": limit, **place,
        },
    ).fetchall()  # fmt: skip


def count_underpayments(
    connection: Connection, *, payer: str | None = None, facilities: Sequence[str] | None = None
) -> list[UnderpaymentTotal]:
    """Underpayments in force by payer and kind, most dollars first."""
    cursor = connection.cursor(row_factory=class_row(UnderpaymentTotal))
    return cursor.execute(_COUNT.encode(), {"payer": payer, "own": _listed(facilities)}).fetchall()


def in_dollars(cents: int) -> Decimal:
    """An amount in dollars."""
    return Decimal(cents).scaleb(-2)


def _listed(values: Sequence[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)


_THESE = """
unnest({keys}) as k(answer_id) cross join lateral (
  select a.answer_id, a.payment_id, a.claim_key, a.charge_cents, a.paid_cents, a.paid_on
  from remittance.answers a where a.answer_id = k.answer_id offset 0)
"""
_ANSWERED = """
select a.answer_id, a.payment_id, a.claim_key, a.charge_cents, a.paid_cents, a.paid_on, c.payer_id,
  c.claim_filing,
  exists (select from production.findings f where f.claim_key = a.claim_key and f.waiver is null
    and (f.code like 'NCC%' or f.code like 'GLB%') and f.code <> 'NCC011'),
  coalesce(s.received_on, d.delivered_on), s.received_on is not null, s.interest_cents,
  coalesce((select -sum(p.amount_cents) from remittance.provider_adjustments p
    where p.payment_id = a.payment_id and p.reason = 'L6'), 0)::bigint
from {answers} a join production.claims c using (claim_key)
  left join remittance.stated_facts s on s.answer_id = a.answer_id and s.position = 0
  left join lateral (select min(d.delivered_at)::date as delivered_on from production.deliveries d
    where d.claim_key = a.claim_key) d on true
order by 1
"""
_CLAIMED = """
select a.answer_id, l.line, l.procedure, l.modifiers, l.units, (l.charge * 100)::bigint,
  (l.allowed * 100)::bigint, l.basis, l.service_from_on
from {answers} a join production.lines l using (claim_key)
order by 1, 2
"""
_LINES = """
select l.answer_id, l.position, l.line, l.procedure, l.original_procedure, l.units, l.charge_cents,
  l.paid_cents, s.allowed_cents
from remittance.answer_lines l
  left join remittance.stated_facts s on s.answer_id = l.answer_id and s.position = l.position
where l.answer_id = any({keys}) order by 1, 2
"""
_ADJUSTED = """
select answer_id, position, group_code, carc, amount_cents from remittance.adjustments
where answer_id = any({keys}) order by 1, ordinal
"""
_TAKEN = ("payment_id", "answer_id", "ordinal", "kind", "confidence", "paid_cents", "amount_cents", "basis")
# Whether a corrected answer took the place of a reversed one, `a`.
_CORRECTED = """
exists (select from remittance.answers b where b.account_key = a.account_key and b.turn = a.turn
  and b.state = 'posted' and not b.is_reversal and (b.lines_covered = '' or a.lines_covered = ''
  or string_to_array(b.lines_covered, ' ') && string_to_array(a.lines_covered, ' ')))
"""
# Whether a reversal explains what was kept back: by the payer's claim number, or by its amount.
_EXPLAINED = """
exists (select from remittance.answers a where a.is_reversal and a.state in ('posted', 'waiting')
  and (a.payer_number = {reference} or -a.paid_cents = {amount}))
"""
_REVERSED = (
    """
select a.payment_id, a.answer_id, 0, 'reversal_without_correction', 'high', a.paid_cents, -a.paid_cents,
  'the payer reversed what it had paid' || E'\\n' || 'no corrected answer is in force for these lines'
from remittance.answers a where a.is_reversal and a.state = 'posted' and a.paid_cents < 0
  and ({among}::bigint[] is null or a.payment_id = any({among})) and not """
    + _CORRECTED
)
_RECOVERED = """
select r.payment_id, null::bigint, r.ordinal, 'recovery_without_reversal', 'medium', null::bigint,
  r.amount_cents, 'PLB ' || r.reason || ': the payer kept the amount back from this payment' || E'\\n'
  || 'no claim was reversed for it, by the number that it names or by its amount'
from remittance.provider_adjustments r join remittance.payments p using (payment_id)
where p.state = 'posted' and r.reason in ('WO', 'WU') and r.amount_cents > 0 and r.sealed is not null
  and ({among}::bigint[] is null or r.payment_id = any({among})) and not """ + _EXPLAINED.format(
    reference="r.reference", amount="r.amount_cents"
)
_IN_FORCE = f"""
select u.*, coalesce(c.payer_id, p.payer_id) as payer_id, p.payer_name, a.facility, a.claim_key, p.paid_on
from remittance.underpayments u join remittance.payments p using (payment_id)
  left join remittance.answers a using (answer_id)
  left join production.claims c on c.claim_key = a.claim_key
  left join remittance.provider_adjustments r on r.payment_id = u.payment_id and r.ordinal = u.ordinal
    and u.answer_id is null
where p.state = 'posted' and (a.answer_id is null or a.state = 'posted')
  and (u.kind <> 'reversal_without_correction' or not {_CORRECTED})
  and (u.kind <> 'recovery_without_reversal'
    or r.sealed is not null and not {_EXPLAINED.format(reference="r.reference", amount="r.amount_cents")})
  and (%(own)s::text[] is null or a.facility = any(%(own)s))
  and (%(payer)s::text is null or upper(coalesce(c.payer_id, p.payer_id)) = upper(%(payer)s)
    or upper(p.payer_name) = upper(%(payer)s))
"""  # noqa: S608 - texts of this module
_LIST = f"""
select underpayment_id, kind, confidence, payer_id, payer_name, facility, claim_key, answer_id, payment_id,
  line, procedure, modifiers, service_from_on, paid_on, charge_cents, expected_cents, allowed_cents,
  paid_cents, amount_cents, contract, basis, found_at
from ({_IN_FORCE}) found
where (%(id)s::bigint is null or underpayment_id = %(id)s)
  and (%(claim)s::bigint is null or claim_key = %(claim)s)
  and (%(kind)s::text is null or kind = %(kind)s)
"""  # noqa: S608 - texts of this module
_COUNT = f"""
select payer_id, min(payer_name) as payer_name, kind, count(*) as findings,
  count(distinct claim_key) as claims, sum(amount_cents)::bigint as amount_cents
from ({_IN_FORCE}) found group by payer_id, kind order by amount_cents desc, payer_id, kind
"""  # noqa: S608 - texts of this module
