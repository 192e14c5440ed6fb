"""Terms for whole claims; every amount is worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.pricing import ContractError, Pricer, parse_contracts
from claimwright.features.intake.reading import read_837

from .conftest import frames, service

CONTRACTS = """
contracts:
  - name: Acme hospital
    payer_id: ACME1
    forms: [I]
    kind: percent_of_charge
    terms: {percent: 50}
    services:
      - name: implants
        revenue_codes: ["0278"]
        kind: percent_of_charge
        terms: {percent: 40}
    claims:
      - name: joints
        bill_types: ["11"]
        kind: case_rate
        terms:
          rates: {"469": 31000, "470": 24000.10}
          outlier: {after: 4, rate: 1500}
          stop_loss: {above: 100000, percent: 12.5}
          lesser_of_charge: true
      - name: surgery
        bill_types: ["11"]
        drgs: ["329"]
        kind: case_rate
        terms: {rate: 20000, stop_loss: {above: 80000, percent: 30, of: all_charges}}
      - name: days
        bill_types: ["11"]
        kind: per_diem
        terms:
          days: [{through: 3, rate: 2600}, {through: 5, rate: 2100}, {rate: 1000}]
          minimum: 6000
          maximum: 12000
      - name: emergency department
        revenue_codes: [0450-0459]
        kind: case_rate
        terms: {rate: 1450}
      - name: all others
        kind: lines
        terms: {maximum: 700, lesser_of_charge: true}
"""


def room(days: str, charge: str) -> dict[str, object]:
    return service(None, units=days, charge=charge, revenue_code="0120", unit_basis="DA", on=None)


def charged(charge: str, revenue_code: str = "0250", procedure: str | None = None) -> dict[str, object]:
    return service(procedure, charge=charge, revenue_code=revenue_code, on=None)


def priced(
    lines: list[dict[str, object]], *, bill: str = "11", drg: str | None = None, stay: int = 2
) -> pl.DataFrame:
    claims, frame = frames(lines, payer="acme1", form="I")
    claims = claims.with_columns(
        facility_type=pl.lit(bill),
        drg=pl.lit(drg, pl.String),
        statement_from_on=date(2025, 6, 2),
        statement_to_on=date(2025, 6, 2 + stay),
    )
    return Pricer.from_text(CONTRACTS, "x").price(claims, frame)


def total(prices: pl.DataFrame) -> Decimal:
    return Decimal(str(prices["allowed"].sum()))


def test_a_case_rate_is_shared_by_the_charges_and_carve_outs_are_paid_beside_it() -> None:
    prices = priced([room("3", "30000"), charged("20000"), charged("10000", "0278")], drg="470")
    # 24,000.10 x 3/5 and the rest; 40% of 10,000 for the implant.
    assert prices["allowed"].to_list() == [Decimal("14400.06"), Decimal("9600.04"), Decimal(4000)]
    assert prices["basis"].to_list() == ["case_rate", "case_rate", "percent_of_charge"]
    assert prices["contract"].to_list() == ["joints", "joints", "implants"]
    assert prices["reductions"][0] == "joints: case rate 24000.10"


def test_shares_add_up_to_the_cent() -> None:
    prices = priced([charged("33.33"), charged("33.33"), charged("33340.01")], drg="470")
    assert total(prices) == Decimal("24000.10")


def test_days_after_the_outlier_are_paid_each() -> None:
    prices = priced([room("6", "90000")], drg="470")
    assert total(prices) == Decimal("24000.10") + 2 * 1500
    assert prices["reductions"][0] == "joints: case rate 24000.10; outlier: 2 days after day 4"


def test_stop_loss_adds_a_percentage_of_the_excess() -> None:
    prices = priced([room("2", "100000.20")], drg="469")
    # 12.5% of 0.20 is 2.5 cents, half up.
    assert total(prices) == Decimal("31000.03")
    assert prices["reductions"][0].endswith("stop-loss: 12.5% of the charges above 100,000.00")


def test_stop_loss_of_all_charges_takes_the_place_of_the_rate() -> None:
    assert total(priced([room("2", "80000")], drg="329")) == 20000
    assert total(priced([room("2", "80001")], drg="329")) == Decimal("24000.30")


def test_the_charges_are_paid_where_they_are_less() -> None:
    prices = priced([room("2", "5000"), charged("1000")], drg="470")
    assert prices["allowed"].to_list() == [5000, 1000]
    assert prices["charge_limited"].to_list() == [True, True]


@pytest.mark.parametrize(
    ("days", "paid"),
    [("1", 6000), ("2", 6000), ("3", 7800), ("4", 9900), ("5", 12000), ("7", 12000)],
)
def test_days_are_paid_by_their_tier_within_minimum_and_maximum(days: str, paid: int) -> None:
    prices = priced([room(days, "50000")], drg="871")
    assert total(prices) == paid
    assert prices["basis"][0] == "per_diem"


def test_without_accommodation_the_days_of_the_statement_count() -> None:
    assert total(priced([charged("50000")], drg="871", stay=4)) == 9900


def test_without_days_there_is_no_price_and_it_is_said() -> None:
    claims, lines = frames([charged("50000")], payer="acme1", form="I")
    claims = claims.with_columns(facility_type=pl.lit("11"), statement_from_on=date(2025, 6, 2))
    prices = Pricer.from_text(CONTRACTS, "x").price(claims, lines)
    assert prices["basis"].to_list() == ["no_days"]
    assert prices["allowed"].to_list() == [None]


def test_one_line_that_fits_brings_the_whole_claim_under_the_term() -> None:
    prices = priced([charged("900", "0450", "99284"), charged("100", "0250")], bill="13")
    assert prices["allowed"].to_list() == [1305, 145]
    assert prices["contract"].to_list() == ["emergency department"] * 2


def test_limits_of_a_claim_that_is_priced_line_by_line() -> None:
    prices = priced([charged("3000"), charged("1000")], bill="13")
    # 1,500 and 500 by the contract, 700 at most.
    assert prices["allowed"].to_list() == [525, 175]
    assert prices["basis"].to_list() == ["percent_of_charge"] * 2
    assert prices["reductions"][0] == "contract 50.00%; maximum 700.00"
    below = priced([charged("100"), charged("60")], bill="13")
    assert below["allowed"].to_list() == [50, 30]
    assert below["reductions"][0] == "contract 50.00%"


def test_claims_without_charges_get_the_rate_on_their_first_line() -> None:
    assert priced([charged("0"), charged("0")], bill="11", drg="329")["allowed"].to_list() == [20000, 0]


def test_each_claim_of_a_batch_by_itself() -> None:
    claims, lines = frames(
        [
            {**room("3", "40000"), "claim": 1},
            {**room("2", "90000"), "claim": 2},
            {**charged("10"), "claim": 2},
        ],
        payer="acme1",
        form="I",
    )
    claims = claims.with_columns(
        facility_type=pl.lit("11"), drg=pl.lit("470"), statement_from_on=date(2025, 6, 2),
        statement_to_on=date(2025, 6, 5),
    )  # fmt: skip
    prices = Pricer.from_text(CONTRACTS, "x").price(claims, lines)
    sums = prices.group_by("claim").agg(pl.col("allowed").sum()).sort("claim")["allowed"].to_list()
    assert sums == [Decimal("24000.10")] * 2


def test_an_escalator_raises_rates_and_leaves_limits() -> None:
    text = CONTRACTS.replace(
        "forms: [I]", "forms: [I]\n    effective_on: 2025-01-01\n    escalator: {percent: 10}"
    )
    second = parse_contracts(text, "x").contracts[1]
    terms = [term for _, term in second.claims]
    assert terms[0].drg_rates["469"] == 34100
    assert terms[0].outlier_rate == 1650
    assert [rate for _, rate in terms[2].days] == [2860, 2310, 1100]
    assert (terms[2].minimum, terms[2].maximum) == (6000, 12000)


@pytest.mark.parametrize(
    ("term", "fault"),
    [
        ("{kind: case_rate}", "terms must give one of rate, rates by DRG"),
        ("{kind: case_rate, terms: {rate: 1, rates: {'470': 2}}}", "one of rate, rates by DRG"),
        ("{kind: case_rate, terms: {rates: {'47x': 2}}}", "is not a DRG"),
        ("{kind: case_rate, drgs: ['471'], terms: {rates: {'470': 2}}}", "a DRG that rates does not have"),
        ("{kind: case_rate, terms: {rate: 1.005}}", "dollars and cents"),
        ("{kind: per_diem}", "must give days"),
        ("{kind: per_diem, terms: {days: [{through: 3, rate: 1}]}}", "the last tier must be without through"),
        ("{kind: per_diem, terms: {days: [{rate: 1}, {rate: 1}]}}", "follows a tier that has no last day"),
        (
            "{kind: per_diem, terms: {days: [{through: 3, rate: 1}, {through: 3, rate: 1}]}}",
            "after the tier before",
        ),
        ("{kind: lines, terms: {outlier: {after: 1, rate: 1}}}", "outlier"),
        ("{kind: lines, terms: {minimum: 5, maximum: 4}}", "less than the minimum"),
        ("{kind: lines, terms: {stop_loss: {percent: 5}}}", "must give above"),
        ("{kind: lines, terms: {stop_loss: {above: 1, percent: 5, of: some}}}", "excess or all_charges"),
        ("{kind: bundle}", "must be one of case_rate, per_diem, lines"),
    ],
)
def test_what_no_term_can_say_is_refused_with_its_line(term: str, fault: str) -> None:
    head = "contracts:\n  - name: A\n    kind: percent_of_charge\n    terms: {percent: 50}\n    claims:\n\n"
    text = f"{head}      - {term}\n"
    with pytest.raises(ContractError, match=r"^x:7: ") as refused:
        parse_contracts(text, "x")
    assert fault in str(refused.value)


@pytest.fixture(scope="module")
def hospital(samples: Path) -> ClaimBatch:
    return read_837(samples / "institutional.837")


def test_claims_as_they_are_read_fall_under_terms_and_carve_outs(hospital: ClaimBatch) -> None:
    """The columns are those of the reader: type of bill, DRG, plan, days."""
    text = """
contracts:
  - kind: percent_of_charge
    terms: {percent: 10}
    services:
      - name: Medicare Part A or B
        plans: [MA, MB]
        bill_types: ["13"]
        kind: percent_of_charge
        terms: {percent: 20}
    claims:
      - {name: hip or knee, drgs: ["470"], bill_types: ["11"], kind: case_rate, terms: {rate: 9000}}
      - {name: stays, bill_types: ["11"], kind: per_diem, terms: {days: [{rate: 1000}]}}
"""
    prices = Pricer.from_text(text, "x").price(hospital.claims, hospital.lines)
    claims = prices.join(
        hospital.claims.select("claim", "facility_type", "drg", "claim_filing_code"), on="claim", how="left"
    )
    sums = claims.group_by("claim", "contract", "drg").agg(pl.col("allowed").sum())
    joints = sums.filter(pl.col("contract") == "hip or knee")
    assert joints.height >= 1
    assert set(joints["allowed"]) == {Decimal(9000)}
    assert set(joints["drg"]) == {"470"}
    assert sums.filter(pl.col("contract") == "stays").height >= 1
    medicare = claims.filter(pl.col("contract") == "Medicare Part A or B")
    assert medicare.height >= 1
    assert set(medicare["claim_filing_code"]) <= {"MA", "MB"}
