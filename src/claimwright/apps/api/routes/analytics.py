"""Figures (KPIs): definitions, values, trends, the claims behind a number, exports."""

from __future__ import annotations

import datetime
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response
from pydantic import Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.few_at_once import few_at_once
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import BodyDay, Day
from claimwright.assembly.analytics import reading_figures, seen_by
from claimwright.features.analytics import (
    SCORED,
    SEMANTIC_VERSION,
    BehindRow,
    KpiAnswer,
    KpiSheet,
    PayerScore,
    Question,
    all_figures,
    answer,
    arrow_of,
    ask,
    claims_behind,
    csv_of,
    dimension_values,
    enter_monthly_cost,
    export_table,
    figure_named,
    frame_of,
    named_staff,
    payer_scorecards,
    sheet_of,
    written,
)
from claimwright.platform.database import Connection

routes = Resource("analytics", "Figures: definitions, values, trends, claims behind a number, exports")
Word = Annotated[str, Query(max_length=60)]
Format = Literal["json", "csv", "arrow"]
_MEDIA = {
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.file",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class Days:
    """The days of a question."""

    begins: datetime.date | None
    ends: datetime.date | None
    as_of: datetime.date | None


def asked_days(
    begins: Annotated[Day | None, Query(alias="from", description="First day. Default: 30 days.")] = None,
    ends: Annotated[Day | None, Query(alias="to", description="Last day. Default: today.")] = None,
    as_of: Annotated[
        Day | None,
        Query(description="As it was known at the end of this day. Default: as it is known now."),
    ] = None,
) -> Days:
    """The days that a request asks for."""
    return Days(begins, ends, as_of)


AskedDays = Annotated[Days, Depends(asked_days)]
GroupBy = Annotated[list[str], Query(description="Up to two dimensions.", max_length=4)]
Where = Annotated[
    list[str], Query(description="DIMENSION:VALUE, such as payer:12345; repeatable.", max_length=8)
]


class CostEntry(Body):
    """The cost of collecting in a month."""

    month: BodyDay = Field(description="Any day of the month.")
    cents: int = Field(ge=0, le=10**13, description="Whole cents.")


class ExportWanted(Body):
    """A file of a semantic table."""

    format: Literal["parquet", "arrow"] = "parquet"
    identified: bool = Field(default=False, description="With numbers and days. Needs a reason.")
    reason: str | None = Field(default=None, max_length=200, description="About the work, not the patient.")


@routes.get("/analytics/kpis", action="analytics.read")
def catalogue(asker: Asking) -> list[KpiSheet]:
    """All figures with their definition, source and benchmark; `withheld` says why one is not for you."""
    seen = seen_by(asker.may, asker.services.access, asker.caller)
    return [sheet_of(kpi, seen.refusal(kpi)) for kpi in all_figures()]


@routes.get(
    "/analytics/kpis/{name}", action="analytics.read", errors=("unusable_input",),
    also=(_MEDIA["csv"], _MEDIA["arrow"]), response_model=KpiAnswer,
)  # fmt: skip
def one(
    asker: Asking,
    name: str,
    days: AskedDays,
    group_by: GroupBy = [],  # noqa: B006 - FastAPI copies it
    where: Where = [],  # noqa: B006
    compare_to: Annotated[
        str | None, Query(description="previous, year or benchmark.", max_length=20)
    ] = None,
    interval: Annotated[str | None, Query(description="day, week or month.", max_length=10)] = None,
    format: Annotated[Format, Query(description="json, csv or arrow.")] = "json",  # noqa: A002 - its public name
) -> KpiAnswer | Response:
    """A figure over some days: as a whole, by interval and by up to two dimensions, compared if wished.

    `value` is null with a `reason` where there is nothing to compute it from. Amounts are whole cents,
    shares are of 1. CSV and Arrow have one row a group and interval.
    """
    question = _question(asker, name, days, group_by, where, compare_to, interval)
    found = _figure(asker, question)
    if format == "json":
        return found
    frame = frame_of(found)
    content = csv_of(frame).encode() if format == "csv" else arrow_of(frame)
    return _file(content, format, f"{name}-{found.begins}-{found.ends}")


@routes.get("/analytics/kpis/{name}/definition", action="analytics.read")
def definition(asker: Asking, name: str) -> KpiSheet:
    """How a figure is defined: in words, in SQL over the semantic tables, with its source and benchmark."""
    kpi = figure_named(name)
    return sheet_of(kpi, seen_by(asker.may, asker.services.access, asker.caller).refusal(kpi))


@routes.get("/analytics/kpis/{name}/claims", action="analytics.read", errors=("unusable_input",))
def behind(
    asker: Asking,
    page: Paging,
    name: str,
    days: AskedDays,
    where: Where = [],  # noqa: B006
    side: Literal["numerator", "denominator"] = "numerator",
) -> Page[BehindRow]:
    """The claims or work items behind a figure: over all pages, `amount` adds up to the number.

    For those who may see who the patients are, since claims are few enough to be known.
    """
    asker.demand("claims.list")
    question = _question(asker, name, days, (), where, None, None)
    if asker.withheld_kind("identity") is not None:
        raise ApiError(
            "not_permitted", "the claims behind a number are for those who may see who the patients are."
        )
    with _connection(asker) as connection:
        found = claims_behind(connection, question, side, after=page.after or 0, limit=page.limit)
    return page.page(found, lambda each: each.key)


@routes.get("/analytics/dimensions/{dimension}", action="analytics.read")
def values(asker: Asking, dimension: str) -> list[str]:
    """The values of a dimension, such as all payers, for filters."""
    kpi = next(
        (each for each in all_figures() if dimension in each.dimensions and each.needs != "ledger"), None
    )
    if kpi is None:
        raise ApiError("not_found", "there is no such dimension.")
    _refuse(seen_by(asker.may, asker.services.access, asker.caller).refusal(kpi, [dimension]))
    with _connection(asker) as connection:
        return dimension_values(connection, dimension, asker.facilities)


@routes.get("/analytics/denials/by-payer", action="analytics.read", errors=("unusable_input",))
def denial_rate_by_payer(asker: Asking, days: AskedDays) -> KpiAnswer:
    """The initial denial rate by payer, compared to the period before."""
    return _figure(asker, _question(asker, "initial_denial_rate", days, ("payer",), (), "previous", None))


@routes.get("/analytics/denials/by-department", action="analytics.read", errors=("unusable_input",))
def denial_rate_by_department(asker: Asking, days: AskedDays) -> KpiAnswer:
    """The initial denial rate by the department where denials begin, of all claims that were answered."""
    return _figure(
        asker, _question(asker, "initial_denial_rate", days, ("department",), (), "previous", None)
    )


@routes.get("/analytics/denials/trends", action="analytics.read", errors=("unusable_input",))
def denial_trends(asker: Asking, days: AskedDays, interval: Word = "month") -> KpiAnswer:
    """The initial denial rate by day, week or month."""
    return _figure(asker, _question(asker, "initial_denial_rate", days, (), (), None, interval))


@routes.get("/analytics/ar/days", action="analytics.read", errors=("unusable_input",))
def ar_days(
    asker: Asking, days: AskedDays, interval: Annotated[str | None, Query(max_length=10)] = None
) -> KpiAnswer:
    """Net days in A/R at the end of the period, or of each interval."""
    return _figure(asker, _question(asker, "net_days_in_ar", days, (), (), None, interval))


@routes.get("/analytics/ar/aging", action="analytics.read", errors=("unusable_input",))
def aging(asker: Asking, days: AskedDays, by: Literal["dollars", "claims"] = "dollars") -> KpiAnswer:
    """What is owed at the end of the period by age: 0-30, 31-60, 61-90, 91-120, 120+ days since the
    service.
    """
    name = "ar_balance" if by == "dollars" else "ar_claims"
    return _figure(asker, _question(asker, name, days, ("age",), (), None, None))


@routes.get("/analytics/staff/productivity", action="analytics.staff", errors=("unusable_input",))
def productivity(asker: Asking, days: AskedDays) -> KpiAnswer:
    """Work items finished, by who finished them."""
    return _figure(asker, _question(asker, "staff_productivity", days, ("staff",), (), "previous", None))


@routes.get("/analytics/staff/error-rate", action="analytics.staff", errors=("unusable_input",))
def error_rate(asker: Asking, days: AskedDays) -> KpiAnswer:
    """Work that came back, of the items finished, by who did it."""
    return _figure(asker, _question(asker, "staff_error_rate", days, ("staff",), (), "previous", None))


@routes.get("/analytics/staff/workload", action="analytics.read", errors=("unusable_input",))
def workload(asker: Asking, days: AskedDays) -> KpiAnswer:
    """Open work items at the end of the period, by category."""
    return _figure(asker, _question(asker, "open_work_items", days, ("category",), (), "previous", None))


@routes.get("/analytics/scorecards/payers", action="analytics.read", errors=("unusable_input",))
def scorecards(asker: Asking, days: AskedDays) -> list[PayerScore]:
    """Payers side by side: how much they deny, how late they pay, what they owe. Figures as far as you
    may see.
    """
    seen = seen_by(asker.may, asker.services.access, asker.caller)
    names = [name for name in SCORED if seen.refusal(figure_named(name)) is None]
    with _connection(asker) as connection:
        return payer_scorecards(
            connection, begins=days.begins, ends=days.ends, facilities=asker.facilities, names=names,
            hide_small=seen.hide_small,
        )  # fmt: skip


@routes.post("/analytics/costs", action="analytics.cost", status=204, errors=("unusable_input",))
def cost(asker: Asking, entry: CostEntry) -> None:
    """Enter what collecting cost in a month, in place of what was entered before; of the whole practice."""
    with asker.services.database.transaction(asker.caller) as connection:
        enter_monthly_cost(asker.caller, connection, entry.month, entry.cents)


@routes.post(
    "/analytics/exports/{table}", action="analytics.export", errors=("unusable_input", "reason_needed"),
    response_class=Response, openapi_extra={"x-media-type": _MEDIA["parquet"]},
)  # fmt: skip
async def export(request: Request, asker: Asking, table: str, wanted: ExportWanted) -> Response:
    """A semantic table: `claims` or `facts`. By default without what identifies a patient (safe harbor).

    A POST: it writes into the audit log, which has every export.
    """
    if wanted.identified:
        asker.demand("claims.identity")

    def made() -> bytes:
        with _connection(asker) as connection:
            frame = export_table(
                asker.caller, connection, table, facilities=asker.facilities, identified=wanted.identified,
                reason=wanted.reason,
            )  # fmt: skip
        return written(frame, wanted.format)

    content = await few_at_once(request, "exports", made, of=asker)
    return _file(content, wanted.format, f"{table}-v{SEMANTIC_VERSION}")


def _question(
    asker: Asker,
    name: str,
    days: Days,
    group_by: tuple[str, ...] | list[str],
    where: tuple[str, ...] | list[str],
    compare_to: str | None,
    interval: str | None,
) -> Question:
    question = ask(
        name, begins=days.begins, ends=days.ends, as_of=days.as_of, group_by=group_by, compare_to=compare_to,
        interval=interval, facilities=asker.facilities, where=[_condition(each) for each in where],
    )  # fmt: skip
    dimensions = [*question.group_by, *(each for each, _ in question.where)]
    _refuse(seen_by(asker.may, asker.services.access, asker.caller).refusal(question.kpi, dimensions))
    return question


def _figure(asker: Asker, question: Question) -> KpiAnswer:
    seen = seen_by(asker.may, asker.services.access, asker.caller)
    with _connection(asker) as connection:
        return named_staff(connection, answer(connection, question, hide_small=seen.hide_small))


def _connection(asker: Asker) -> AbstractContextManager[Connection]:
    return reading_figures(asker.caller, asker.services.settings, asker.services.database)


def _condition(text: str) -> tuple[str, str]:
    dimension, colon, value = text.partition(":")
    if not colon or not value or len(text) > 200:
        raise ApiError("unusable_input", "where: DIMENSION:VALUE, such as payer:12345.")
    return dimension, value


def _refuse(refusal: str | None) -> None:
    if refusal is not None:
        raise ApiError("not_permitted", refusal)


def _file(content: bytes, file_format: str, name: str) -> Response:
    return Response(
        content, media_type=_MEDIA[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}.{file_format}"'},
    )  # fmt: skip
