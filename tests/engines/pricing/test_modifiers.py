"""What modifiers make of a price. Amounts are 2025, national, worked out by hand beside each.

27447 in a facility: 19.60 + 15.30 + 3.98 = 38.88 relative value units x 32.3465 = 1257.631920, published as
1257.63. The percentages apply to the published amount: Medicare Claims Processing Manual, ch. 12, 40.4.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from claimwright.engines.pricing import Pricer

from .conftest import Allowed, Priced, service

KNEE = "27447"


@pytest.mark.parametrize(
    ("modifiers", "amount"),
    [
        ((), "1257.63"),
        (("50",), "1886.45"),  # x 1.5 = 1886.445
        (("LT", "RT"), "1886.45"),
        (("RT",), "1257.63"),
        (("62",), "786.02"),  # x 0.625 = 786.01875
        (("80",), "201.22"),  # x 0.16 = 201.2208
        (("81",), "201.22"),
        (("82",), "201.22"),
        (("AS",), "171.04"),  # x 0.16 x 0.85 = 171.03768
        (("80", "AS"), "171.04"),
        (("50", "62"), "1179.03"),  # x 1.5 x 0.625 = 1179.028125
        (("50", "80"), "301.83"),  # x 1.5 x 0.16 = 301.8312
        (("54",), "993.53"),  # before and during, 0.10 + 0.69: 993.5277
        (("55",), "264.10"),  # after, 0.21: 264.1023
        (("56",), "125.76"),  # before, 0.10: 125.763
        (("78",), "867.76"),  # during, 0.69: 867.7647
        (("52",), "628.82"),  # half, assumed: 628.815
        (("53",), "628.82"),
        (("GA", "59"), "1257.63"),
    ],
)
def test_a_modifier_changes_the_published_amount(
    allowed: Allowed, modifiers: tuple[str, ...], amount: str
) -> None:
    assert allowed(service(KNEE, *modifiers, place="21")) == [Decimal(amount)]


@pytest.mark.parametrize(
    ("procedure", "indicator", "amount"),
    [
        ("11042", 0, "58.87"),  # one side is all there is: 1.01 + 0.68 + 0.13 = 1.82; 58.87063
        ("69210", 2, "31.05"),  # priced for both sides: 0.61 + 0.28 + 0.07 = 0.96; 31.05264
    ],
)
def test_modifier_50_adds_nothing_where_the_schedule_says_so(
    allowed: Allowed, procedure: str, indicator: int, amount: str
) -> None:
    assert allowed(service(procedure, "50", place="22")) == [Decimal(amount)]


def test_modifier_50_pays_each_side_in_full_for_indicator_3(allowed: Allowed) -> None:
    # 70120, whole, office: 0.18 + 0.95 + 0.02 = 1.15; 37.198475, published 37.20; twice that.
    assert allowed(service("70120", "50")) == [Decimal("74.40")]


def test_the_components_of_a_test_have_their_own_amounts(allowed: Allowed) -> None:
    # 70551: 26 is 1.48 + 0.53 + 0.07 = 2.08, 67.28072; TC is 3.88 + 0.02 = 3.90, 126.15135.
    one_day_each = [
        service("70551", *modifiers, on=f"2025-06-0{day}")
        for day, modifiers in enumerate([(), ("26",), ("TC",)], start=1)
    ]
    assert allowed(*one_day_each) == [Decimal("193.43"), Decimal("67.28"), Decimal("126.15")]


def test_care_that_the_schedule_does_not_split_is_paid_whole_with_modifier_54(allowed: Allowed) -> None:
    # 20610 has no postoperative period, and zero in all three shares: 0.79 + 1.04 + 0.13 = 1.96; 63.39914.
    assert allowed(service("20610", "54")) == [Decimal("63.40")]


@pytest.mark.parametrize(
    ("line", "basis"),
    [
        (service("99213", "26"), "component_not_available"),
        (service("99213", "62"), "co_surgeon_not_payable"),
        (service("90834", "80"), "assistant_not_payable"),
        (service("11042", "AS"), "assistant_not_payable"),
        (service(KNEE, "66", place="21"), "team_surgery_not_payable"),
    ],
)
def test_a_modifier_that_the_schedule_does_not_pay_leaves_no_price(
    priced: Priced, line: dict[str, object], basis: str
) -> None:
    [row] = priced(line)
    assert (row["allowed"], row["basis"]) == (None, basis)


def test_a_price_that_hangs_on_documents_says_so(priced: Priced) -> None:
    co_surgeon, assistant = priced(
        service(KNEE, "62", place="21"), service("29881", "80", place="24", claim=2)
    )
    assert co_surgeon["reductions"] == "co-surgeon 62.5% if documentation supports it"
    assert assistant["reductions"] == "assistant 16% if documentation supports it"


def test_a_share_that_nobody_publishes_is_named_as_an_assumption(priced: Priced) -> None:
    [row] = priced(service(KNEE, "52", place="21"))
    assert row["reductions"] == "reduced or discontinued 50% of the fee assumed, priced by report"


def test_a_contract_may_set_the_share_of_a_reduced_service(allowed: Allowed) -> None:
    pricer = Pricer.from_text(
        "contracts: [{kind: medicare_pfs, terms: {reduced_service_percent: 62.5}}]", "terms.yaml"
    )
    assert allowed(service(KNEE, "52", place="21"), pricer=pricer) == [Decimal("786.02")]
