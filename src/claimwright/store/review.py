"""Claims in manual review, and the result of a person's decision."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from claimwright.platform.database import Connection

# The decisions: `RELEASED` claims are delivered, `RETURNED` claims go back to the facility.
RELEASED, RETURNED = "production", "returned"


# Not frozen: Python makes a frozen one eight times as slowly, and a page has a hundred.
@dataclass
class ReviewClaim:
    """A claim in review; `why` is a word for the reason that routed it there."""

    claim_key: int
    facility: str
    file_id: int
    position: int
    form: str
    payer_id: str | None
    service_from_on: datetime.date | None
    total_charge: Decimal | None
    severity: str | None
    findings: int
    why: str | None


def claims_in_review(
    connection: Connection,
    *,
    facility: str | None,
    why: str | None,
    after: int,
    limit: int,
    facilities: Sequence[str] | None = None,
) -> list[ReviewClaim]:
    """The next claims in review after a key, in order of key; optionally of one facility or one reason."""
    rows = connection.execute(
        "select claim_key, facility, file_id, position, form, payer_id, service_from_on, total_charge, "
        "severity, findings, route_reason from production.claims "
        "where status <> 'superseded' and route = 'review' and claim_key > %(after)s "
        "and (%(facility)s::text is null or facility = %(facility)s) "
        "and (%(own)s::text[] is null or facility = any(%(own)s)) "
        "and (%(why)s::text is null or route_reason = %(why)s) "
        "order by claim_key limit %(limit)s",
        {
            "facility": facility, "own": None if facilities is None else list(facilities), "why": why,
            "after": after, "limit": limit,
        },
    ).fetchall()  # fmt: skip
    return [ReviewClaim(*row) for row in rows]


def leave_review(connection: Connection, keys: Sequence[int], route: str) -> list[int]:
    """Move claims out of review. Returns, in order, the keys of those that were in review.

    The rows are locked until the transaction ends, so that two people never decide one claim.
    """
    rows = connection.execute(
        "update production.claims set route = %s "
        "where route = 'review' and status <> 'superseded' and claim_key = any(%s) returning claim_key",
        [route, list(keys)],
    ).fetchall()
    return sorted(row[0] for row in rows)


def lock_in_review(connection: Connection, keys: Sequence[int]) -> list[int]:
    """Those of the claims that are in review, in order, locked until the transaction ends."""
    rows = connection.execute(
        "select claim_key from production.claims "
        "where route = 'review' and status <> 'superseded' and claim_key = any(%s) order by 1 for update",
        [list(keys)],
    ).fetchall()
    return [row[0] for row in rows]
