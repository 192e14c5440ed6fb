"""Defects of dates: against each other, and against the day on which the claim is judged."""

from __future__ import annotations

import polars as pl

from claimwright.domain.dictionary import Level
from claimwright_lab.sampling.draws import Whole

from .draft import Defects, Draft

add = Defects()
DEFECTS = add.all

# Medicare takes claims for a year from the service (42 CFR 424.44), others for less.
_LATE_DAYS = 500
_EARLY_DAYS = 200


def shift(draft: Draft, claims: Whole, by: int) -> None:
    """Move everything that happens to these claims, births included, so that nothing else becomes odd."""
    for level, frame in list(draft.frames.items()):
        if level is Level.TRANSACTION or "claim" not in frame.columns:
            continue
        dates = [name for name, dtype in frame.schema.items() if dtype == pl.Date]
        if dates:
            shifted = {name: pl.col(name) + pl.duration(days=by) for name in dates}
            draft.repeating(level, claims, pl.lit(True), **shifted)


@add(
    "filed-late",
    "TMF001",
    forms="PI",
    fits=pl.col("claim_filing_code").is_in(["MA", "MB"]) & (pl.col("frequency_code") == "1"),
)
def _(draft: Draft, claims: Whole) -> None:
    shift(draft, claims, -_LATE_DAYS)


@add(
    "filed-late-with-medicaid",
    "TMF002",
    fits=(pl.col("claim_filing_code") == "MC")
    & (pl.col("frequency_code") == "1")
    & (pl.col("payer_responsibility") == "P"),
)
def _(draft: Draft, claims: Whole) -> None:
    shift(draft, claims, -_LATE_DAYS)


@add("statement-in-the-future", "DAT002", forms="I", rare=True, fits=pl.col("facility_type") == "11")
def _(draft: Draft, claims: Whole) -> None:
    shift(draft, claims, _EARLY_DAYS)


@add(
    "service-in-the-future",
    "DAT001",
    forms="P",
    line=1,
    fits=(pl.col("payer_responsibility") == "P") & (pl.col("place_of_service") != "21"),
)
def _(draft: Draft, claims: Whole) -> None:
    shift(draft, claims, _EARLY_DAYS)


@add("line-dates-reversed", "DAT003", forms="P", line=1)
def _(draft: Draft, claims: Whole) -> None:
    draft.line(claims, service_to_on=pl.col("service_from_on") - pl.duration(days=3))


@add("statement-dates-reversed", "DAT004", forms="I", fits=pl.col("facility_type") == "14")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, statement_to_on=pl.col("statement_from_on") - pl.duration(days=2))


@add(
    "line-outside-the-statement",
    "DAT008",
    forms="I",
    line=1,
    fits=pl.col("facility_type").is_in(["13", "14"]),
)
def _(draft: Draft, claims: Whole) -> None:
    before = pl.col("service_from_on") - pl.duration(days=9)
    draft.line(claims, service_from_on=before, service_to_on=before)


@add("birth-after-service", "DAT005", fits=pl.col("subscriber_relationship") == "18")
def _(draft: Draft, claims: Whole) -> None:
    first = draft.frame(Level.CLAIM).select("claim").join(
        draft.frame(Level.LINE).group_by("claim").agg(day=pl.col("service_from_on").min()),
        on="claim",
        how="left",
        maintain_order="left",
    )["day"]  # fmt: skip
    day = pl.lit(first)
    if "statement_from_on" in draft.frame(Level.CLAIM).columns:
        day = pl.coalesce("statement_from_on", day)
    draft.claim(claims, subscriber_birth_on=day + pl.duration(days=2))


@add("accident-after-service", "DAT012", forms="P", rare=True, fits=pl.col("related_cause_1").is_not_null())
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, accident_on=pl.col("accident_on") + pl.duration(days=9))


@add("admission-after-discharge", "DAT010", forms="P", rare=True, fits=pl.col("place_of_service") == "21")
def _(draft: Draft, claims: Whole) -> None:
    draft.claim(claims, admitted_on=pl.col("discharged_on") + pl.duration(days=1))
