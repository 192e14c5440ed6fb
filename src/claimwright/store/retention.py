"""Retention: what has been kept as long as the policy says is deleted, a whole month or year at a time.

A partition is dropped when its last day is older than the policy, so nothing goes early, and a row may stay
up to a month longer, of the audit log a year. Dropping a table leaves no rows behind in files, as deleting
would.

RetentionClockError (StoreError)   this machine and the database disagree on the time; nothing was deleted
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from claimwright.domain.caller import Caller
from claimwright.foundation.errors import StoreError
from claimwright.platform.database import Connection
from claimwright.platform.tenancy import tenancy

# Kept as long as claims are: each is cut by the month in which its claim came in, or in which it happened.
OF_CLAIMS = (
    "production.claims",
    "production.lines",
    "production.findings",
    "production.claim_events",
    "production.predictions",
    "staging.records",
    "staging.findings",
)


# Clocks that are set by the network differ by less than a second; a time zone that was mistaken, by an hour.
_CLOCKS_MAY_DIFFER = datetime.timedelta(minutes=30)


class RetentionClockError(StoreError):
    """This machine and the database disagree on the time."""


def check_clock(connection: Connection, now: datetime.datetime) -> None:
    """Refuse to judge what is old by a clock that the database's own does not confirm.

    Raises:
        RetentionClockError: the two differ by more than half an hour.
    """
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None
    if abs(now - row[0]) > _CLOCKS_MAY_DIFFER:
        raise RetentionClockError(
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, the database's {row[0]:%Y-%m-%d %H:%M}. "
            "Nothing was deleted: correct the clock that is wrong, then run this again."
        )


def earliest_open_claim(caller: Caller, connection: Connection) -> datetime.date | None:
    """The day on which the tenant's oldest claim that still waits came in; None where none does.

    A claim waits where it is staged, in review or a dead letter that nobody has decided on.
    """
    with tenancy(connection, caller):
        row = connection.execute(
            "select least((select min(received_on) from staging.claims),"
            " (select min(received_on) from pipeline.dead_letters where state = 'dead'),"
            " (select min(received_on) from production.claims"
            "  where route = 'review' and status <> 'superseded'))"
        ).fetchone()
    assert row is not None
    found: datetime.date | None = row[0]
    return found


def drop_months(connection: Connection, tables: Iterable[str], before: datetime.date) -> dict[str, int]:
    """Drop every month of the tables that is wholly before a day; returns how many of each. As the owner."""
    with connection.transaction():
        statement = "select store.drop_before(%s::regclass, %s)"
        return {table: _counted(connection, statement, table, before) for table in tables}


def drop_audit_years(connection: Connection, before: datetime.date) -> int:
    """Drop every year of the audit log that is wholly before a day; returns how many. As the owner."""
    with connection.transaction():
        return _counted(connection, "select platform.audit_drop_before(%s)", before)


def delete_runs(caller: Caller, connection: Connection, before: datetime.datetime) -> int:
    """Delete a tenant's runs that ended before a time, with their chunks; returns how many. As the owner."""
    with tenancy(connection, caller):
        old = "select run_id from pipeline.runs where state = 'done' and finished_at < %s"
        for table in ("pipeline.chunks", "pipeline.workers", "production.spreads"):
            statement = f"delete from {table} where run_id in ({old})"  # noqa: S608 - of three names
            connection.execute(statement.encode(), [before])
        return connection.execute(
            "delete from pipeline.runs where state = 'done' and finished_at < %s", [before]
        ).rowcount


def delete_predictions(
    caller: Caller, connection: Connection, *, ended: datetime.datetime, told: datetime.datetime
) -> int:
    """Delete a tenant's prediction jobs that ended before a time, with their stages; returns how many.

    Outcomes and corrections recorded before `told` are deleted too. As the owner.
    """
    with tenancy(connection, caller):
        connection.execute("delete from prediction.outcomes where told_at < %s", [told])
        connection.execute("delete from prediction.corrections where said_at < %s", [told])
        connection.execute(
            "delete from prediction.stages where job_id in "
            "(select job_id from prediction.jobs where finished_at < %s)",
            [ended],
        )
        return connection.execute("delete from prediction.jobs where finished_at < %s", [ended]).rowcount


def _counted(connection: Connection, statement: str, *values: object) -> int:
    row = connection.execute(statement.encode(), values).fetchone()
    return int(row[0]) if row else 0
