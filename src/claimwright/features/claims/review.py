"""Manual review: the waiting claims, and decisions with reasons, recorded in audit log, history and outbox.

NotInReviewError      a claim of the decision is not in review; nothing was decided
ApprovalNeededError   a claim of the decision needs another person's approval; nothing was decided
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from claimwright.domain.caller import Caller
from claimwright.foundation.errors import InputError, NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import events
from claimwright.store.production import insert_events
from claimwright.store.review import RELEASED, RETURNED, ReviewClaim, claims_in_review, leave_review
from claimwright.store.work_changes import unapproved_sources


class NotInReviewError(NotFoundError):
    """A claim of the decision is not in review: already decided, superseded, or not a claim of the tenant.

    `claims` are the keys of those.
    """

    def __init__(self, message: str, claims: Sequence[int]) -> None:
        super().__init__(message)
        self.claims = tuple(claims)


class ApprovalNeededError(InputError):
    """A decision that another person has to approve, in the queue of work items.

    `sources` are the keys of the claims or denials whose work items need it.
    """

    def __init__(self, message: str, sources: Sequence[int]) -> None:
        super().__init__(message)
        self.sources = tuple(sources)


def in_review(
    caller: Caller,
    connection: Connection,
    *,
    facility: str | None = None,
    facilities: Sequence[str] | None = None,
    why: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[ReviewClaim]:
    """The next claims of the caller's tenant that are in review, after a claim key, in order of key."""
    assert caller.tenant
    return claims_in_review(
        connection, facility=facility, facilities=facilities, why=why, after=after, limit=limit
    )


def release(caller: Caller, connection: Connection, keys: Sequence[int], *, reason: str) -> list[int]:
    """Release claims from review: they are counted, and included in the next delivery. Returns their keys.

    Raises:
        NotInReviewError: one of them is not in review; none was released.
        ApprovalNeededError: the work item of one of them needs an approval; none was released.
        AuditError: the reason is not acceptable; none was released.
    """
    demand_approval(connection, "claim_review", keys)
    return _decide(caller, connection, keys, RELEASED, "released", reason)


def send_back(caller: Caller, connection: Connection, keys: Sequence[int], *, reason: str) -> list[int]:
    """Return claims to their facility: they are neither delivered nor counted. Returns their keys.

    Raises:
        NotInReviewError: one of them is not in review; none was returned.
        AuditError: the reason is not acceptable; none was returned.
    """
    return _decide(caller, connection, keys, RETURNED, "returned", reason)


def demand_approval(connection: Connection, kind: str, keys: Sequence[int] | None) -> None:
    """Refuse a decision on claims or denials whose work items of a kind need an approval.

    What is approved in the queue has been marked there before it is decided.

    Raises:
        ApprovalNeededError: there are such claims or denials.
    """
    if unapproved := unapproved_sources(connection, kind, keys):
        listed = ", ".join(map(str, unapproved[:10]))
        raise ApprovalNeededError(
            f"another person has to approve this: {kind.replace('_', ' ')} {listed}. Propose it in the queue;"
            " a denial that was decided already is set to open first. Nothing was done",
            unapproved,
        )


def _decide(
    caller: Caller, connection: Connection, keys: Sequence[int], route: str, what: str, reason: str
) -> list[int]:
    reason = audit.stated_reason(reason, f"claims are {what}")
    wanted = sorted(set(keys))
    # A savepoint: after this error, the caller can continue in the transaction, with nothing decided.
    with connection.transaction():
        decided = leave_review(connection, wanted, route)
        if missing := sorted(set(wanted) - set(decided)):
            listed = ", ".join(map(str, missing))
            raise NotInReviewError(f"not in review: {listed}. Nothing was {what}", missing)
    if not decided:
        return []
    correlation = str(uuid.uuid4())
    insert_events(connection, decided, what, correlation_id=correlation)
    data = {"count": len(decided), "claim_keys": decided}
    events.publish(
        caller,
        connection,
        type=f"review.{what}.v1",
        subject=f"tenant:{caller.tenant}",
        data=data,
        correlation_id=correlation,
    )
    audit.append(
        caller,
        connection,
        action=f"review.{what}",
        subject=f"tenant:{caller.tenant}",
        detail={**data, "reason": reason},
        correlation_id=correlation,
    )
    return decided
