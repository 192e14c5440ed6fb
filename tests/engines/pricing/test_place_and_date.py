"""Where and when: payment locality, facility or not, and which year's values hold.

99213 in 2025: work 1.30, practice expense 1.35 in an office and 0.57 in a facility, malpractice 0.10;
conversion factor 32.3465.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from claimwright.engines.pricing import ContractError, Pricer
from claimwright.reference.fee_schedules import fee_schedules

from .conftest import Allowed, Priced, frames, service


def test_a_state_that_is_one_locality_gives_its_indices(priced: Priced) -> None:
    # (1.30 x 1.500 + 1.35 x 1.081 + 0.10 x 0.592) x 32.3465 = 3.46855 x 32.3465 = 112.1954...
    [row] = priced(service("99213"), state="AK")
    assert (row["locality"], row["locality_basis"], row["allowed"]) == (
        "02102-01",
        "state",
        Decimal("112.20"),
    )


@pytest.mark.parametrize(
    ("state", "basis"),
    [
        ("NY", "national: the state has several localities"),
        ("VA", "national: the state has several localities"),  # its suburbs of Washington are not in 11302-00
        (None, "national: state not known"),
        ("ZZ", "national: state not known"),
    ],
)
def test_any_other_state_is_priced_at_the_national_rate_and_says_so(
    priced: Priced, state: str | None, basis: str
) -> None:
    [row] = priced(service("99213"), state=state)
    assert (row["locality_basis"], row["allowed"]) == (basis, Decimal("88.95"))


def test_a_configured_locality_comes_before_the_state(priced: Priced) -> None:
    # Manhattan: (1.30 x 1.065 + 1.35 x 1.166 + 0.10 x 1.656) x 32.3465 = 3.1242 x 32.3465 = 101.0569...
    [row] = priced(service("99213"), pricer=Pricer.default(locality="13202-01"), state="AK")
    assert (row["locality_basis"], row["allowed"]) == ("contract", Decimal("101.06"))


def test_the_place_of_the_line_s_facility_comes_before_the_billing_provider_s(medicare: Pricer) -> None:
    claims, lines = frames([service("99213")], state="NY")
    claims = claims.with_columns(facility_state=claims["billing_state"].replace("NY", "AK"))
    assert medicare.price(claims, lines)["locality"].to_list() == ["02102-01"]


def test_a_locality_that_was_dissolved_has_no_price_later(priced: Priced) -> None:
    # Orange County, 01182-26, went into Los Angeles in 2024.
    pricer = Pricer.default(locality="01182-26")
    rows = priced(service("99213", on="2023-05-01"), service("99213", on="2024-05-01"), pricer=pricer)
    assert [row["basis"] for row in rows] == ["medicare_pfs", "unknown_locality"]


def test_a_locality_that_never_was_is_refused() -> None:
    with pytest.raises(ContractError, match="99999-99 is not a known payment locality"):
        Pricer.default(locality="99999-99")


@pytest.mark.parametrize("place", ["02", "19", "21", "22", "23", "24", "26", "31", "34", "41", "51", "61"])
def test_a_facility_is_paid_the_facility_rate(allowed: Allowed, place: str) -> None:
    # 1.30 + 0.57 + 0.10 = 1.97; 63.722605
    assert allowed(service("99213", place=place)) == [Decimal("63.72")]


@pytest.mark.parametrize("place", ["10", "11", "12", "20", "32", "49", "72", "81", "99"])
def test_any_other_place_is_paid_the_nonfacility_rate(allowed: Allowed, place: str) -> None:
    assert allowed(service("99213", place=place)) == [Decimal("88.95")]


def test_an_unknown_place_is_priced_as_nonfacility_and_says_so(priced: Priced) -> None:
    [row] = priced(service("99213", place=None))
    assert (row["setting"], row["allowed"]) == ("nonfacility: place of service not known", Decimal("88.95"))


def test_what_a_facility_is_paid_for_is_not_paid_to_the_practitioner(priced: Priced) -> None:
    rows = priced(
        service("70551", place="22"), service("70551", "26", place="22"), service("96372", place="19")
    )
    assert [row["basis"] for row in rows] == ["not_paid_in_facility", "medicare_pfs", "not_paid_in_facility"]


@pytest.mark.parametrize("day", ["2019-12-31", "2027-01-01"])
def test_a_date_without_values_has_no_price_unless_a_year_is_named(priced: Priced, day: str) -> None:
    [row] = priced(service("99213", on=day))
    assert (row["allowed"], row["basis"]) == (None, "no_schedule_for_date")


@pytest.mark.parametrize(
    ("qualifying", "amount"),
    [
        (False, "91.85"),  # 2.75 x 33.4009 = 91.852475
        (True, "92.31"),  # 2.75 x 33.5675 = 92.310625
    ],
)
def test_a_year_carried_forward_takes_the_new_conversion_factor_and_says_so(
    priced: Priced, qualifying: bool, amount: str
) -> None:
    shipped = fee_schedules()
    before = replace(
        shipped,
        schedules=shipped.schedules.filter(pl.col("year") < 2026),
        relative_values={
            edition: held for edition, held in shipped.relative_values.items() if held.year < 2026
        },
    )
    pricer = Pricer.default(before, carry_forward=2025, qualifying_apm=qualifying)
    [row] = priced(service("99213", on="2026-02-01"), pricer=pricer)
    assert (row["basis"], row["schedule_year"]) == ("medicare_pfs_carried_forward", 2025)
    assert row["allowed"] == Decimal(amount)


def test_carrying_a_year_forward_leaves_the_dates_that_have_values_alone(priced: Priced) -> None:
    rows = priced(
        service("99213", on="2024-06-01"),
        service("99213", on="2019-06-01"),
        pricer=Pricer.default(carry_forward=2025),
    )
    assert [row["basis"] for row in rows] == ["medicare_pfs", "no_schedule_for_date"]


def test_a_year_that_is_not_at_hand_cannot_be_carried_forward() -> None:
    with pytest.raises(ContractError, match="there are values for 2020 to 2026, none for 2019"):
        Pricer.default(carry_forward=2019)
