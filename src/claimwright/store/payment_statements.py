"""A payment claim by claim, line by line and adjustment by adjustment, and what it adds up to.

With `facilities`, only claims of those facilities. The sums of the whole payment come with it, so that what
is not shown is a difference that can be named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row, dict_row

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class StatementAdjustment:
    """An adjustment; a positive amount reduces what is paid."""

    group_code: str | None
    carc: str | None
    amount_cents: int


@dataclass(frozen=True)
class StatementLine:
    """A service line of an answer; `line` is the line of the claim, if it is known."""

    position: int
    line: int | None
    charge_cents: int
    paid_cents: int
    adjustments: list[StatementAdjustment]


@dataclass(frozen=True)
class StatementClaim:
    """A payer's answer to a claim within its payment. `adjustments` are those of the claim as a whole."""

    answer_id: int
    position: int
    state: str
    reason: str | None
    is_reversal: bool
    claim_key: int | None
    claim_status: str | None
    charge_cents: int
    paid_cents: int
    patient_cents: int
    lines: list[StatementLine]
    adjustments: list[StatementAdjustment]


@dataclass(frozen=True)
class ProviderAdjustment:
    """An adjustment of the payment that is of no claim (PLB); a positive amount reduces the payment."""

    ordinal: int
    reason: str | None
    amount_cents: int


@dataclass(frozen=True)
class PaymentSums:
    """What a payment is made of: `claims_cents` less `provider_cents` should be `amount_cents`.

    `shown` and `shown_cents` are of the claims that the reader may see.
    """

    amount_cents: int
    claims_cents: int
    provider_cents: int
    claims: int
    shown: int
    shown_cents: int


def statement_claims(
    connection: Connection,
    payment_id: int,
    *,
    facilities: Sequence[str] | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[StatementClaim]:
    """The claims of a payment after a position, in the payment's order."""
    cursor = connection.cursor(row_factory=dict_row)
    rows = cursor.execute(
        "select answer_id, position, state, reason, is_reversal, claim_key, claim_status, charge_cents, "
        "paid_cents, patient_cents from remittance.answers "
        "where payment_id = %(payment)s and position > %(after)s "
        "and (%(own)s::text[] is null or facility = any(%(own)s)) order by position limit %(limit)s",
        {"payment": payment_id, "after": after, "limit": limit, "own": _own(facilities)},
    ).fetchall()
    answers = [row["answer_id"] for row in rows]
    of_claims: dict[int, list[StatementAdjustment]] = {}
    of_lines: dict[tuple[int, int], list[StatementAdjustment]] = {}
    for answer, position, group, carc, cents in connection.execute(
        "select answer_id, position, group_code, carc, amount_cents from remittance.adjustments "
        "where answer_id = any(%s) order by answer_id, ordinal",
        [answers],
    ):
        adjustment = StatementAdjustment(group, carc, cents)
        if position is None:
            of_claims.setdefault(answer, []).append(adjustment)
        else:
            of_lines.setdefault((answer, position), []).append(adjustment)
    lines: dict[int, list[StatementLine]] = {}
    for answer, position, line, charge, paid in connection.execute(
        "select answer_id, position, line, charge_cents, paid_cents from remittance.answer_lines "
        "where answer_id = any(%s) order by answer_id, position",
        [answers],
    ):
        found = StatementLine(position, line, charge, paid, of_lines.get((answer, position), []))
        lines.setdefault(answer, []).append(found)
    return [
        StatementClaim(
            **row, lines=lines.get(row["answer_id"], []), adjustments=of_claims.get(row["answer_id"], [])
        )
        for row in rows
    ]


def provider_adjustments(connection: Connection, payment_id: int) -> list[ProviderAdjustment]:
    """The provider adjustments of a payment, in its order."""
    cursor = connection.cursor(row_factory=class_row(ProviderAdjustment))
    return cursor.execute(
        "select ordinal, reason, amount_cents from remittance.provider_adjustments where payment_id = %s "
        "order by ordinal",
        [payment_id],
    ).fetchall()


def payment_sums(
    connection: Connection, payment_id: int, *, facilities: Sequence[str] | None = None
) -> PaymentSums | None:
    """The sums of a payment; None if there is none of these facilities."""
    cursor = connection.cursor(row_factory=class_row(PaymentSums))
    found = cursor.execute(
        "select p.amount_cents, p.claims_cents, p.provider_cents, p.claims, a.shown, a.shown_cents "
        "from remittance.payments p cross join lateral ("
        "  select count(*) as shown, coalesce(sum(paid_cents), 0)::bigint as shown_cents "
        "  from remittance.answers where payment_id = p.payment_id "
        "  and (%(own)s::text[] is null or facility = any(%(own)s))) a "
        "where p.payment_id = %(payment)s",
        {"payment": payment_id, "own": _own(facilities)},
    ).fetchone()
    return None if found is None or (facilities is not None and not found.shown) else found


def _own(facilities: Sequence[str] | None) -> list[str] | None:
    return None if facilities is None else list(facilities)
