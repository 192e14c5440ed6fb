"""Reports on a schedule: figures as a file, by mail or to object storage.

A report is due on a day, at an hour of the office. Each due day is one delivery, whichever worker notes it;
what fails is tried again, later each time, and is visible with its reason. A report leaves the program:
numbers of fewer than 11 claims are hidden in all of them.

ReportError   the report can't be made or delivered so (an input error)
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.foundation.errors import ClaimwrightError, InputError, NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection, Database
from claimwright.platform.identity import list_accounts
from claimwright.platform.mail import Attachment, Mail, MailError, checked_recipient
from claimwright.platform.objects import Objects
from claimwright.store import analytics_reports as store
from claimwright.store.analytics_reports import DeliveryRow, ReportRow

from .answering import answer
from .question import ask, figure_named
from .refreshing import refresh_in
from .report_files import MEDIA, ReportPart, report_file
from .showing import SeenFigures, named_staff

PERIODS = ("yesterday", "last_week", "last_month", "last_30_days")
EVERY = ("day", "week", "month")
FORMATS = ("pdf", "csv", "xlsx")
MOST_FIGURES = 30
# Minutes after the attempts that failed: some hours of a server's absence are outlived.
RETRY_MINUTES = (1, 5, 30, 120, 360)


class ReportError(InputError):
    """The report can't be so; the message says what to ask instead."""


class NoSuchReportError(NotFoundError):
    """There is no such report or delivery."""


@dataclass(frozen=True)
class NewReport:
    """A report as it is asked for."""

    title: str
    kpis: Sequence[str]
    group_by: str | None = None
    period: str = "last_month"
    every: str = "month"
    hour: int = 6
    format: str = "pdf"
    target: str = "mail"
    recipients: Sequence[str] = ()


@dataclass(frozen=True)
class Channels:
    """Where reports go: `send` hands a message in, None if there is no mail server; the object storage."""

    send: Callable[[Mail], list[str]] | None
    objects: Callable[[], Objects]


def add_report(
    caller: Caller,
    connection: Connection,
    new: NewReport,
    seen: SeenFigures,
    facilities: Sequence[str] | None,
) -> ReportRow:
    """Schedule a report of figures that the caller may see, of the caller's facilities.

    Raises:
        ReportError: it can't be made so.
        NoSuchFigureError: a figure does not exist.
        MailAddressError: a recipient is no mail address.
    """
    title = " ".join(new.title.split())
    if not 3 <= len(title) <= 80 or not title.isprintable():
        raise ReportError("a report has a title of 3 to 80 characters, without patient data.")
    if not 1 <= len(new.kpis) <= MOST_FIGURES or len(set(new.kpis)) < len(new.kpis):
        raise ReportError(f"a report has 1 to {MOST_FIGURES} different figures.")
    for name, value, known in (
        ("period", new.period, PERIODS), ("every", new.every, EVERY), ("format", new.format, FORMATS),
        ("target", new.target, ("mail", "objects")),
    ):  # fmt: skip
        if value not in known:
            raise ReportError(f"{name}: there is no such one. There are: {', '.join(known)}.")
    if not 0 <= new.hour <= 23:
        raise ReportError("hour: 0 to 23.")
    for name in new.kpis:
        kpi = figure_named(name)
        by = [new.group_by] if new.group_by and new.group_by in kpi.dimensions else []
        refusal = seen.refusal(kpi, by)
        if refusal:
            raise ReportError(refusal)
    if new.group_by and not any(new.group_by in figure_named(name).dimensions for name in new.kpis):
        raise ReportError("group_by: none of the figures can be broken down so.")
    recipients = [checked_recipient(each) for each in new.recipients]
    if (new.target == "mail") != bool(recipients):
        raise ReportError("a report by mail has recipients, and one to object storage has none.")
    report_id = store.add_report(
        connection, title=title, kpis=new.kpis, group_by=new.group_by, period=new.period, every=new.every,
        hour=new.hour, format=new.format, target=new.target, recipients=recipients, facilities=facilities,
        now=clock.now(),
    )  # fmt: skip
    _audited(caller, connection, "analytics.report_scheduled", report_id, {"count": len(recipients)})
    return report_of(connection, report_id)


def report_of(connection: Connection, report_id: int) -> ReportRow:
    """The report with a number.

    Raises:
        NoSuchReportError: there is none.
    """
    found = store.report_with(connection, report_id)
    if found is None:
        raise NoSuchReportError(f"there is no report {report_id}.")
    return found


def end_report(caller: Caller, connection: Connection, report_id: int) -> None:
    """Deliver a report no more; its deliveries stay visible."""
    report_of(connection, report_id)
    if store.end_report(connection, report_id):
        _audited(caller, connection, "analytics.report_ended", report_id, {})


def send_report_now(caller: Caller, connection: Connection, report_id: int) -> None:
    """Let the report of today be delivered at once, or again if it failed."""
    report, now = report_of(connection, report_id), clock.now()
    if not report.is_active:
        raise ReportError("the report has ended. Schedule another one.")
    today = clock.today()
    is_new = store.add_delivery(connection, report_id, today, period_of_report(report.period, today), now)
    if not is_new and not store.try_again(connection, report_id, today, now):
        raise ReportError("today's report is delivered, or waits to be. See its deliveries.")
    _audited(caller, connection, "analytics.report_asked", report_id, {})


def deliver_reports(caller: Caller, database: Database, channels: Channels) -> int:
    """Deliver what is due of the caller's tenant. Returns how many deliveries were tried."""
    with database.transaction(caller) as connection:
        for report in store.list_reports(connection, active=True):
            due = due_day(report, clock.now())
            if due is not None:
                period = period_of_report(report.period, due)
                store.add_delivery(connection, report.report_id, due, period, clock.now())
    tried = 0
    while True:
        with database.transaction(caller) as connection:
            delivery = store.take_delivery(connection, clock.now())
            if delivery is None:
                return tried
            _deliver(caller, connection, delivery, channels)
        tried += 1


def due_day(report: ReportRow, now: datetime.datetime) -> datetime.date | None:
    """The last day on which a report was due; None if there was none since it was made.

    Weeks begin on Monday. An hour that a day lacks, when clocks change, is over when the next one begins.
    """
    today = clock.local_day(int(now.timestamp()) // 900)
    day = today
    if report.every == "week":
        day = today - datetime.timedelta(days=today.weekday())
    elif report.every == "month":
        day = today.replace(day=1)
    due = _at_hour(day, report.hour)
    if due > now:
        earlier = day - datetime.timedelta(days=1)
        week = day - datetime.timedelta(days=7)
        day = {"day": earlier, "week": week, "month": earlier.replace(day=1)}[report.every]
        due = _at_hour(day, report.hour)
    return day if due >= report.made_at else None


def _at_hour(day: datetime.date, hour: int) -> datetime.datetime:
    """The instant of an hour of the office on a day."""
    return (clock.start_of(day).replace(tzinfo=None) + datetime.timedelta(hours=hour)).astimezone()


def period_of_report(period: str, day: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The first and the last day of a report that is due on a day."""
    yesterday = day - datetime.timedelta(days=1)
    if period == "yesterday":
        return yesterday, yesterday
    if period == "last_week":
        monday = day - datetime.timedelta(days=day.weekday() + 7)
        return monday, monday + datetime.timedelta(days=6)
    if period == "last_month":
        last = day.replace(day=1) - datetime.timedelta(days=1)
        return last.replace(day=1), last
    return yesterday - datetime.timedelta(days=29), yesterday


def report_content(
    connection: Connection, report: ReportRow, begins: datetime.date, ends: datetime.date
) -> bytes:
    """The file of a report over some days."""
    refresh_in(connection)
    parts = []
    for name in report.kpis:
        kpi = figure_named(name)
        whole = ask(name, begins=begins, ends=ends, compare_to="previous", facilities=report.facilities)
        groups = None
        if report.group_by in kpi.dimensions:
            asked = ask(
                name, begins=begins, ends=ends, compare_to="previous", facilities=report.facilities,
                group_by=[report.group_by],
            )  # fmt: skip
            groups = named_staff(connection, answer(connection, asked, hide_small=True))
        parts.append(ReportPart(answer(connection, whole, hide_small=True), groups))
    return report_file(report.title, parts, report.format)


def _deliver(caller: Caller, connection: Connection, delivery: DeliveryRow, channels: Channels) -> None:
    report, now = report_of(connection, delivery.report_id), clock.now()
    try:
        if not _is_somebody(connection, report.made_by):
            raise ReportError("who scheduled the report has no active account. Schedule it anew.")
        if report.target == "mail" and channels.send is None:
            raise ReportError("no mail server is set. Set mail.host.")
        with connection.transaction():
            content = report_content(connection, report, delivery.begins, delivery.ends)
        key, problem = _handed_over(caller, report, delivery, content, channels)
    except ClaimwrightError as error:
        final = isinstance(error, MailError) and error.is_final
        left = delivery.attempts < len(RETRY_MINUTES) and not final
        later = now + datetime.timedelta(minutes=RETRY_MINUTES[delivery.attempts]) if left else None
        store.note_attempt(connection, delivery.delivery_id, str(error)[:300], next_try_at=later, now=now)
        return
    store.note_sent(connection, delivery.delivery_id, now, size=len(content), key=key, problem=problem)
    _audited(
        caller, connection, "analytics.report_delivered", report.report_id,
        {"delivery_id": delivery.delivery_id, "target": report.target},
    )  # fmt: skip


def _handed_over(
    caller: Caller, report: ReportRow, delivery: DeliveryRow, content: bytes, channels: Channels
) -> tuple[str | None, str | None]:
    """The key in object storage, and who did not get it."""
    name = f"report-{report.report_id}-{delivery.begins}-{delivery.ends}.{report.format}"
    if report.target == "objects":
        key = f"reports/{caller.tenant}/{name}"
        channels.objects().put(key, content)
        return key, None
    assert channels.send is not None
    days = f"{delivery.begins:%m/%d/%Y} to {delivery.ends:%m/%d/%Y}"
    text = (
        f"{report.title}\n{days}\n\nThe report is attached. Numbers of fewer than 11 claims are not shown.\n"
    )
    # The same whenever the delivery is tried, so that a mailbox can tell that it has it.
    unique = uuid.uuid5(uuid.NAMESPACE_OID, f"{caller.tenant}/{delivery.delivery_id}")
    refused = channels.send(
        Mail(
            report.recipients,
            report.title,
            text,
            str(unique),
            [Attachment(name, MEDIA[report.format], content)],
        )
    )
    return None, f"{len(refused)} of {len(report.recipients)} recipients were refused." if refused else None


def _is_somebody(connection: Connection, actor: str) -> bool:
    """Whether an actor is an account that may sign in, or of the machine."""
    if not actor.startswith("user:"):
        return True
    accounts = list_accounts(connection, limit=10_000)
    return any(each.actor == actor and each.state == "active" for each in accounts) or not accounts


def _audited(
    caller: Caller, connection: Connection, action: str, report_id: int, detail: dict[str, int | str]
) -> None:
    audit.append(
        caller, connection, action=action, subject=f"report:{report_id}", detail=detail,
        correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
