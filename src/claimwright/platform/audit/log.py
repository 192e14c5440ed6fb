"""Writes to the audit log, in the same transaction as the recorded change, and searches the log."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller, UnknownTenantError
from claimwright.platform.disclosure import refuse_undisclosable
from claimwright.platform.tenancy import tenancy

from .accesses import BROKE_GLASS
from .chain import AuditError, Record, canonical, instant

if TYPE_CHECKING:
    import psycopg

# Long enough to be meaningful, short enough that nobody pastes a medical record into it.
# SQLSTATE that `platform.audit_append` raises for a tenant that does not exist.
_NO_TENANT = "CW001"
_SHORTEST_REASON, _LONGEST_REASON = 8, 200


def append(
    caller: Caller,
    connection: psycopg.Connection,
    *,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    correlation_id: str,
) -> None:
    """Append one record: who did what. It is written when the transaction commits.

    Until then, no other transaction of the tenant can append, because the next record needs this one's hash.
    Call it last, right before the commit. The database refuses a record whose tenant or actor differs from
    the transaction's.

    Args:
        caller: its tenant selects the chain; its actor did the action.
        connection: in a transaction on the caller's behalf.
        action: what was done, with a dot: `claims.processed`, `claim.opened`.
        subject: what it was done to: `run:12/chunk:3`, `claim:991`.
        detail: further facts, with keys that may be disclosed; amounts in whole cents.
        correlation_id: of the request or file that caused it.

    Raises:
        AuditError: the detail has a key that could contain patient data, or a value without a canonical form.
        UnknownTenantError: the tenant does not exist.
    """
    import psycopg

    refuse_undisclosable(detail, AuditError)
    body = canonical(
        {
            "action": action,
            "actor": caller.actor,
            "correlation_id": correlation_id,
            "detail": detail,
            "origin": caller.origin.value,
            "purpose": caller.purpose.value,
            "subject": subject,
            "tenant": caller.tenant,
        }
    )
    try:
        connection.execute("select platform.audit_append(%s, %s)", (caller.tenant, body))
    except psycopg.Error as problem:
        if problem.sqlstate == _NO_TENANT:
            raise UnknownTenantError(caller.tenant) from None
        raise


def record_phi_access(
    caller: Caller,
    connection: psycopg.Connection,
    *,
    subject: str,
    fields: tuple[str, ...],
    reason: str,
    correlation_id: str,
    broke_glass: bool = False,
    digest: str | None = None,
) -> None:
    """Record access to patient data before the data is shown: who, which claim, and why.

    Args:
        caller: its tenant owns the data; its actor sees it.
        connection: in a transaction on the caller's behalf that commits before the data is returned.
        subject: what is shown, such as `claim:991`.
        fields: dictionary names of the fields shown; empty for the whole record.
        reason: why, in the actor's words; about the work, not about the patient.
        correlation_id: of the request.
        broke_glass: whether it goes past what policies withhold.
        digest: tokens of the patient's surname and of the patient, with a dot between; see `PhiAccess`.

    Raises:
        AuditError: the reason is missing, too short or too long.
    """
    reason = stated_reason(reason, "patient data is read")
    append(
        caller,
        connection,
        action="phi.read",
        subject=subject,
        detail={"reason": reason, "fields": list(fields)}
        | ({"option": BROKE_GLASS} if broke_glass else {})
        | ({"digest": digest} if digest else {}),
        correlation_id=correlation_id,
    )


def stated_reason(reason: str, what: str) -> str:
    """A reason in the form that is stored, without line breaks.

    Raises:
        AuditError: it is too short or too long; the message asks why `what`.
    """
    reason = " ".join(reason.split())
    if not _SHORTEST_REASON <= len(reason) <= _LONGEST_REASON:
        raise AuditError(f"say why {what}, in {_SHORTEST_REASON} to {_LONGEST_REASON} characters.")
    return reason


def search(
    caller: Caller,
    connection: psycopg.Connection,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    correlation_id: str | None = None,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    before: int | None = None,
    after: int | None = None,
    oldest_first: bool = False,
    limit: int = 100,
) -> list[Record]:
    """Records that match all given conditions, newest first; `before` and `after` are sequence numbers.

    An action matches by prefix. A subject matches itself and its parts (`run:1` and `run:1/chunk:3`).
    """
    wanted = [
        ("actor = %s", actor),
        ("starts_with(action, %s)", action),
        # A subject and its parts: claim:1 but not claim:10; run:1 and run:1/chunk:3.
        ("(subject = %s or starts_with(subject, %s || '/'))", subject),
        ("correlation_id = %s", correlation_id),
        ("at >= %s", since),
        ("at < %s", until),
        ("sequence < %s", before),
        ("sequence > %s", after),
    ]
    conditions = [condition for condition, value in wanted if value is not None]
    return list(
        _records(
            caller,
            connection,
            " and ".join(["true", *conditions]),
            [value for condition, value in wanted if value is not None for _ in range(condition.count("%s"))],
            f"order by sequence {'asc' if oldest_first else 'desc'} limit {int(limit)}",
        )
    )


def head(caller: Caller, connection: psycopg.Connection) -> tuple[int, bytes] | None:
    """Number and hash of the newest record, from which the next one continues; None before the first."""
    with tenancy(connection, caller):
        row = connection.execute(
            "select sequence, hash from platform.audit_heads where tenant = %s", (caller.tenant,)
        ).fetchone()
    return (int(row[0]), bytes(row[1])) if row else None


def records(caller: Caller, connection: psycopg.Connection, *, after: int = 0) -> Iterator[Record]:
    """Iterate over all records of the caller's tenant after a sequence number, in order, as a stream."""
    return _records(caller, connection, "sequence > %s", [after], "order by sequence")


def _records(
    caller: Caller, connection: psycopg.Connection, condition: str, values: list[Any], order: str
) -> Iterator[Record]:
    # Condition and order are constants of this module and never contain values.
    statement = (
        "select sequence, at, body, previous, hash from platform.audit_log"  # noqa: S608
        f" where tenant = %s and {condition} {order}"
    )
    with tenancy(connection, caller), connection.cursor(name="audit_records") as cursor:
        cursor.itersize = 5_000
        cursor.execute(statement, (caller.tenant, *values))
        for sequence, at, body, previous, digest in cursor:
            yield Record(sequence, instant(at), body, bytes(previous), bytes(digest))
