"""Every amount of the two payment amount files of 2026 that are at hand, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from claimwright.engines.pricing import Contract, ContractKind, Pricer
from claimwright.features.reference_data import load, load_files, reference_snapshot
from claimwright.foundation import clock
from claimwright.reference.fee_schedules import FeeSchedules, fee_schedules
from claimwright.reference.loaded_schedules import fee_schedules_of

_MODIFIERS = {0: None, 1: "26", 2: "TC", 3: "53"}


@pytest.fixture(scope="session")
def mpfs(shared_data: Path) -> Path:
    return shared_data / "cms2026" / "mpfs_2026"


def priced(published: pl.DataFrame, on: date, place: str, schedules: FeeSchedules) -> pl.DataFrame:
    """The published rows with `allowed`: one claim each, priced at its locality."""
    contracts = [
        Contract(locality, ContractKind.MEDICARE_PFS, payer_id=locality, locality=locality,
                 medicare_adjustments=True)
        for locality in published["locality"].unique().to_list()
    ]  # fmt: skip
    rows = published.with_columns(claim=pl.int_range(pl.len()), line=pl.lit(1, pl.Int32))
    claims = rows.select("claim", form=pl.lit("P"), payer_id="locality", place_of_service=pl.lit(place))
    lines = rows.select(
        "claim", "line", "procedure",
        pl.col("component").replace_strict(_MODIFIERS, return_dtype=pl.String).alias("modifier_1"),
        units=pl.lit(Decimal(1)).cast(pl.Decimal(15, 3)), service_from_on=pl.lit(on),
    )  # fmt: skip
    return rows.with_columns(Pricer(contracts, schedules).price(claims, lines)["allowed"])


def test_every_amount_of_july_2026_comes_out_of_what_is_shipped(mpfs: Path) -> None:
    """1,635 amounts of 15 codes in 109 localities (PFREV26C)."""
    published = load_files("payment_amounts", [mpfs / "pfrev26c_amounts.csv"]).rows
    found = priced(published, date(2026, 8, 3), "11", fee_schedules())
    assert published.height == 1_635
    assert found.filter(pl.col("allowed").ne_missing(pl.col("nonfacility"))).height == 0


def test_every_amount_of_april_2026_comes_out_of_the_release_of_april(mpfs: Path, tmp_path: Path) -> None:
    """4,033 amounts for each of two settings (PFREV26B). Place 02 has the facility rate, and is no facility
    to which the technical part of a service is paid instead.
    """
    april = mpfs / "PPRRVU2026_Apr_nonQPP.txt"
    load("physician_fee_schedule", [april], tmp_path, now=clock.now())
    schedules = fee_schedules_of(reference_snapshot(date(2026, 11, 28), tmp_path))
    published = load_files("payment_amounts", [mpfs / "PFREV26B.txt"]).rows
    assert published.height == 4_033
    for place, amount in (("11", "nonfacility"), ("02", "facility")):
        found = priced(published, date(2026, 5, 4), place, schedules)
        assert found.filter(pl.col("allowed").ne_missing(pl.col(amount))).height == 0, place


def test_work_of_2026_has_its_floor(mpfs: Path) -> None:
    """27447 in Alabama, whose work index is 0.988 without the floor, 1.000 with it: 19.11 x 1.000 + 11.58 x
    0.875 + 4.02 x 0.566 = 31.51782, times 33.4009 is 1,052.72 dollars (19.11 x 0.988 would be 1,045.06).
    """
    row = pl.DataFrame({"locality": ["10112-00"], "procedure": ["27447"], "component": [0]})
    found = priced(row, date(2026, 6, 1), "21", fee_schedules())
    assert found["allowed"].to_list() == [Decimal("1052.72")]
