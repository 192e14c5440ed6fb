"""What CMS published, to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .conftest import Allowed, Priced, service

# CMS, Physician Fee Schedule Payment Amount File 2020 (PFALL20), contractor 15202, locality 00: Ohio, which
# is one locality. Indices 1.000, 0.915 and 1.049; conversion factor 36.0896.
OHIO_2020 = [
    ("99213", "", "11", "73.04"),
    ("99213", "", "22", "51.24"),
    ("99214", "", "11", "106.18"),
    ("99214", "", "21", "78.77"),
    ("99203", "", "11", "105.04"),
    ("99232", "", "21", "72.06"),
    ("99291", "", "23", "223.12"),
    ("90834", "", "11", "93.04"),
    ("G0438", "", "11", "166.26"),
    ("20610", "", "11", "61.45"),
    ("20610", "", "24", "46.59"),
    ("11042", "", "11", "121.57"),
    ("36556", "", "21", "87.67"),
    ("27447", "", "21", "1376.48"),
    ("66984", "", "24", "535.30"),
    ("43239", "", "24", "140.44"),
    ("45378", "", "11", "323.05"),
    ("45378", "53", "11", "161.88"),  # rows of their own, not half of the fee
    ("45378", "53", "22", "94.51"),
    ("G0105", "53", "22", "94.14"),
    ("71046", "", "11", "31.15"),
    ("71046", "26", "22", "10.96"),
    ("70551", "26", "22", "74.60"),
    ("70551", "TC", "11", "137.80"),
    ("88305", "", "11", "67.78"),
    ("88305", "26", "22", "38.34"),
    ("92083", "TC", "11", "33.07"),
    ("93306", "", "11", "198.45"),
    ("97110", "", "11", "30.21"),
    # Capped at the outpatient payment amount that the same file gives (291.65, 217.38, 190.51 uncapped).
    ("70336", "", "11", "287.69"),
    ("70336", "TC", "11", "213.42"),
    ("70480", "", "11", "166.73"),
]

# CMS-1784-F (88 FR 78818), table "Impact on CY 2024 payment for selected procedures": national amounts at the
# conversion factor of January 2024, 32.7442.
NATION_2024 = [
    ("11721", "", "11", "43.88"),
    ("11721", "", "22", "22.92"),
    ("17000", "", "11", "66.80"),
    ("27130", "", "21", "1264.91"),
    ("27447", "", "21", "1262.94"),
    ("33533", "", "21", "1803.88"),
    ("43239", "", "11", "369.35"),
    ("43239", "", "22", "134.25"),
    ("66984", "", "24", "528.49"),
    ("77427", "", "11", "186.64"),
    ("88305", "26", "22", "35.36"),
    ("90471", "", "11", "20.30"),
    ("92014", "", "11", "123.45"),
    ("93000", "", "11", "14.08"),
    ("93010", "", "21", "7.86"),
    ("93015", "", "11", "70.73"),
    ("93307", "26", "21", "41.59"),
    ("93458", "26", "22", "281.27"),
    ("98941", "", "11", "38.64"),
    ("99203", "", "11", "109.69"),
    ("99203", "", "22", "79.90"),
    ("99213", "", "11", "89.39"),
    ("99213", "", "22", "64.18"),
    ("99214", "", "22", "94.63"),
]


@pytest.mark.parametrize(("procedure", "modifier", "place", "amount"), OHIO_2020)
def test_a_line_in_ohio_in_2020_is_allowed_what_cms_published(
    allowed: Allowed, procedure: str, modifier: str, place: str, amount: str
) -> None:
    line = service(procedure, *filter(None, [modifier]), place=place, on="2020-07-01")
    assert allowed(line, state="OH") == [Decimal(amount)]


@pytest.mark.parametrize(("procedure", "modifier", "place", "amount"), NATION_2024)
def test_a_line_at_national_rates_in_january_2024_is_allowed_what_cms_published(
    allowed: Allowed, procedure: str, modifier: str, place: str, amount: str
) -> None:
    line = service(procedure, *filter(None, [modifier]), place=place, on="2024-01-15")
    assert allowed(line) == [Decimal(amount)]


def test_further_therapy_units_are_allowed_the_reduced_amount_that_cms_published(allowed: Allowed) -> None:
    # PFALL20, 15202-00: 97110 is 30.21 and 23.60 with half the practice expense; 97140 is 22.05 so reduced.
    # 97110 has the higher practice expense (0.40 x 0.915 against 0.35 x 0.915): its first unit is full.
    lines = (service("97140", on="2020-07-01"), service("97110", on="2020-07-01", units="3"))
    assert allowed(*lines, state="OH") == [Decimal("22.05"), Decimal("30.21") + 2 * Decimal("23.60")]


@pytest.mark.parametrize(
    ("day", "factor", "amount"),
    [
        # 99213, non-facility, national. Relative values as CMS published them for the year:
        ("2021-05-01", "34.8931", "92.47"),  # 1.30 + 1.25 + 0.10 = 2.65; 92.466715
        ("2022-05-01", "34.6062", "92.05"),  # 1.30 + 1.26 + 0.10 = 2.66; 92.052492
        ("2023-05-01", "33.8872", "90.82"),  # 1.30 + 1.28 + 0.10 = 2.68; 90.817696
        ("2024-03-08", "32.7442", "89.39"),  # 1.30 + 1.33 + 0.10 = 2.73; 89.391666
        ("2024-03-09", "33.2875", "90.87"),  # the same values; 90.874875
        ("2025-05-01", "32.3465", "88.95"),  # 1.30 + 1.35 + 0.10 = 2.75; 88.952875
    ],
)
def test_the_conversion_factor_is_that_of_the_date_of_service(
    priced: Priced, day: str, factor: str, amount: str
) -> None:
    [row] = priced(service("99213", on=day))
    assert (row["conversion_factor"], row["allowed"]) == (Decimal(factor), Decimal(amount))
