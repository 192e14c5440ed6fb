"""Several procedures, tests or therapies of one day. Amounts are 2025, national, worked out by hand.

Facility amounts (relative value units x 32.3465, to the cent):

    49505  15.94  515.60      43235  3.65  118.06      45378  5.48  177.26
    11042   1.82   58.87      43239  4.10  132.62      45380  5.96  192.79
    20610   1.36   43.99      43248  4.92  159.14      45385  7.51  242.92
    27447  38.88 1257.63
"""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from .conftest import Allowed, Priced, service


def surgery(procedure: str, *modifiers: str, **more: Any) -> dict[str, Any]:
    return service(procedure, *modifiers, place="22", **more)


AMOUNTS = {
    "49505": Decimal("515.60"),  # the highest, in full
    "11042": Decimal("29.44"),  # 58.87 / 2 = 29.435
    "20610": Decimal("22.00"),  # 43.99 / 2 = 21.995
}


@pytest.mark.parametrize("order", list(permutations(AMOUNTS)))
def test_the_highest_fee_is_paid_in_full_and_the_others_by_half_in_any_order(
    allowed: Allowed, order: tuple[str, ...]
) -> None:
    assert allowed(*map(surgery, order)) == [AMOUNTS[procedure] for procedure in order]


def test_modifier_51_on_the_highest_fee_does_not_change_the_ranking(allowed: Allowed) -> None:
    lines = (surgery("20610"), surgery("49505", "51"), surgery("11042", "51"))
    assert allowed(*lines) == [AMOUNTS[procedure] for procedure in ("20610", "49505", "11042")]


def test_modifier_51_on_every_line_means_that_the_procedure_in_full_is_on_another_claim(
    allowed: Allowed,
) -> None:
    assert allowed(surgery("49505", "51")) == [Decimal("257.80")]


def test_modifier_51_beside_a_visit_still_halves_the_only_procedure(allowed: Allowed) -> None:
    # 99213 in a facility: 1.30 + 0.57 + 0.10 = 1.97; 63.722605.
    assert allowed(surgery("99213"), surgery("11042", "51")) == [Decimal("63.72"), Decimal("29.44")]


def test_a_second_unit_is_a_second_procedure(allowed: Allowed) -> None:
    # 58.87 + 58.87 / 2 = 88.305
    assert allowed(surgery("11042", units="2")) == [Decimal("88.31")]


def test_the_bilateral_rule_comes_before_the_ranking(allowed: Allowed) -> None:
    # 43.99 x 1.5 = 65.985 is more than 58.87.
    assert allowed(surgery("11042"), surgery("20610", "50")) == [Decimal("29.44"), Decimal("65.99")]


def test_another_day_is_not_reduced(allowed: Allowed) -> None:
    lines = (surgery("49505", on="2025-06-02"), surgery("11042", on="2025-06-03"))
    assert allowed(*lines) == [Decimal("515.60"), Decimal("58.87")]


def test_another_claim_is_not_reduced(allowed: Allowed) -> None:
    assert allowed(surgery("49505"), surgery("11042", claim=2)) == [Decimal("515.60"), Decimal("58.87")]


def test_the_assistant_is_ranked_apart_from_the_surgeon(allowed: Allowed) -> None:
    # 1257.63 x 0.16 = 201.2208; 515.60 / 2 x 0.16 = 41.248
    lines = (surgery("27447"), surgery("27447", "80"), surgery("49505", "80"))
    assert allowed(*lines) == [Decimal("1257.63"), Decimal("201.22"), Decimal("41.25")]


def test_from_the_sixth_on_the_half_is_an_assumption(priced: Priced) -> None:
    rows = priced(*(surgery(code) for code in ("27447", "49505", "45378", "43235", "11042", "20610")))
    assert [row["reductions"] for row in rows] == [
        None,
        *["multiple procedures 50%"] * 4,
        "multiple procedures 50%; sixth or later, priced by report",
    ]


def test_a_second_endoscopy_of_a_family_is_paid_for_what_it_adds_to_the_base(allowed: Allowed) -> None:
    # 132.62 - 118.06
    assert allowed(surgery("43239"), surgery("43248")) == [Decimal("14.56"), Decimal("159.14")]


def test_the_base_of_an_endoscopy_is_included_in_its_family(priced: Priced) -> None:
    base, endoscopy = priced(surgery("43235"), surgery("43239"))
    assert (base["allowed"], endoscopy["allowed"]) == (Decimal("0.00"), Decimal("132.62"))
    assert base["reductions"] == "endoscopy base included in its family"


def test_families_of_endoscopies_rank_as_one_procedure_each(allowed: Allowed) -> None:
    # Colon: 242.92 + (192.79 - 177.26) = 258.45, in full.
    # Stomach: 159.14 + (132.62 - 118.06) = 173.70, by half: 79.57 and 7.28.
    lines = (surgery("43239"), surgery("45385"), surgery("43248"), surgery("45380"))
    assert allowed(*lines) == [Decimal("7.28"), Decimal("242.92"), Decimal("79.57"), Decimal("15.53")]


def test_unrelated_endoscopies_are_reduced_as_procedures(allowed: Allowed) -> None:
    assert allowed(surgery("43239"), surgery("45385")) == [Decimal("66.31"), Decimal("242.92")]


def test_a_second_image_is_reduced_by_component(allowed: Allowed) -> None:
    # 70551: technical 126.15 is the higher, in full; professional 67.28 x 0.95 = 63.916: 190.066
    # 72148: technical 120.65 / 2 = 60.325; professional 67.60 is the higher, in full: 127.925
    assert allowed(service("70551"), service("72148")) == [Decimal("190.07"), Decimal("127.93")]


def test_professional_and_technical_lines_are_ranked_apart(allowed: Allowed) -> None:
    lines = (service("70551", "TC"), service("72148", "TC"), service("70551", "26"), service("72148", "26"))
    # 120.65 / 2 = 60.325; 67.28 x 0.95 = 63.916
    assert allowed(*lines) == [Decimal("126.15"), Decimal("60.33"), Decimal("63.92"), Decimal("67.60")]


def test_an_image_of_a_session_of_its_own_is_not_reduced(allowed: Allowed) -> None:
    assert allowed(service("70551"), service("72148", "59")) == [Decimal("193.43"), Decimal("188.26")]


def test_a_second_cardiovascular_test_loses_a_quarter_of_its_technical_component(allowed: Allowed) -> None:
    # 93880: 181.79, its technical 145.56 is the higher. 93306: 122.59 x 0.75 + 65.34 = 157.2825
    assert allowed(service("93306"), service("93880")) == [Decimal("157.28"), Decimal("181.79")]


def test_a_second_eye_test_loses_a_fifth_of_its_technical_component(allowed: Allowed) -> None:
    # 92083: 61.13, technical 35.58. 92133: 13.91 x 0.8 + 15.85 = 26.978
    assert allowed(service("92083"), service("92133")) == [Decimal("61.13"), Decimal("26.98")]


def test_further_units_of_therapy_lose_half_of_the_practice_expense(allowed: Allowed) -> None:
    # 97530 has the highest practice expense, 0.62: 0.44 + 0.62 + 0.01 = 1.07, 34.610755, in full.
    # 97110, two units: 0.45 + 0.215 + 0.01 = 0.675, 21.8338875, so 2 x 21.83.
    assert allowed(service("97110", units="2"), service("97530")) == [Decimal("43.66"), Decimal("34.61")]


def test_an_injection_status_service_is_paid_only_by_itself(priced: Priced) -> None:
    # 94760: 0.10 + 0.01 = 0.11; 3.558115.
    [alone] = priced(service("94760"))
    beside = priced(service("94760"), service("99213"))
    assert (alone["allowed"], beside[0]["basis"]) == (Decimal("3.56"), "bundled_same_day")
