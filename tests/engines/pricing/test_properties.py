"""What holds for every line and claim, whatever its codes."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimwright.engines.pricing import PRICED, Pricer
from claimwright.reference.fee_schedules import fee_schedules

from .conftest import frames, service

PRICER = Pricer.default()
ADJUSTED_AS_RVU = Pricer.from_text("contracts: [{kind: rvu}]", "rvu.yaml")

CODES = [
    "99213", "99203", "99232", "27447", "49505", "11042", "20610", "17000", "43235", "43239", "43248",
    "45378", "45380", "45385", "29881", "70551", "72148", "73221", "93306", "93880", "92083", "92133",
    "97110", "97140", "97530", "88305", "94760", "36415", "J1885", "0042T", "ZZZZZ", "01400",
]  # fmt: skip
MODIFIERS = [
    "26", "TC", "50", "51", "52", "53", "54", "55", "59", "62", "66", "78", "80", "AS", "LT", "RT",
    "GP", "QK",
]  # fmt: skip

lines = st.builds(
    lambda procedure, modifiers, units, place, day, charge: service(
        procedure, *modifiers, units=units, place=place, on=day, charge=charge
    ),
    st.sampled_from(CODES),
    st.lists(st.sampled_from(MODIFIERS), max_size=3, unique=True),
    st.sampled_from(["1", "1", "1", "2", "3", "0.5", "2.5", "12"]),
    st.sampled_from(["11", "21", "22", "24", None]),
    st.sampled_from(["2020-07-01", "2024-03-08", "2024-03-09", "2025-06-02", "2025-06-03", "2026-01-01"]),
    st.sampled_from([None, None, "0", "50.00", "99999.99"]),
)
claims_of_lines = st.lists(st.lists(lines, min_size=1, max_size=6), min_size=1, max_size=4)


def numbered(claims: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [{**line, "claim": key} for key, claim in enumerate(claims, start=1) for line in claim]


@settings(max_examples=60)
@given(claims_of_lines)
def test_every_line_has_one_row_in_its_place_and_a_price_or_a_reason(
    claims: list[list[dict[str, Any]]],
) -> None:
    every = numbered(claims)
    result = PRICER.price(*frames(every, state="OH"))
    assert result["claim"].to_list() == [line["claim"] for line in every]
    assert result["line"].to_list() == list(range(1, len(every) + 1))
    priced = result["basis"].is_in([basis.value for basis in PRICED])
    assert (priced == result["allowed"].is_not_null()).all()


@settings(max_examples=60)
@given(claims_of_lines)
def test_a_price_is_never_negative_nor_more_than_the_charge(claims: list[list[dict[str, Any]]]) -> None:
    every = numbered(claims)
    result = PRICER.price(*frames(every))
    for allowed, line in zip(result["allowed"], every, strict=True):
        assert allowed is None or allowed >= 0
        assert allowed is None or line["line_charge"] is None or allowed <= line["line_charge"]


@settings(max_examples=40)
@given(claims_of_lines, st.randoms(use_true_random=False))
def test_neither_other_claims_nor_the_order_of_lines_change_a_price(
    claims: list[list[dict[str, Any]]], random: Any
) -> None:
    every = numbered(claims)
    frame_of_claims, frame_of_lines = frames(every, state="AK")
    together = PRICER.price(frame_of_claims, frame_of_lines).sort("claim", "line")
    alone = pl.concat(
        PRICER.price(one_claim, frame_of_lines.filter(pl.col("claim") == one_claim["claim"].item()))
        for one_claim in frame_of_claims.iter_slices(1)
    ).sort("claim", "line")
    assert together.equals(alone)

    shuffled = list(range(len(every)))
    random.shuffle(shuffled)
    moved = PRICER.price(frame_of_claims, frame_of_lines[shuffled]).sort("claim", "line")
    # Equal fees are ranked as they come; what they add up to stays.
    totals = pl.col("allowed").fill_null(0).sum()
    assert moved["basis"].equals(together["basis"])
    assert abs(moved.select(totals).item() - together.select(totals).item()) <= Decimal("0.01") * len(every)


@settings(max_examples=30)
@given(st.sampled_from(["99213", "88305", "99232", "33533"]), st.integers(1, 40))
def test_units_scale_the_price_of_a_service_without_reductions(procedure: str, units: int) -> None:
    if procedure == "33533":
        units = 1  # a procedure: its further units are further procedures
    one, many = PRICER.price(
        *frames([service(procedure), service(procedure, units=str(units), on="2025-06-03")])
    )["allowed"]
    assert many == units * one


@settings(max_examples=60)
@given(
    st.sampled_from([code for code in CODES if code not in {"01400", "94760"}]),
    st.sampled_from([(), ("26",), ("TC",), ("50",), ("80",)]),
    st.integers(2, 5),
)
def test_units_on_one_line_come_to_the_same_as_a_line_each(
    procedure: str, modifiers: tuple[str, ...], units: int
) -> None:
    [together] = PRICER.price(*frames([service(procedure, *modifiers, units=str(units))]))["allowed"]
    apart = PRICER.price(*frames([service(procedure, *modifiers)] * units))["allowed"]
    if together is None:
        assert apart.null_count() == units
    else:
        assert abs(together - apart.sum()) <= Decimal("0.005") * (units + 1)


SCHEDULES = fee_schedules()


def values_of(year: int) -> pl.DataFrame:
    [values] = [values for values in SCHEDULES.relative_values.values() if values.year == year]
    return values.table()


@pytest.mark.parametrize("year", SCHEDULES.years)
def test_the_components_of_a_test_add_up_to_the_whole(year: int) -> None:
    """Within a cent, since each is published to the cent; where CMS split it."""
    split = values_of(year).filter(
        (pl.col("status") == "A")
        & (pl.col("professional_technical") == 1)
        & (pl.col("opps_pe_nonfacility") == 0)
    )
    whole = (
        split.group_by("procedure")
        .agg(pl.col("component").sort())
        .filter(pl.col("component").list.len() == 3)
    )
    codes = whole["procedure"].sort().to_list()
    assert len(codes) > 50
    rows = [
        service(code, *modifier, on=f"{year}-{month}-01", claim=claim)
        for claim, code in enumerate(codes, start=1)
        for modifier, month in (((), "04"), (("26",), "05"), (("TC",), "06"))
    ]
    result = PRICER.price(*frames(rows)).group_by("claim").agg(pl.col("allowed"))
    for _, (total, professional, technical) in result.iter_rows():
        assert abs(total - professional - technical) <= Decimal("0.01")


@pytest.mark.parametrize("year", SCHEDULES.years)
def test_every_amount_equals_the_formula_in_decimal_arithmetic(year: int) -> None:
    """An independent computation of every code of the year at one locality, in decimals of Python."""
    values = values_of(year).filter((pl.col("status") == "A") & (pl.col("component") == 0))
    day = f"{year}-07-01"
    [factor] = SCHEDULES.conversion_factors.filter(
        (pl.col("service") == "physician")
        & (pl.col("qualifying_apm") != "yes")
        & pl.lit(day).str.to_date().is_between(pl.col("effective_on"), pl.col("expires_on"))
    )["amount"]
    [index] = SCHEDULES.indices.filter(
        (pl.col("year") == year) & (pl.col("locality") == "02102-01")
    ).to_dicts()
    rows = values.to_dicts()
    priced = PRICER.price(
        *frames([service(row["procedure"], on=day, claim=n) for n, row in enumerate(rows)], state="AK")
    )
    for row, amount in zip(rows, priced["unit_amount"], strict=True):
        sums = [
            row["work"] * index["work_gpci"]
            + row[practice] * index["pe_gpci"]
            + row[malpractice] * index["malpractice_gpci"]
            for practice, malpractice in (
                ("pe_nonfacility", "malpractice"),
                ("opps_pe_nonfacility", "opps_malpractice"),
            )
        ]
        fees = [(total * factor).quantize(Decimal("0.01"), ROUND_HALF_UP) for total in sums]
        expected = min(fees) if row["opps_pe_nonfacility"] else fees[0]
        assert amount == expected, row["procedure"]
