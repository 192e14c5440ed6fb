"""Writes to the audit log, in the transaction of the change that it tells of, and searches it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller, UnknownTenantError
from claimwright.platform.disclosure import refuse_undisclosable
from claimwright.platform.tenancy import tenancy

from .chain import AuditError, Record, canonical, instant

if TYPE_CHECKING:
    import psycopg

# Long enough to say something, short enough that nobody pastes a chart into it.
# What `platform.audit_append` says of a tenant that was never made.
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
    """Append one record: who did what. It stands when the transaction commits.

    Until then no other transaction of the tenant can append, since the next record needs this one's hash:
    call it last, right before the commit. The database refuses a record of another tenant or actor than the
    transaction's.

    Args:
        caller: whose chain, and who did it.
        connection: in a transaction on the caller's behalf.
        action: what, dotted: `claims.processed`, `claim.opened`.
        subject: on what: `run:12/chunk:3`, `claim:991`.
        detail: more, of keys that may be disclosed; amounts in whole cents.
        correlation_id: of the request or file that began it.

    Raises:
        AuditError: the detail has a key that may hold patient data, or a value without canonical form.
        UnknownTenantError: the tenant was never made.
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
) -> None:
    """Record that somebody is shown patient data, before it is shown: who, of which claim, and why.

    Args:
        caller: whose data, and who sees it.
        connection: in a transaction on the caller's behalf that commits before the data is handed over.
        subject: of what, such as `claim:991`.
        fields: the names of what is shown, of the dictionary; empty for the whole record.
        reason: why, in the actor's words; about the work, not about the patient.
        correlation_id: of the request.

    Raises:
        AuditError: there is no reason, or it is no reason.
    """
    reason = stated_reason(reason, "patient data is read")
    append(
        caller,
        connection,
        action="phi.read",
        subject=subject,
        detail={"reason": reason, "fields": list(fields)},
        correlation_id=correlation_id,
    )


def stated_reason(reason: str, what: str) -> str:
    """A reason as it is kept, without line ends.

    Raises:
        AuditError: it is too short to say something, or too long; the message asks why `what`.
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
    limit: int = 100,
) -> list[Record]:
    """The newest records that match everything given, newest first.

    An action by its beginning; a subject itself and what is part of it (`run:1` and `run:1/chunk:3`).
    """
    wanted = [
        ("actor = %s", actor),
        ("starts_with(action, %s)", action),
        # A subject and what is part of it: claim:1 and not claim:10, run:1 and run:1/chunk:3.
        ("(subject = %s or starts_with(subject, %s || '/'))", subject),
        ("correlation_id = %s", correlation_id),
        ("at >= %s", since),
        ("at < %s", until),
    ]
    conditions = [condition for condition, value in wanted if value is not None]
    return list(
        _records(
            caller,
            connection,
            " and ".join(["true", *conditions]),
            [value for condition, value in wanted if value is not None for _ in range(condition.count("%s"))],
            f"order by sequence desc limit {int(limit)}",
        )
    )


def head(caller: Caller, connection: psycopg.Connection) -> tuple[int, bytes] | None:
    """Number and hash of the newest record, as the next one will follow it; None before the first."""
    with tenancy(connection, caller):
        row = connection.execute(
            "select sequence, hash from platform.audit_heads where tenant = %s", (caller.tenant,)
        ).fetchone()
    return (int(row[0]), bytes(row[1])) if row else None


def records(caller: Caller, connection: psycopg.Connection, *, after: int = 0) -> Iterator[Record]:
    """All records of the caller's tenant after a sequence number, in order, read as they are asked for."""
    return _records(caller, connection, "sequence > %s", [after], "order by sequence")


def _records(
    caller: Caller, connection: psycopg.Connection, condition: str, values: list[Any], order: str
) -> Iterator[Record]:
    # The condition and order are texts of this module; values are never part of them.
    statement = (
        "select sequence, at, body, previous, hash from platform.audit_log"  # noqa: S608
        f" where tenant = %s and {condition} {order}"
    )
    with tenancy(connection, caller), connection.cursor(name="audit_records") as cursor:
        cursor.itersize = 5_000
        cursor.execute(statement, (caller.tenant, *values))
        for sequence, at, body, previous, digest in cursor:
            yield Record(sequence, instant(at), body, bytes(previous), bytes(digest))
