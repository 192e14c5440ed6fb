"""Lists of remittances: files, payments, answers, the postings of a claim; page by page, newest first.

With `facilities`, only what is of those facilities. Answers whose claim is not known are of none.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from claimwright.platform.database import Connection
from claimwright.platform.list_order import ListOrder, Place, day, number

from .write_offs import of_own


@dataclass(frozen=True)
class ListedRemittance:
    """A remittance file; `source` is 835, csv or paper. Counts are of its answers."""

    file_id: int
    source: str
    received_at: datetime.datetime
    entered_by: str
    payments: int
    claims: int
    posted: int
    waiting: int
    amount_cents: int


@dataclass(frozen=True)
class ListedPayment:
    """A payment; `unapplied_cents` is what is received and not applied to claims."""

    payment_id: int
    file_id: int
    position: int
    state: str
    reason: str | None
    first_id: int | None
    payer_id: str | None
    payer_name: str | None
    method: str | None
    trace_number: str | None
    amount_cents: int
    provider_cents: int
    unapplied_cents: int
    paid_on: datetime.date | None
    claims: int
    waiting: int
    reconciled_at: datetime.datetime | None


# In the order in which they came, or by a value (migration 0440).
REMITTANCE_ORDERS = ListOrder("file_id", {"claims": number("claims", "f.claims")}, "f.file_id")
PAYMENT_ORDERS = ListOrder(
    "payment_id",
    {"paid_on": day("paid_on", "p.paid_on"), "amount_cents": number("amount_cents", "p.amount_cents")},
    "p.payment_id",
)


@dataclass(frozen=True)
class PayerName:
    """A payer's identifier, and what its newest payment calls it."""

    payer_id: str
    name: str


@dataclass(frozen=True)
class ListedAnswer:
    """A payer's answer to a claim, without what identifies the patient."""

    answer_id: int
    payment_id: int
    position: int
    state: str
    reason: str | None
    is_reversal: bool
    reverses_id: int | None
    claim_key: int | None
    account_key: int | None
    facility: str | None
    turn: str | None
    score: int | None
    score_reasons: str | None
    claim_status: str | None
    charge_cents: int
    paid_cents: int
    patient_cents: int
    paid_on: datetime.date | None
    payer_id: str | None
    payer_name: str | None


@dataclass(frozen=True)
class AnswerLine:
    """A service line of an answer; `line` is the line of the claim."""

    position: int
    line: int | None
    procedure: str | None
    modifiers: str | None
    original_procedure: str | None
    revenue_code: str | None
    charge_cents: int
    paid_cents: int
    service_from_on: datetime.date | None
    remarks: str | None


@dataclass(frozen=True)
class AnswerAdjustment:
    """An adjustment of an answer; `position` is that of its line, null for the claim."""

    position: int | None
    group_code: str | None
    carc: str | None
    amount_cents: int


@dataclass(frozen=True)
class ListedPosting:
    """A posting of a claim or payment; `undone_by` is the posting that undoes it."""

    posting_id: int
    kind: str
    account_key: int | None
    payment_id: int | None
    answer_id: int | None
    undoes_id: int | None
    undone_by: int | None
    posted_by: str
    approved_by: str | None
    reason: str | None
    posted_at: datetime.datetime


@dataclass(frozen=True)
class ListedEntry:
    """An entry of a posting: debit above zero, credit below."""

    posting_id: int
    account: str
    turn: str | None
    line: int | None
    amount_cents: int
    group_code: str | None
    carc: str | None


@dataclass(frozen=True)
class LedgerTotal:
    """The balance of an account of the ledger."""

    account: str
    turn: str | None
    amount_cents: int


def list_remittances(
    connection: Connection,
    *,
    facilities: Sequence[str] | None = None,
    received_from: datetime.date | None = None,
    received_to: datetime.date | None = None,
    sort: str = "-file_id",
    after: Place | None = None,
    limit: int = 100,
) -> list[ListedRemittance]:
    """Remittance files in one of `REMITTANCE_ORDERS` after a place of it, of the days (UTC) from the first to
    the last.
    """
    cursor = connection.cursor(row_factory=class_row(ListedRemittance))
    beyond, order, place = REMITTANCE_ORDERS.clauses(sort, after)
    return cursor.execute(
        _FILES.format(beyond=beyond, order=order).encode(),
        {
            "own": _own(facilities), "limit": limit, "id": None, "first": received_from,
            "last": received_to, **place,
        },
    ).fetchall()  # fmt: skip


def remittance_of(
    connection: Connection, file_id: int, *, facilities: Sequence[str] | None = None
) -> ListedRemittance | None:
    """One remittance file."""
    cursor = connection.cursor(row_factory=class_row(ListedRemittance))
    return cursor.execute(
        _FILES.format(beyond="true", order="f.file_id").encode(),
        {"own": _own(facilities), "limit": 1, "id": file_id, "first": None, "last": None},
    ).fetchone()  # fmt: skip


def list_payments(
    connection: Connection,
    *,
    payment_id: int | None = None,
    file_id: int | None = None,
    state: str | None = None,
    trace_number: str | None = None,
    facilities: Sequence[str] | None = None,
    paid_from: datetime.date | None = None,
    paid_to: datetime.date | None = None,
    sort: str = "-payment_id",
    after: Place | None = None,
    limit: int = 100,
) -> list[ListedPayment]:
    """Payments in one of `PAYMENT_ORDERS` after a place of it, paid from the first to the last day."""
    cursor = connection.cursor(row_factory=class_row(ListedPayment))
    beyond, order, place = PAYMENT_ORDERS.clauses(sort, after)
    return cursor.execute(
        _PAYMENTS.format(beyond=beyond, order=order).encode(),
        {
            "id": payment_id, "file": file_id, "state": state, "trace": trace_number, "own": _own(facilities),
            "limit": limit, "first": paid_from, "last": paid_to, **place,
        },
    ).fetchall()  # fmt: skip


def payer_names(connection: Connection, *, limit: int = 5_000) -> list[PayerName]:
    """The names of payers that have paid, by identifier."""
    cursor = connection.cursor(row_factory=class_row(PayerName))
    return cursor.execute(
        "select distinct on (payer_id) payer_id, payer_name as name from remittance.payments "
        "where payer_id is not null and payer_name is not null "
        "order by payer_id, payment_id desc limit %s",
        [limit],
    ).fetchall()


def list_answers(
    connection: Connection,
    *,
    answer_id: int | None = None,
    payment_id: int | None = None,
    claim_key: int | None = None,
    state: str | None = None,
    reason: str | None = None,
    facilities: Sequence[str] | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[ListedAnswer]:
    """Answers before an id, newest first."""
    cursor = connection.cursor(row_factory=class_row(ListedAnswer))
    return cursor.execute(
        _ANSWERS,
        {
            "id": answer_id, "payment": payment_id, "claim": claim_key, "state": state, "reason": reason,
            "own": _own(facilities), "before": before, "limit": limit,
        },
    ).fetchall()  # fmt: skip


def count_waiting(
    connection: Connection, *, facilities: Sequence[str] | None = None
) -> list[tuple[str, int, int]]:
    """Why answers wait, how many for each reason, and what was paid by them in cents."""
    return connection.execute(
        "select reason, count(*), sum(paid_cents)::bigint from remittance.answers where state = 'waiting' "
        "and (%(own)s::text[] is null or facility = any(%(own)s)) group by 1 order by 2 desc, 1",
        {"own": _own(facilities)},
    ).fetchall()


def lines_of_answer(
    connection: Connection, answer_id: int
) -> tuple[list[AnswerLine], list[AnswerAdjustment]]:
    """The service lines and the adjustments of an answer."""
    lines = (
        connection.cursor(row_factory=class_row(AnswerLine))
        .execute(
            "select position, line, procedure, modifiers, original_procedure, revenue_code, charge_cents, "
            "paid_cents, service_from_on, remarks from remittance.answer_lines where answer_id = %s "
            "order by position",
            [answer_id],
        )
        .fetchall()
    )
    adjustments = (
        connection.cursor(row_factory=class_row(AnswerAdjustment))
        .execute(
            "select position, group_code, carc, amount_cents from remittance.adjustments "
            "where answer_id = %s order by ordinal",
            [answer_id],
        )
        .fetchall()
    )
    return lines, adjustments


def account_of_claim(
    connection: Connection, claim_key: int, *, facilities: Sequence[str] | None = None
) -> int | None:
    """The account to which the postings of a claim belong; None if nothing of it is posted."""
    row = connection.execute(
        "select p.account_key from remittance.postings p where p.account_key = ("
        "  select coalesce((select a.account_key from remittance.answers a where a.claim_key = %(key)s "
        "    and a.account_key is not null order by a.answer_id desc limit 1), %(key)s)) "
        "and (%(own)s::text[] is null or exists (select from staging.claim_keys k "
        "  where k.claim_key = p.account_key and k.facility = any(%(own)s))) limit 1",
        {"key": claim_key, "own": _own(facilities)},
    ).fetchone()
    return row[0] if row else None


def postings_of_account(
    connection: Connection, account_key: int
) -> tuple[list[ListedPosting], list[ListedEntry]]:
    """The postings of a claim's account, and their entries, oldest first."""
    postings = (
        connection.cursor(row_factory=class_row(ListedPosting))
        .execute(f"{_POSTINGS} where p.account_key = %s order by p.posting_id".encode(), [account_key])
        .fetchall()
    )
    entries = (
        connection.cursor(row_factory=class_row(ListedEntry))
        .execute(
            "select e.posting_id, e.account, e.turn, e.line, e.amount_cents, e.group_code, e.carc "
            "from remittance.entries e join remittance.postings p using (tenant, posting_id) "
            "where p.account_key = %s order by e.posting_id, e.line nulls first, e.account, e.amount_cents",
            [account_key],
        )
        .fetchall()
    )
    return postings, entries


def posting_with_id(
    connection: Connection, posting_id: int, *, facilities: Sequence[str] | None = None
) -> ListedPosting | None:
    """One posting."""
    cursor = connection.cursor(row_factory=class_row(ListedPosting))
    return cursor.execute(
        f"{_POSTINGS} where p.posting_id = %(id)s and {_OF_OWN}".encode(),
        {"id": posting_id, "own": _own(facilities)},
    ).fetchone()


def ledger_totals(connection: Connection, *, facilities: Sequence[str] | None = None) -> list[LedgerTotal]:
    """The balance of every account; of some facilities, without what belongs to no claim."""
    cursor = connection.cursor(row_factory=class_row(LedgerTotal))
    return cursor.execute(
        f"select e.account, e.turn, sum(e.amount_cents)::bigint as amount_cents "  # noqa: S608
        "from remittance.entries e join remittance.postings p using (tenant, posting_id) "
        f"where {_OF_OWN} group by 1, 2 order by 1, 2".encode(),
        {"own": _own(facilities)},
    ).fetchall()


def unapplied_of_payment(connection: Connection, payment_id: int) -> int:
    """What of a payment is received and not applied, in cents."""
    row = connection.execute(_UNAPPLIED, [payment_id]).fetchone()
    assert row is not None
    return int(row[0])


def denials_written_off(connection: Connection, denial_ids: Sequence[int]) -> set[int]:
    """Those of the denials of whose claim something is written off, and that is not undone."""
    rows = connection.execute(
        "select d.denial_id from remittance.denials d join remittance.answers a using (tenant, answer_id) "
        "where d.denial_id = any(%s) and exists (select from remittance.postings p "
        "where (p.tenant, p.account_key) = (a.tenant, a.account_key) and p.kind = 'write_off' "
        "and not exists (select from remittance.postings u where u.undoes_id = p.posting_id))",
        [list(denial_ids)],
    ).fetchall()
    return {row[0] for row in rows}


def _own(facilities: Sequence[str] | None) -> list[str] | None:
    return None if facilities is None else list(facilities)


_UNAPPLIED = (
    "select -coalesce(sum(e.amount_cents), 0)::bigint from remittance.postings p "
    "join remittance.entries e using (tenant, posting_id) "
    "where p.payment_id = %s and e.account = 'unapplied'"
)
_OF_OWN = of_own("p")
_POSTINGS = (
    "select p.posting_id, p.kind, p.account_key, p.payment_id, p.answer_id, p.undoes_id, "
    "u.posting_id as undone_by, p.posted_by, p.approved_by, p.reason, p.posted_at "
    "from remittance.postings p left join remittance.postings u on u.undoes_id = p.posting_id"
)
_FILES = """
select f.file_id, f.source, f.received_at, f.entered_by, f.payments, f.claims,
  coalesce(a.posted, 0) as posted, coalesce(a.waiting, 0) as waiting,
  coalesce(s.amount_cents, 0)::bigint as amount_cents
from remittance.files f
left join lateral (select sum(p.amount_cents) as amount_cents from remittance.payments p
  where p.file_id = f.file_id) s on true
left join lateral (select count(*) filter (where a.state = 'posted') as posted,
  count(*) filter (where a.state = 'waiting') as waiting
  from remittance.payments p join remittance.answers a using (tenant, payment_id)
  where p.file_id = f.file_id) a on true
where (%(id)s::bigint is null or f.file_id = %(id)s)
  and (%(first)s::date is null or f.received_at >= %(first)s::date at time zone 'UTC')
  and (%(last)s::date is null or f.received_at < (%(last)s::date + 1) at time zone 'UTC')
  and {beyond}
  and (%(own)s::text[] is null or exists (select from remittance.payments p
    join remittance.answers a using (tenant, payment_id)
    where p.file_id = f.file_id and a.facility = any(%(own)s)))
order by {order} limit %(limit)s
"""
_PAYMENTS = """
select p.payment_id, p.file_id, p.position, p.state, p.reason, p.first_id, p.payer_id, p.payer_name, p.method,
  p.trace_number, p.amount_cents, p.provider_cents, u.cents as unapplied_cents, p.paid_on, p.claims,
  a.waiting, p.reconciled_at
from remittance.payments p
cross join lateral (select -coalesce(sum(e.amount_cents), 0)::bigint as cents
  from remittance.postings t join remittance.entries e using (tenant, posting_id)
  where t.payment_id = p.payment_id and e.account = 'unapplied') u
cross join lateral (select count(*) filter (where a.state = 'waiting') as waiting
  from remittance.answers a where a.payment_id = p.payment_id) a
where (%(id)s::bigint is null or p.payment_id = %(id)s)
  and (%(first)s::date is null or p.paid_on >= %(first)s)
  and (%(last)s::date is null or p.paid_on <= %(last)s)
  and (%(file)s::bigint is null or p.file_id = %(file)s)
  and (%(state)s::text is null or p.state = %(state)s)
  and (%(trace)s::text is null or p.trace_number = %(trace)s)
  and {beyond}
  and (%(own)s::text[] is null or exists (select from remittance.answers a
    where a.payment_id = p.payment_id and a.facility = any(%(own)s)))
order by {order} limit %(limit)s
"""
_ANSWERS = """
select a.answer_id, a.payment_id, a.position, a.state, a.reason, a.is_reversal, a.reverses_id, a.claim_key,
  a.account_key, a.facility, a.turn, a.score, a.score_reasons, a.claim_status, a.charge_cents, a.paid_cents,
  a.patient_cents, a.paid_on, p.payer_id, p.payer_name
from remittance.answers a join remittance.payments p using (tenant, payment_id)
where (%(id)s::bigint is null or a.answer_id = %(id)s)
  and (%(payment)s::bigint is null or a.payment_id = %(payment)s)
  and (%(claim)s::bigint is null or a.claim_key = %(claim)s)
  and (%(state)s::text is null or a.state = %(state)s)
  and (%(reason)s::text is null or a.reason = %(reason)s)
  and (%(before)s::bigint is null or a.answer_id < %(before)s)
  and (%(own)s::text[] is null or a.facility = any(%(own)s))
order by a.answer_id desc limit %(limit)s
"""
