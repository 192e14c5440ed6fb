"""`claimwright reports`: figures on a schedule, by mail or to object storage."""

from __future__ import annotations

from typing import Annotated

import typer

from .kpi_command import _explained
from .session import Environment, Most, Tenant, permitted_caller, settings_of, store_of
from .terminal import Exit, ValueTable, fail, out, wide

app = typer.Typer(help="Reports: figures on a schedule, by mail or to object storage.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="REPORT", help="Number of the report.")]


@app.command("add")
def add(
    title: Annotated[str, typer.Argument(metavar="TITLE", help="Title, without patient data.")],
    figures: Annotated[list[str], typer.Option("--figure", help="Name of a figure; repeatable.")],
    by: Annotated[str | None, typer.Option("--by", help="Dimension, such as payer.")] = None,
    period: Annotated[
        str, typer.Option("--period", help="yesterday, last_week, last_month or last_30_days.")
    ] = "last_month",
    every: Annotated[
        str, typer.Option("--every", help="day, week (Monday) or month (its first day).")
    ] = "month",
    hour: Annotated[int, typer.Option("--hour", help="Hour of the office, 0 to 23.")] = 6,
    file_format: Annotated[str, typer.Option("--format", help="pdf, csv or xlsx.")] = "pdf",
    recipients: Annotated[
        list[str] | None, typer.Option("--to", help="Mail address; repeatable. Without: to object storage.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Schedule a report. `serve` delivers it, or `claimwright reports deliver`.

    Exit status: 0, or 2 if it can't be so.
    """
    from claimwright.assembly.analytics import seen_by
    from claimwright.features.analytics import NewReport, add_report

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "analytics.export")
    new = NewReport(
        title,
        figures,
        by,
        period,
        every,
        hour,
        file_format,
        "mail" if recipients else "objects",
        recipients or (),
    )
    if recipients and settings.mail.host is None:
        fail("no mail server is set. Set mail.host, or leave --to out.")
    with store_of(settings) as database, database.transaction(caller) as connection, _explained():
        seen = seen_by(lambda each: access.may(caller, each), access, caller)
        made = add_report(caller, connection, new, seen, None)
    out.print(f"Report {made.report_id} is scheduled.")


@app.command("list")
def list_all(environment: Environment = None, tenant: Tenant = None) -> None:
    """List all reports.

    Exit status: 0.
    """
    from claimwright.features.analytics import list_reports

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "analytics.export")
    table = ValueTable("report", "title", "every", "hour", "period", "format", "to", "state")
    with store_of(settings) as database, database.transaction(caller) as connection:
        for each in list_reports(connection):
            goes_to = ", ".join(each.recipients) or "object storage"
            state = "scheduled" if each.is_active else "ended"
            table.add_row(
                str(each.report_id),
                each.title,
                each.every,
                str(each.hour),
                each.period,
                each.format,
                goes_to,
                state,
            )
    wide().print(table)


@app.command("end")
def end(report: Number, environment: Environment = None, tenant: Tenant = None) -> None:
    """Deliver a report no more.

    Exit status: 0, or 2 if there is none.
    """
    from claimwright.features.analytics import end_report

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "analytics.export")
    with store_of(settings) as database, database.transaction(caller) as connection, _explained():
        end_report(caller, connection, report)


@app.command("send")
def send(report: Number, environment: Environment = None, tenant: Tenant = None) -> None:
    """Deliver a report now, or again if today's delivery failed.

    Exit status: 0, or 2 if it is delivered already.
    """
    from claimwright.assembly.reports import channels_of
    from claimwright.features.analytics import deliver_reports, send_report_now

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "analytics.export")
    with store_of(settings) as database, _explained():
        with database.transaction(caller) as connection:
            send_report_now(caller, connection, report)
        deliver_reports(caller, database, channels_of(settings))
    deliveries(1, environment, tenant)


@app.command("deliver")
def deliver(environment: Environment = None, tenant: Tenant = None) -> None:
    """Deliver the reports that are due; `serve` does so every minute.

    Exit status: 0.
    """
    from claimwright.assembly.reports import channels_of
    from claimwright.features.analytics import deliver_reports

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "analytics.export")
    with store_of(settings) as database, _explained():
        tried = deliver_reports(caller, database, channels_of(settings))
    out.print(f"{tried:,} deliveries were tried.")


@app.command("deliveries")
def deliveries(limit: Most = 20, environment: Environment = None, tenant: Tenant = None) -> None:
    """List deliveries, the last one first, with why the last attempt failed.

    Exit status: 0, or 1 if one of them failed.
    """
    from claimwright.features.analytics import list_deliveries

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "analytics.export")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = list_deliveries(connection, limit=limit)
    table = ValueTable("delivery", "report", "title", "from", "to", "state", "attempts", "problem")
    for each in found:
        table.add_row(
            str(each.delivery_id), str(each.report_id), each.title, str(each.begins), str(each.ends),
            each.state, str(each.attempts), each.problem or "",
        )  # fmt: skip
    wide().print(table)
    if any(each.state == "failed" for each in found):
        raise typer.Exit(Exit.FINDINGS)
