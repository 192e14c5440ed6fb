"""Reports on a schedule, and their deliveries."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class ReportRow:
    """A report: which figures, over which period, how often, and for whom."""

    report_id: int
    title: str
    kpis: list[str]
    group_by: str | None
    period: str
    every: str
    hour: int
    format: str
    target: str
    recipients: list[str]
    facilities: list[str] | None
    is_active: bool
    made_by: str
    made_at: datetime.datetime


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery of a report; `problem` says why the last attempt failed."""

    delivery_id: int
    report_id: int
    title: str
    due_on: datetime.date
    begins: datetime.date
    ends: datetime.date
    state: str
    attempts: int
    next_try_at: datetime.datetime
    problem: str | None
    object_key: str | None
    size_bytes: int | None
    made_at: datetime.datetime
    ended_at: datetime.datetime | None


_REPORT = (
    "report_id, title, kpis, group_by, period, every, hour, format, target, recipients, facilities, "
    "is_active, made_by, made_at"
)
_DELIVERY = (
    "d.delivery_id, d.report_id, r.title, d.due_on, d.begins, d.ends, d.state, d.attempts, d.next_try_at, "
    "d.problem, d.object_key, d.size_bytes, d.made_at, d.ended_at"
)


def add_report(
    connection: Connection,
    *,
    title: str,
    kpis: Sequence[str],
    group_by: str | None,
    period: str,
    every: str,
    hour: int,
    format: str,  # noqa: A002 - the column's name
    target: str,
    recipients: Sequence[str],
    facilities: Sequence[str] | None,
    now: datetime.datetime,
) -> int:
    """Store a report. Returns its number."""
    row = connection.execute(
        "insert into analytics.reports "
        "(title, kpis, group_by, period, every, hour, format, target, recipients, facilities, made_at) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning report_id",
        [title, list(kpis), group_by, period, every, hour, format, target, list(recipients),
         None if facilities is None else list(facilities), now],
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def list_reports(connection: Connection, *, active: bool = False) -> list[ReportRow]:
    """All reports, by number; `active`: only those that are delivered."""
    with connection.cursor(row_factory=class_row(ReportRow)) as cursor:
        query = f"select {_REPORT} from analytics.reports where is_active or not %s order by report_id"  # noqa: S608
        return cursor.execute(query.encode(), [active]).fetchall()


def report_with(connection: Connection, report_id: int) -> ReportRow | None:
    """The report with a number."""
    with connection.cursor(row_factory=class_row(ReportRow)) as cursor:
        query = f"select {_REPORT} from analytics.reports where report_id = %s"  # noqa: S608
        return cursor.execute(query.encode(), [report_id]).fetchone()


def end_report(connection: Connection, report_id: int) -> bool:
    """Deliver a report no more. Returns whether it was delivered before."""
    ended = connection.execute(
        "update analytics.reports set is_active = false where report_id = %s and is_active", [report_id]
    )
    return ended.rowcount == 1


def add_delivery(
    connection: Connection,
    report_id: int,
    due_on: datetime.date,
    period: tuple[datetime.date, datetime.date],
    now: datetime.datetime,
) -> bool:
    """Note that a report is due. Returns whether it was not noted before."""
    added = connection.execute(
        "insert into analytics.report_deliveries (report_id, due_on, begins, ends, next_try_at) "
        "values (%s, %s, %s, %s, %s) on conflict (tenant, report_id, due_on) do nothing",
        [report_id, due_on, *period, now],
    )
    return added.rowcount == 1


def try_again(connection: Connection, report_id: int, due_on: datetime.date, now: datetime.datetime) -> bool:
    """Let a delivery that failed wait once more. Returns whether it had failed."""
    changed = connection.execute(
        "update analytics.report_deliveries "
        "set state = 'waiting', attempts = 0, next_try_at = %s, ended_at = null "
        "where report_id = %s and due_on = %s and state = 'failed'",
        [now, report_id, due_on],
    )
    return changed.rowcount == 1


def take_delivery(connection: Connection, now: datetime.datetime) -> DeliveryRow | None:
    """The delivery that has waited longest, locked until the transaction ends; None if none is due."""
    with connection.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        query = (
            f"select {_DELIVERY} from analytics.report_deliveries d "  # noqa: S608
            "join analytics.reports r using (tenant, report_id) "
            "where d.state = 'waiting' and d.next_try_at <= %s order by d.next_try_at, d.delivery_id limit 1 "
            "for update of d skip locked"
        )
        return cursor.execute(query.encode(), [now]).fetchone()


def note_sent(
    connection: Connection,
    delivery_id: int,
    now: datetime.datetime,
    *,
    size: int,
    key: str | None,
    problem: str | None,
) -> None:
    """The report was handed over; `problem` says who did not get it."""
    connection.execute(
        "update analytics.report_deliveries set state = 'sent', attempts = attempts + 1, size_bytes = %s, "
        "object_key = %s, problem = %s, ended_at = %s where delivery_id = %s",
        [size, key, problem, now, delivery_id],
    )


def note_attempt(
    connection: Connection,
    delivery_id: int,
    problem: str,
    *,
    next_try_at: datetime.datetime | None,
    now: datetime.datetime,
) -> None:
    """An attempt failed; without another one, so did the delivery."""
    connection.execute(
        "update analytics.report_deliveries set attempts = attempts + 1, problem = %(problem)s, "
        "state = case when %(next)s::timestamptz is null then 'failed' else 'waiting' end, "
        "next_try_at = coalesce(%(next)s, next_try_at), "
        "ended_at = case when %(next)s::timestamptz is null then %(now)s::timestamptz end "
        "where delivery_id = %(delivery)s",
        {"problem": problem, "next": next_try_at, "now": now, "delivery": delivery_id},
    )


def list_deliveries(
    connection: Connection, *, before: int | None = None, limit: int = 100
) -> list[DeliveryRow]:
    """Deliveries, the last one first, before a number."""
    with connection.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        query = (
            f"select {_DELIVERY} from analytics.report_deliveries d "  # noqa: S608
            "join analytics.reports r using (tenant, report_id) "
            "where (%(before)s::bigint is null or d.delivery_id < %(before)s) "
            "order by d.delivery_id desc limit %(limit)s"
        )
        return cursor.execute(query.encode(), {"before": before, "limit": limit}).fetchall()
