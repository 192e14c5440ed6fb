"""Retention: data older than the policy is deleted, a whole month or year at a time.

A partition is dropped when its last day is older than the policy. So nothing is deleted early, and a row can
stay up to a month longer, in the audit log up to a year. Dropping a table leaves no rows in its files;
deleting rows would.

RetentionClockError (StoreError)   the clocks of this machine and the database differ; nothing was deleted
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from claimwright.domain.caller import Caller
from claimwright.foundation.errors import StoreError
from claimwright.platform.database import Connection
from claimwright.platform.tenancy import tenancy

# Kept as long as claims; partitioned by the month in which the claim arrived, or in which the event happened.
OF_CLAIMS = (
    "production.claims",
    "production.lines",
    "production.findings",
    "production.claim_events",
    "production.predictions",
    "staging.records",
    "staging.findings",
)


# Clocks set by the network differ by less than a second; with a wrong time zone they differ by at least an
# hour.
_CLOCKS_MAY_DIFFER = datetime.timedelta(minutes=30)


class RetentionClockError(StoreError):
    """The clocks of this machine and the database differ."""


def check_clock(connection: Connection, now: datetime.datetime) -> None:
    """Refuse to delete by age if the database's clock does not confirm this machine's clock.

    Raises:
        RetentionClockError: the two differ by more than half an hour.
    """
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None
    if abs(now - row[0]) > _CLOCKS_MAY_DIFFER:
        raise RetentionClockError(
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, the database's {row[0]:%Y-%m-%d %H:%M}. "
            "Nothing was deleted. Correct the clock that is wrong, then run this again."
        )


def earliest_open_claim(caller: Caller, connection: Connection) -> datetime.date | None:
    """The date on which the tenant's oldest waiting claim arrived; None if no claim is waiting.

    A claim is waiting if it is staged, in review, or an undecided dead letter.
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
    """Drop every month of the tables that ends before a date.

    Returns the number per table. Runs as the owner.
    """
    with connection.transaction():
        statement = "select store.drop_before(%s::regclass, %s)"
        return {table: _counted(connection, statement, table, before) for table in tables}


def drop_audit_years(connection: Connection, before: datetime.date) -> int:
    """Drop every year of the audit log that ends before a date. Returns how many. Runs as the owner."""
    with connection.transaction():
        return _counted(connection, "select platform.audit_drop_before(%s)", before)


def delete_runs(caller: Caller, connection: Connection, before: datetime.datetime) -> int:
    """Delete a tenant's runs that ended before a time, with their chunks.

    Returns how many. Runs as the owner.
    """
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
    """Delete a tenant's prediction jobs that ended before a time, with their stages. Returns how many.

    Outcomes and corrections recorded before `told` are deleted too. Runs as the owner.
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


def delete_appeals(owner: Connection, before: datetime.datetime) -> int:
    """Delete the tenant's ended appeals that last changed before a time, and documents added before it.

    Documents of a case that goes on stay. Returns how many rows. Runs as the owner, in the tenant's
    transaction.
    """
    ended = (
        "select case_id from appeals.cases where changed_at < %s and state in"
        " ('failed', 'not_eligible', 'won', 'partly_won', 'lost', 'withdrawn')"
    )
    count = 0
    parts = ("drafts", "stages", "correspondence", "case_states", "cases")
    for table in (f"appeals.{name}" for name in parts):
        statement = f"delete from {table} where case_id in ({ended})"  # noqa: S608 - of five names
        count += owner.execute(statement.encode(), [before]).rowcount
    old = (
        "select d.document_id from appeals.documents d where d.added_at < %s and not exists"
        " (select from appeals.cases c where c.claim_key = d.claim_key)"
    )
    for table in ("appeals.findings", "appeals.documents"):
        statement = f"delete from {table} where document_id in ({old})"  # noqa: S608 - of two names
        count += owner.execute(statement.encode(), [before]).rowcount
    # What models were told of a case goes with it; what belongs to no case that is there, by its own age.
    count += owner.execute(
        "delete from platform.model_calls m where m.started_at < %s and not exists"
        " (select from appeals.cases c where m.subject = 'appeal:' || c.case_id)",
        [before],
    ).rowcount
    return count


def delete_figures(owner: Connection, before: datetime.datetime, *, reports: datetime.datetime) -> int:
    """Delete the facts of the tenant's accounts of which every version arrived before a time, and of work
    items that are gone; also deliveries of reports that ended before another time.

    Sums of figures stay, since no claim is in them. Returns how many rows. Runs as the owner, in the tenant's
    transaction.
    """
    old = "select account_key from analytics.claims group by account_key having max(received_at) < %s"
    count = 0
    for table in ("analytics.facts", "analytics.claims"):
        statement = f"delete from {table} where account_key in ({old})"  # noqa: S608 - of two names
        count += owner.execute(statement.encode(), [before]).rowcount
    count += owner.execute(
        "delete from analytics.facts f where f.item_id is not null and f.known_at < %s "
        "and not exists (select from work.items i where i.item_id = f.item_id)",
        [before],
    ).rowcount
    deliveries = "delete from analytics.report_deliveries where ended_at < %s"
    return count + owner.execute(deliveries.encode(), [reports]).rowcount


def _counted(connection: Connection, statement: str, *values: object) -> int:
    row = connection.execute(statement.encode(), values).fetchone()
    return int(row[0]) if row else 0
