"""The files of the practice: claims by facility and month (837), remittances by month (835).

The claims and answers of a denial world, moved in time so that they end today; and for the last weeks claims
of every form, some with planted defects, which nobody has worked on.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from claimwright.engines.x12 import write_837
from claimwright_lab.denial_world import World, WorldOptions, make_world, moved_by, remittance
from claimwright_lab.sampling import SampleOptions, sample_batches

FACILITIES = ("NORTHSIDE", "RIVERSIDE", "HILLCREST")
SEED = 2026
# Whole weeks, so that working days stay working days.
_WEEK = 7
_YEAR_DAYS = 365


@dataclass(frozen=True)
class Practice:
    """What the practice has: files as bytes, in the order in which they came.

    Attributes:
        claims: facility, name and content of each 837 of the last year.
        fresh: those of this week, which nobody has worked on.
        remittances: name and content of each 835.
    """

    claims: list[tuple[str, str, bytes]]
    fresh: list[tuple[str, str, bytes]]
    remittances: list[tuple[str, bytes]]


def make_practice(today: datetime.date, *, world_claims: int = 1_200, fresh_claims: int = 240) -> Practice:
    """The practice as of a day: about two thirds of `world_claims` lie in its last year."""
    world = _moved(make_world(WorldOptions(world_claims, seed=SEED)), today)
    begins = today - datetime.timedelta(days=_YEAR_DAYS)
    kept = world.batch.claims.select(
        "claim",
        facility=pl.col("billing_npi").cast(pl.Int64) % len(FACILITIES),
        month=world.submitted_on.dt.strftime("%Y-%m"),
    ).filter(world.submitted_on.is_between(begins, today))
    claims = []
    for (month, number), own in sorted(kept.group_by("month", "facility"), key=lambda each: str(each[0])):
        content = b"".join(write_837([world.batch.select(own["claim"].sort())]))
        facility = FACILITIES[int(str(number))]
        claims.append((facility, f"{facility.lower()}-{month}.837", content))
    paid = world.payments.filter(
        pl.col("claim").is_in(kept["claim"].implode()), pl.col("paid_on") <= today
    ).with_columns(month=pl.col("paid_on").dt.strftime("%Y-%m"))
    remittances = [
        (f"remittances-{month}.835", remittance(world, own.drop("month"), with_receipt=True))
        for (month,), own in sorted(paid.group_by("month"), key=lambda each: str(each[0]))
    ]
    return Practice(claims, _fresh(today, fresh_claims), remittances)


def _fresh(today: datetime.date, claims: int) -> list[tuple[str, str, bytes]]:
    """Claims of the last weeks that nobody has looked at: a third has a planted defect."""
    made = []
    for number, facility in enumerate(FACILITIES):
        options = SampleOptions(
            claims // len(FACILITIES), seed=SEED + number, forms={"P": 70, "I": 20, "D": 10},
            defect_rate=0.35, as_of=today,
        )  # fmt: skip
        batches = [batch for batch, _ in sample_batches(options)]
        content = b"".join(write_837(batches))
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
