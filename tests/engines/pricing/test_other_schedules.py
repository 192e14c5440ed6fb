"""Localities by ZIP code, practitioners, laboratory, drugs and hospital outpatients."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from claimwright.engines.pricing import Pricer

from .conftest import Line, frames, service

_TEXTS = ("billing_zip", "facility_zip", "facility_state", "rendering_taxonomy", "facility_type")


def priced(
    pricer: Pricer, *lines: Line, form: str = "P", state: str | None = None, **claim: str
) -> pl.DataFrame:
    """The prices of lines of one claim, with more fields of the claim."""
    claims, rows = frames(lines, form=form, state=state)
    claims = claims.with_columns(pl.lit(claim.get(name), pl.String).alias(name) for name in _TEXTS)
    return pricer.price(claims, rows)


def told(pricer: Pricer, *lines: Line, **claim: Any) -> list[tuple[Decimal | None, str]]:
    return list(priced(pricer, *lines, **claim).select("allowed", "basis").iter_rows())


def test_a_zip_code_gives_the_locality(medicare: Pricer) -> None:
    """An independent calculator over CMS's files: 289.86 in Manhattan, 86.03 in San Francisco (2025)."""
    lines = (service("99214"), service("20610", "50"), service("71046"))
    manhattan = priced(medicare, *lines, state="NY", billing_zip="100010001")
    assert manhattan["allowed"].sum() == Decimal("289.86")
    assert set(manhattan["locality"]) == {"13202-01"}
    assert set(manhattan["locality_basis"]) == {"zip code"}
    therapy = priced(medicare, service("97110", units="2"), service("97140"), state="CA", billing_zip="94110")
    assert therapy["allowed"].sum() == Decimal("86.03")


def test_the_facility_goes_before_the_billing_address_and_an_unknown_zip_is_none(medicare: Pricer) -> None:
    claim = {"facility_zip": "94110", "facility_state": "CA", "billing_zip": "10001"}
    assert priced(medicare, service("99214"), **claim)["locality"].to_list() == ["01112-05"]
    only_state = priced(medicare, service("99214"), state="NY", facility_state="CA", billing_zip="10001")
    assert only_state["locality"].to_list() == ["national"], "the ZIP code of another address says nothing"
    assert priced(medicare, service("99214"), state="AL", billing_zip="00000")["locality"].to_list() == [
        "10112-00"
    ]


@pytest.mark.parametrize(
    ("taxonomy", "amount"),
    [("363LF0000X", "75.61"), ("363A00000X", "75.61"), ("1041C0700X", "66.71"), ("207Q00000X", "88.95")],
)
def test_others_than_physicians_are_paid_a_share(medicare: Pricer, taxonomy: str, amount: str) -> None:
    """88.95 for 99213 in 2025: 85 percent is 75.6075, 75 percent 66.7125."""
    assert told(medicare, service("99213"), rendering_taxonomy=taxonomy) == [
        (Decimal(amount), "medicare_pfs")
    ]


def test_an_assistant_who_is_no_physician_is_not_reduced_twice(medicare: Pricer) -> None:
    """13.6 percent is 85 percent of 16 already."""
    lines = (service("27447", "AS", place="21"),)
    assert told(medicare, *lines, rendering_taxonomy="363A00000X") == told(medicare, *lines)


@pytest.mark.parametrize("modifier", ["GY", "GZ"])
def test_what_is_billed_as_not_covered_has_no_price(medicare: Pricer, modifier: str) -> None:
    assert told(medicare, service("99213", modifier)) == [(None, "billed_as_not_covered")]


def test_team_surgery_is_priced_by_report_only_where_the_indicator_lets_it(medicare: Pricer) -> None:
    """27447 has team indicator 0; 33945, a transplant, has 2."""
    lines = (service("27447", "66", place="21"), service("33945", "66", place="21", claim=2))
    assert [basis for _, basis in told(medicare, *lines)] == [
        "team_surgery_not_payable",
        "team_surgery_by_report",
    ]


def test_laboratory_and_drugs_have_their_own_schedules(medicare: Pricer) -> None:
    """CLFS 2026: 80053 is 10.56 the whole year. J1885 in July 2026: 0.286 a unit, in its quarter only."""
    lines = (
        service("80053", on="2026-02-03"), service("80053", on="2025-08-03"),
        service("J1885", on="2026-08-03", units="2"), service("J1885", on="2026-02-03"),
    )  # fmt: skip
    assert told(medicare, *lines) == [
        (Decimal("10.56"), "laboratory_schedule"), (None, "statutory_exclusion"),
        (Decimal("0.57"), "drug_payment_limit"), (None, "excluded_by_regulation"),
    ]  # fmt: skip


def test_anesthesia_has_cms_s_base_units_and_a_factor_of_its_own(medicare: Pricer) -> None:
    """00790 has 7 base units; 60 minutes are 4. Alabama 2025: 11 x 19.31 = 212.41. In 2026 its factor is not
    at hand: 11 x 20.4976 = 225.47. A contract's 36.04 for relative values is none for anesthesia: 60 x 11.
    """

    def asleep(on: str) -> Line:
        return service("00790", "AA", on=on, units="60", unit_basis="MJ", place="21")

    assert told(medicare, asleep("2025-08-04"), state="AL") == [(Decimal("212.41"), "anesthesia")]
    late = priced(medicare, asleep("2026-08-03"), state="AL").row(0, named=True)
    assert (late["allowed"], "national anesthesia factor" in late["reductions"]) == (Decimal("225.47"), True)
    apm = Pricer.default(qualifying_apm=True)
    assert told(apm, asleep("2026-08-03")) == [(Decimal("226.60"), "anesthesia")]  # 11 x 20.5998
    text = "contracts:\n  - {kind: medicare_pfs, terms: {conversion_factor: 36.04 MORE}}"
    plain = Pricer.from_text(text.replace(" MORE", ""), "x")
    own = Pricer.from_text(text.replace(" MORE", ", anesthesia_conversion_factor: 60"), "x")
    assert told(plain, asleep("2025-08-04"), state="AL") == [(Decimal("212.41"), "anesthesia")]
    assert told(own, asleep("2025-08-04"), state="AL") == [(Decimal("660.00"), "anesthesia")]


def test_an_estimate_says_so(medicare: Pricer) -> None:
    later = priced(Pricer.default(carry_forward=2025), service("99213", on="2027-02-01")).row(0, named=True)
    assert later["basis"] == "medicare_pfs_carried_forward"
    assert "an estimate" in later["reductions"]


def hospital(procedure: str, *modifiers: str, **more: Any) -> Line:
    return service(procedure, *modifiers, place=None, **more)


# Rates of Addendum B of 2025: 99285 613.10, 70450 106.34, 11042 399.53, 20610 295.19, 27447 12,866.82, J1885
# 0.682; group 5073, to which 19081 with 19082 is raised by Addendum J, 2,862.05.
@pytest.mark.parametrize(
    ("lines", "bill", "expected"),
    [
        ([hospital("99285"), hospital("36415"), hospital("80053"), hospital("J1885", units="10")], "13",
         [("613.10", "outpatient_schedule"), (None, "packaged"), (None, "packaged"),
          ("6.82", "outpatient_schedule")]),
        ([hospital("11042"), hospital("20610")], "13",
         [("399.53", "outpatient_schedule"), ("147.60", "outpatient_schedule")]),
        ([hospital("27447"), hospital("J1885"), hospital("C1776")], "13",
         [("12866.82", "outpatient_schedule"), (None, "packaged"), (None, "packaged")]),
        ([hospital("19081"), hospital("19082")], "13",
         [("2862.05", "outpatient_schedule"), (None, "packaged")]),
        ([hospital("11042", "52")], "13", [("199.77", "outpatient_schedule")]),
        ([hospital("33533")], "13", [(None, "inpatient_only")]),
        ([hospital("80053", on="2026-08-03")], "14", [("10.56", "laboratory_schedule")]),
        ([hospital("99285", on="2026-08-03")], "13", [(None, "no_schedule_for_date")]),
        ([hospital("99285")], "11", [(None, "institutional")]),
        ([hospital("97140", revenue_code="0420")], "85", [(None, "institutional")]),
    ],
)  # fmt: skip
def test_hospital_outpatients_have_the_rate_of_their_group(
    medicare: Pricer, lines: list[Line], bill: str, expected: list[tuple[str | None, str]]
) -> None:
    found = told(medicare, *lines, form="I", facility_type=bill)
    assert found == [(Decimal(amount) if amount else None, basis) for amount, basis in expected]


def test_therapy_of_an_institution_is_paid_as_a_therapist_s(medicare: Pricer) -> None:
    lines = (hospital("97110", units="2", revenue_code="0420"), hospital("97140", revenue_code="0420"))
    found = priced(medicare, *lines, form="I", facility_type="13", state="CA", billing_zip="94110")
    assert found["allowed"].sum() == Decimal("86.03")


def test_a_wage_index_moves_three_fifths_of_a_rate() -> None:
    """106.34 x (0.6 x 1.2 + 0.4) = 119.1008."""
    pricer = Pricer.from_text("contracts:\n  - {kind: medicare_pfs, terms: {wage_index: 1.2}}", "x")
    found = told(pricer, hospital("70450"), form="I", facility_type="13")
    assert found == [(Decimal("119.10"), "outpatient_schedule")]
