"""Reports: figures on a schedule, by mail or to object storage, and their deliveries."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.assembly.analytics import seen_by
from claimwright.features.analytics import (
    DeliveryRow,
    NewReport,
    ReportRow,
    add_report,
    end_report,
    list_deliveries,
    list_reports,
    send_report_now,
)

routes = Resource("reports", "Reports: figures on a schedule, by mail or to object storage")


class ReportWanted(Body):
    """A report that is to be scheduled."""

    title: str = Field(min_length=3, max_length=80, description="Without patient data.")
    kpis: list[str] = Field(min_length=1, max_length=30, description="Names of figures.")
    group_by: str | None = Field(default=None, max_length=60, description="A dimension, such as payer.")
    period: Literal["yesterday", "last_week", "last_month", "last_30_days"] = "last_month"
    every: Literal["day", "week", "month"] = Field(
        default="month", description="Weeks on Monday, months on their first day."
    )
    hour: int = Field(default=6, ge=0, le=23, description="Hour of the office.")
    format: Literal["pdf", "csv", "xlsx"] = "pdf"
    target: Literal["mail", "objects"] = "mail"
    recipients: list[str] = Field(default=[], max_length=50, description="Mail addresses, for mail.")


@routes.get("/analytics/reports", action="analytics.export")
def reports(asker: Asking) -> list[ReportRow]:
    """All reports, those that ended too."""
    with asker.services.database.transaction(asker.caller) as connection:
        return [each for each in list_reports(connection) if _is_own(asker.facilities, each)]


@routes.post(
    "/analytics/reports", action="analytics.export", status=201, errors=("unusable_input", "not_found")
)
def schedule(asker: Asking, wanted: ReportWanted) -> ReportRow:
    """Schedule a report of figures that you may see, of your facilities.

    Numbers of fewer than 11 claims are hidden in it, whoever gets it.
    """
    if wanted.target == "mail" and asker.services.settings.mail.host is None:
        raise ApiError("unusable_input", "no mail server is set: mail.host. Use object storage.")
    seen = seen_by(asker.may, asker.services.access, asker.caller)
    new = NewReport(
        wanted.title, wanted.kpis, wanted.group_by, wanted.period, wanted.every, wanted.hour, wanted.format,
        wanted.target, wanted.recipients,
    )  # fmt: skip
    with asker.services.database.transaction(asker.caller) as connection:
        return add_report(asker.caller, connection, new, seen, asker.facilities)


@routes.get("/analytics/reports/deliveries", action="analytics.export")
def deliveries(asker: Asking, page: Paging) -> Page[DeliveryRow]:
    """Deliveries of reports, the last one first; `problem` says why the last attempt failed."""
    with asker.services.database.transaction(asker.caller) as connection:
        own = {each.report_id for each in list_reports(connection) if _is_own(asker.facilities, each)}
        found = list_deliveries(connection, before=page.after, limit=page.limit)
    # A page is full by what was found, also where some of it is not shown.
    last = found[-1].delivery_id if len(found) >= page.limit else None
    return page.page_until([each for each in found if each.report_id in own], last)


@routes.post(
    "/analytics/reports/{report_id}/send", action="analytics.export", status=202, errors=("unusable_input",)
)
def send(asker: Asking, report_id: int) -> None:
    """Deliver a report within a minute, or again if today's delivery failed."""
    with asker.services.database.transaction(asker.caller) as connection:
        _own(asker, list_reports(connection), report_id)
        send_report_now(asker.caller, connection, report_id)


@routes.delete("/analytics/reports/{report_id}", action="analytics.export", status=204)
def end(asker: Asking, report_id: int) -> None:
    """Deliver a report no more. Its deliveries stay visible."""
    with asker.services.database.transaction(asker.caller) as connection:
        _own(asker, list_reports(connection), report_id)
        end_report(asker.caller, connection, report_id)


def _own(asker: Asker, known: list[ReportRow], report_id: int) -> None:
    if not any(each.report_id == report_id and _is_own(asker.facilities, each) for each in known):
        raise ApiError("not_found", "there is no such report that you may see.")


def _is_own(facilities: list[str] | None, report: ReportRow) -> bool:
    """Whether an asker of these facilities may see a report: one of theirs, or of some of them."""
    return facilities is None or (report.facilities is not None and set(report.facilities) <= set(facilities))
