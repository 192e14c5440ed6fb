"""The files of the practice: claims by facility and quarter (837), remittances by month (835).

The claims and answers of a denial world, moved in time so that they end today, most of its denials left out
so that the practice is denied about as often as others are; what payers paid of their denials later; and for
the last weeks claims of every form, some with planted defects, which nobody has worked on.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from claimwright.engines.x12 import write_837
from claimwright_lab.denial_world import (
    World,
    WorldOptions,
    make_world,
    moved_by,
    remittance,
    reversal_remittance,
)
from claimwright_lab.sampling import Draws, SampleOptions, sample_batches

FACILITIES = ("NORTHSIDE", "RIVERSIDE", "HILLCREST")
SEED = 2026
# Whole weeks, so that working days stay working days.
_WEEK = 7
_YEAR_DAYS = 365
# The world denies a quarter of its claims; of these, so many in a hundred are left out.
_LEFT_OUT = 45
# A single claim above this would be most of what a practice of this size is owed.
_MOST_CHARGE = 5_000
# A hospital's claim has no price here, and would be expected at its charge.
_MOST_FRESH_CHARGE = 5_000
# Of denied claims, so many in a hundred are paid after all, so many days after the denial.
_PAID_LATER, _LATER_DAYS = 70, (24, 54)
# A payer that has not paid by then has not been asked: of older denials, few are left.
_ALL_PAID_DAYS, _NEVER_PAID = 150, 4
# Of what a payer pays after all: what it allows of the charge, and what of that is the patient's.
_ALLOWED, _COINSURANCE = 55, 20
# Denials of the last weeks can still be appealed.
APPEALABLE_DAYS = 60
# Of paid claims, so many in a hundred leave nothing for the patient.
_NO_SHARE = 72


@dataclass(frozen=True)
class DeniedClaim:
    """A claim whose denial is recent, as its chart names it."""

    number: str
    last_name: str
    first_name: str
    service_on: datetime.date


@dataclass(frozen=True)
class Practice:
    """What the practice has: files as bytes, in the order in which they came.

    Attributes:
        claims: facility, name and content of each 837 of the last year.
        fresh: those of this week, which nobody has worked on.
        remittances: name and content of each 835.
        later: the same of what payers paid of their denials afterwards.
        paid_later: numbers of the claims in `later`.
        denied: claims that were denied lately.
        payers: id and name of each payer.
    """

    claims: list[tuple[str, str, bytes]]
    fresh: list[tuple[str, str, bytes]]
    remittances: list[tuple[str, bytes]]
    later: list[tuple[str, bytes]]
    paid_later: list[str]
    denied: list[DeniedClaim]
    payers: dict[str, str]


def make_practice(today: datetime.date, *, world_claims: int = 2_400, fresh_claims: int = 90) -> Practice:
    """The practice as of a day: about half of `world_claims` lie in its last year."""
    world = _with_shares(_moved(make_world(WorldOptions(world_claims, seed=SEED)), today))
    begins = today - datetime.timedelta(days=_YEAR_DAYS)
    denied = world.lines.filter(pl.col("carc").is_not_null())["claim"].unique()
    kept = (
        world.batch.claims.select(
            "claim",
            "total_charge",
            facility=pl.col("billing_npi").cast(pl.Int64) % len(FACILITIES),
            quarter=world.submitted_on.dt.strftime("%Y-q") + world.submitted_on.dt.quarter().cast(pl.String),
        )
        .filter(world.submitted_on.is_between(begins, today))
        .filter(pl.col("total_charge") <= _MOST_CHARGE)
    )
    left_out = pl.Series(_dice(kept["claim"], "left out", 100) < _LEFT_OUT)
    kept = kept.filter(~(left_out & kept["claim"].is_in(denied.implode())))
    claims = []
    for (quarter, number), own in sorted(kept.group_by("quarter", "facility"), key=lambda each: str(each[0])):
        content = b"".join(write_837([world.batch.select(own["claim"].sort())]))
        facility = FACILITIES[int(str(number))]
        claims.append((facility, f"{facility.lower()}-{quarter}.837", content))
    paid = world.payments.filter(pl.col("claim").is_in(kept["claim"].implode()), pl.col("paid_on") <= today)
    world = _paid_later(world, paid.filter(pl.col("claim").is_in(denied.implode())), today)
    later = world.later_payments
    return Practice(
        claims,
        _fresh(today, fresh_claims),
        [
            (f"remittances-{month}.835", remittance(world, own, with_receipt=True))
            for month, own in _by_month(paid)
        ],
        [(f"decisions-{month}.835", reversal_remittance(world, own)) for month, own in _by_month(later)],
        later["claim_id"].to_list(),
        _denied(world, paid.filter(pl.col("claim").is_in(denied.implode())), today),
        dict(world.batch.claims.select("payer_id", "payer_name").unique().sort("payer_id").iter_rows()),
    )


def _by_month(payments: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    months = payments.with_columns(month=pl.col("paid_on").dt.strftime("%Y-%m"))
    return [
        (str(month), own.drop("month"))
        for (month,), own in sorted(months.group_by("month"), key=lambda each: str(each[0]))
    ]


def _dice(claims: pl.Series, what: str, sides: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """A whole number below `sides` for each claim, the same in every practice of the world."""
    return Draws(SEED, claims.to_numpy()).below(what, sides)


def _with_shares(world: World) -> World:
    """The same world, in which most patients owe nothing of what was paid."""
    free = world.payments.filter(pl.Series(_dice(world.payments["claim"], "no share", 100) < _NO_SHARE))[
        "claim"
    ].implode()

    def all_paid(frame: pl.DataFrame) -> pl.DataFrame:
        is_free = pl.col("claim").is_in(free)
        return frame.with_columns(
            paid_cents=pl.col("paid_cents") + pl.when(is_free).then("patient_cents").otherwise(0),
            patient_cents=pl.when(is_free).then(0).otherwise("patient_cents"),
        )

    return replace(world, payments=all_paid(world.payments), services=all_paid(world.services))


def _paid_later(world: World, denied: pl.DataFrame, today: datetime.date) -> World:
    """The world with what payers decided anew: most denials are paid after some weeks."""
    first, last = _LATER_DAYS
    days = pl.Series(first + _dice(denied["claim"], "later days", last - first))
    is_old = pl.col("before") < today - datetime.timedelta(days=_ALL_PAID_DAYS)
    share = pl.when(is_old).then(100 - _NEVER_PAID).otherwise(_PAID_LATER)
    chosen = denied.with_columns(
        before=pl.col("paid_on"),
        paid_on=(denied["paid_on"].cast(pl.Int32) + days).cast(pl.Int32).cast(pl.Date),
    ).filter(pl.col("paid_on") <= today, pl.Series(_dice(denied["claim"], "paid later", 100)) < share)
    was_denied = pl.col("denied_cents") > 0
    allowed = pl.col("denied_cents") * _ALLOWED // 100
    services = world.services.join(chosen.select("claim"), on="claim", how="semi").with_columns(
        contractual_cents=pl.when(was_denied).then(pl.col("denied_cents") - allowed)
        .otherwise("contractual_cents"),
        patient_cents=pl.when(was_denied).then(allowed * _COINSURANCE // 100).otherwise("patient_cents"),
        paid_cents=pl.when(was_denied).then(allowed - allowed * _COINSURANCE // 100).otherwise("paid_cents"),
        denied_cents=pl.lit(0, pl.Int64),
        carc=pl.lit(None, pl.String),
        rarc=pl.lit(None, pl.String),
    )  # fmt: skip
    sums = services.group_by("claim").agg(pl.col("paid_cents", "patient_cents", "charge_cents").sum())
    payments = chosen.drop("paid_cents", "patient_cents", "charge_cents").join(
        sums, on="claim", how="left", maintain_order="left"
    )
    return replace(world, later_payments=payments, later_services=services)


def _denied(world: World, denied: pl.DataFrame, today: datetime.date) -> list[DeniedClaim]:
    """Claims that were denied in the last weeks and are still denied, newest first."""
    since = today - datetime.timedelta(days=APPEALABLE_DAYS)
    recent = denied.filter(
        pl.col("paid_on") >= since, ~pl.col("claim").is_in(world.later_payments["claim"].implode())
    ).sort("paid_on", "claim", descending=[True, False])
    said = world.batch.claims.select(
        "claim",
        last=pl.coalesce("dependent_name", "subscriber_name"),
        first=pl.coalesce("dependent_first_name", "subscriber_first_name"),
    )
    days = world.batch.lines.group_by("claim").agg(pl.col("service_from_on").min())
    rows = recent.join(said, on="claim").join(days, on="claim")
    return [
        DeniedClaim(row["claim_id"], row["last"], row["first"] or "", row["service_from_on"])
        for row in rows.iter_rows(named=True)
    ]


def _fresh(today: datetime.date, claims: int) -> list[tuple[str, str, bytes]]:
    """Claims of the last weeks that nobody has looked at: four of ten have a planted defect."""
    made = []
    for number, facility in enumerate(FACILITIES):
        options = SampleOptions(
            claims // len(FACILITIES), seed=SEED + number, forms={"P": 76, "I": 14, "D": 10},
            defect_rate=0.4, as_of=today,
        )  # fmt: skip
        batches = [batch for batch, _ in sample_batches(options)]
        usual = [
            each.select(each.claims.filter(pl.col("total_charge") <= _MOST_FRESH_CHARGE)["claim"])
            for each in batches
        ]
        content = b"".join(write_837(usual))
        made.append((facility, f"{facility.lower()}-this-week.837", content))
    return made


def _moved(world: World, today: datetime.date) -> World:
    """The same world, later by whole weeks, so that its last claim was sent in the week before a day."""
    last = world.submitted_on.max()
    assert isinstance(last, datetime.date)
    later = datetime.timedelta(days=(today - last).days // _WEEK * _WEEK)
    return replace(
        world,
        batch=moved_by(world.batch, np.full(len(world.batch), later.days)),
        submitted_on=world.submitted_on + later,
        payments=world.payments.with_columns(pl.col("paid_on") + later),
    )
